package struct CreatePartitionsRequest: RequestMessage {
    package typealias Response = CreatePartitionsResponse
    package static var api: APIKey { .createPartitions }

    package var topics: [Topic] = []
    package var timeoutMs: Int32 = 0
    package var validateOnly = false

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("topics", &topics)
        try coder.field("timeoutMs", &timeoutMs)
        try coder.field("validateOnly", &validateOnly)
    }

    package struct Topic: WireStructure, Hashable, Sendable {
        package var name = ""
        package var count: Int32 = 0
        package var assignments: [Assignment]? = []

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("name", &name)
            try coder.field("count", &count)
            try coder.field("assignments", &assignments)
        }

        package struct Assignment: WireStructure, Hashable, Sendable {
            package var brokerIDs: [Int32] = []

            package init() {}

            package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                try coder.field("brokerIds", &brokerIDs)
            }
        }
    }
}

package struct CreatePartitionsResponse: ResponseMessage {
    package static var api: APIKey { .createPartitions }

    package var throttleTimeMs: Int32 = 0
    package var results: [TopicResult] = []

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("throttleTimeMs", &throttleTimeMs)
        try coder.field("results", &results)
    }

    package struct TopicResult: WireStructure, Hashable, Sendable {
        package var name = ""
        package var errorCode = ErrorCode.none
        package var errorMessage: String?

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("name", &name)
            try coder.field("errorCode", &errorCode)
            try coder.field("errorMessage", &errorMessage)
        }
    }
}
