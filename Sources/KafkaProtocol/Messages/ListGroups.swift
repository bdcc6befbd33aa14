package struct ListGroupsRequest: RequestMessage {
    package typealias Response = ListGroupsResponse
    package static var api: APIKey { .listGroups }

    package var statesFilter: [String] = []
    package var typesFilter: [String] = []

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("statesFilter", &statesFilter, 4...)
        try coder.field("typesFilter", &typesFilter, 5...)
    }
}

package struct ListGroupsResponse: ResponseMessage {
    package static var api: APIKey { .listGroups }

    package var throttleTimeMs: Int32 = 0
    package var errorCode = ErrorCode.none
    package var groups: [ListedGroup] = []

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("throttleTimeMs", &throttleTimeMs, 1...)
        try coder.field("errorCode", &errorCode)
        try coder.field("groups", &groups)
    }

    package struct ListedGroup: WireStructure, Hashable, Sendable {
        package var groupID = ""
        package var protocolType = ""
        package var groupState = ""
        package var groupType = ""

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("groupId", &groupID)
            try coder.field("protocolType", &protocolType)
            try coder.field("groupState", &groupState, 4...)
            try coder.field("groupType", &groupType, 5...)
        }
    }
}
