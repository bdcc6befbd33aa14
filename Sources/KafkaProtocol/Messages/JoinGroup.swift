package struct JoinGroupRequest: RequestMessage {
    package typealias Response = JoinGroupResponse
    package static var api: APIKey { .joinGroup }

    package var groupID = ""
    package var sessionTimeoutMs: Int32 = 0
    package var rebalanceTimeoutMs: Int32 = -1
    package var memberID = ""
    package var groupInstanceID: String?
    package var protocolType = ""
    package var protocols: [GroupProtocol] = []
    package var reason: String?

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("groupId", &groupID)
        try coder.field("sessionTimeoutMs", &sessionTimeoutMs)
        try coder.field("rebalanceTimeoutMs", &rebalanceTimeoutMs, 1...)
        try coder.field("memberId", &memberID)
        try coder.field("groupInstanceId", &groupInstanceID, 5...)
        try coder.field("protocolType", &protocolType)
        try coder.field("protocols", &protocols)
        try coder.field("reason", &reason, 8...)
    }

    package struct GroupProtocol: WireStructure, Hashable, Sendable {
        package var name = ""
        package var metadata: [UInt8] = []

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("name", &name)
            try coder.field("metadata", &metadata)
        }
    }
}

package struct JoinGroupResponse: ResponseMessage {
    package static var api: APIKey { .joinGroup }

    package var throttleTimeMs: Int32 = 0
    package var errorCode = ErrorCode.none
    package var generationID: Int32 = -1
    package var protocolType: String?
    package var protocolName: String? = ""
    package var leader = ""
    package var skipAssignment = false
    package var memberID = ""
    package var members: [Member] = []

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("throttleTimeMs", &throttleTimeMs, 2...)
        try coder.field("errorCode", &errorCode)
        try coder.field("generationId", &generationID)
        try coder.field("protocolType", &protocolType, 7...)
        try coder.field("protocolName", &protocolName, nullable: 7...)
        try coder.field("leader", &leader)
        try coder.field("skipAssignment", &skipAssignment, 9...)
        try coder.field("memberId", &memberID)
        try coder.field("members", &members)
    }

    package struct Member: WireStructure, Hashable, Sendable {
        package var memberID = ""
        package var groupInstanceID: String?
        package var metadata: [UInt8] = []

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("memberId", &memberID)
            try coder.field("groupInstanceId", &groupInstanceID, 5...)
            try coder.field("metadata", &metadata)
        }
    }
}
