package struct DescribeGroupsRequest: RequestMessage {
    package typealias Response = DescribeGroupsResponse
    package static var api: APIKey { .describeGroups }

    package var groups: [String] = []
    package var includeAuthorizedOperations = false

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("groups", &groups)
        try coder.field("includeAuthorizedOperations", &includeAuthorizedOperations, 3...)
    }
}

package struct DescribeGroupsResponse: ResponseMessage {
    package static var api: APIKey { .describeGroups }

    package var throttleTimeMs: Int32 = 0
    package var groups: [DescribedGroup] = []

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("throttleTimeMs", &throttleTimeMs, 1...)
        try coder.field("groups", &groups)
    }

    package struct DescribedGroup: WireStructure, Hashable, Sendable {
        package var errorCode = ErrorCode.none
        package var errorMessage: String?
        package var groupID = ""
        package var groupState = ""
        package var protocolType = ""
        package var protocolData = ""
        package var members: [DescribedGroupMember] = []
        package var authorizedOperations: Int32 = -2147483648

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("errorCode", &errorCode)
            try coder.field("errorMessage", &errorMessage, 6...)
            try coder.field("groupId", &groupID)
            try coder.field("groupState", &groupState)
            try coder.field("protocolType", &protocolType)
            try coder.field("protocolData", &protocolData)
            try coder.field("members", &members)
            try coder.field("authorizedOperations", &authorizedOperations, 3...)
        }

        package struct DescribedGroupMember: WireStructure, Hashable, Sendable {
            package var memberID = ""
            package var groupInstanceID: String?
            package var clientID = ""
            package var clientHost = ""
            package var memberMetadata: [UInt8] = []
            package var memberAssignment: [UInt8] = []

            package init() {}

            package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                try coder.field("memberId", &memberID)
                try coder.field("groupInstanceId", &groupInstanceID, 4...)
                try coder.field("clientId", &clientID)
                try coder.field("clientHost", &clientHost)
                try coder.field("memberMetadata", &memberMetadata)
                try coder.field("memberAssignment", &memberAssignment)
            }
        }
    }
}
