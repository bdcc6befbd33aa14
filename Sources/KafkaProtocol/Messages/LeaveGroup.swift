package struct LeaveGroupRequest: RequestMessage {
    package typealias Response = LeaveGroupResponse
    package static var api: APIKey { .leaveGroup }

    package var groupID = ""
    package var memberID = ""
    package var members: [MemberIdentity] = []

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("groupId", &groupID)
        try coder.field("memberId", &memberID, ...2)
        try coder.field("members", &members, 3...)
    }

    package struct MemberIdentity: WireStructure, Hashable, Sendable {
        package var memberID = ""
        package var groupInstanceID: String?
        package var reason: String?

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("memberId", &memberID, 3...)
            try coder.field("groupInstanceId", &groupInstanceID, 3...)
            try coder.field("reason", &reason, 5...)
        }
    }
}

package struct LeaveGroupResponse: ResponseMessage {
    package static var api: APIKey { .leaveGroup }

    package var throttleTimeMs: Int32 = 0
    package var errorCode = ErrorCode.none
    package var members: [MemberResponse] = []

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("throttleTimeMs", &throttleTimeMs, 1...)
        try coder.field("errorCode", &errorCode)
        try coder.field("members", &members, 3...)
    }

    package struct MemberResponse: WireStructure, Hashable, Sendable {
        package var memberID = ""
        package var groupInstanceID: String? = ""
        package var errorCode = ErrorCode.none

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("memberId", &memberID, 3...)
            try coder.field("groupInstanceId", &groupInstanceID, 3...)
            try coder.field("errorCode", &errorCode, 3...)
        }
    }
}
