package struct SyncGroupRequest: RequestMessage {
    package typealias Response = SyncGroupResponse
    package static var api: APIKey { .syncGroup }

    package var groupID = ""
    package var generationID: Int32 = 0
    package var memberID = ""
    package var groupInstanceID: String?
    package var protocolType: String?
    package var protocolName: String?
    package var assignments: [Assignment] = []

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("groupId", &groupID)
        try coder.field("generationId", &generationID)
        try coder.field("memberId", &memberID)
        try coder.field("groupInstanceId", &groupInstanceID, 3...)
        try coder.field("protocolType", &protocolType, 5...)
        try coder.field("protocolName", &protocolName, 5...)
        try coder.field("assignments", &assignments)
    }

    package struct Assignment: WireStructure, Hashable, Sendable {
        package var memberID = ""
        package var assignment: [UInt8] = []

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("memberId", &memberID)
            try coder.field("assignment", &assignment)
        }
    }
}

package struct SyncGroupResponse: ResponseMessage {
    package static var api: APIKey { .syncGroup }

    package var throttleTimeMs: Int32 = 0
    package var errorCode = ErrorCode.none
    package var protocolType: String?
    package var protocolName: String?
    package var assignment: [UInt8] = []

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("throttleTimeMs", &throttleTimeMs, 1...)
        try coder.field("errorCode", &errorCode)
        try coder.field("protocolType", &protocolType, 5...)
        try coder.field("protocolName", &protocolName, 5...)
        try coder.field("assignment", &assignment)
    }
}
