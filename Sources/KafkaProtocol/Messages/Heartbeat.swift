package struct HeartbeatRequest: RequestMessage {
    package typealias Response = HeartbeatResponse
    package static var api: APIKey { .heartbeat }

    package var groupID = ""
    package var generationID: Int32 = 0
    package var memberID = ""
    package var groupInstanceID: String?

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("groupId", &groupID)
        try coder.field("generationId", &generationID)
        try coder.field("memberId", &memberID)
        try coder.field("groupInstanceId", &groupInstanceID, 3...)
    }
}

package struct HeartbeatResponse: ResponseMessage {
    package static var api: APIKey { .heartbeat }

    package var throttleTimeMs: Int32 = 0
    package var errorCode = ErrorCode.none

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("throttleTimeMs", &throttleTimeMs, 1...)
        try coder.field("errorCode", &errorCode)
    }
}
