package struct FindCoordinatorRequest: RequestMessage {
    package typealias Response = FindCoordinatorResponse
    package static var api: APIKey { .findCoordinator }

    package var key = ""
    package var keyType: Int8 = 0
    package var coordinatorKeys: [String] = []

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("key", &key, ...3)
        try coder.field("keyType", &keyType, 1...)
        try coder.field("coordinatorKeys", &coordinatorKeys, 4...)
    }
}

package struct FindCoordinatorResponse: ResponseMessage {
    package static var api: APIKey { .findCoordinator }

    package var throttleTimeMs: Int32 = 0
    package var errorCode = ErrorCode.none
    package var errorMessage: String? = ""
    package var nodeID: Int32 = 0
    package var host = ""
    package var port: Int32 = 0
    package var coordinators: [Coordinator] = []

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("throttleTimeMs", &throttleTimeMs, 1...)
        try coder.field("errorCode", &errorCode, ...3)
        try coder.field("errorMessage", &errorMessage, 1...3)
        try coder.field("nodeId", &nodeID, ...3)
        try coder.field("host", &host, ...3)
        try coder.field("port", &port, ...3)
        try coder.field("coordinators", &coordinators, 4...)
    }

    package struct Coordinator: WireStructure, Hashable, Sendable {
        package var key = ""
        package var nodeID: Int32 = 0
        package var host = ""
        package var port: Int32 = 0
        package var errorCode = ErrorCode.none
        package var errorMessage: String? = ""

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("key", &key, 4...)
            try coder.field("nodeId", &nodeID, 4...)
            try coder.field("host", &host, 4...)
            try coder.field("port", &port, 4...)
            try coder.field("errorCode", &errorCode, 4...)
            try coder.field("errorMessage", &errorMessage, 4...)
        }
    }
}
