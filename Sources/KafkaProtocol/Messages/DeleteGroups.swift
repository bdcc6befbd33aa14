package struct DeleteGroupsRequest: RequestMessage {
    package typealias Response = DeleteGroupsResponse
    package static var api: APIKey { .deleteGroups }

    package var groupsNames: [String] = []

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("groupsNames", &groupsNames)
    }
}

package struct DeleteGroupsResponse: ResponseMessage {
    package static var api: APIKey { .deleteGroups }

    package var throttleTimeMs: Int32 = 0
    package var results: [DeletableGroupResult] = []

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("throttleTimeMs", &throttleTimeMs)
        try coder.field("results", &results)
    }

    package struct DeletableGroupResult: WireStructure, Hashable, Sendable {
        package var groupID = ""
        package var errorCode = ErrorCode.none

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("groupId", &groupID)
            try coder.field("errorCode", &errorCode)
        }
    }
}
