package import RecordBatch

package struct DeleteTopicsRequest: RequestMessage {
    package typealias Response = DeleteTopicsResponse
    package static var api: APIKey { .deleteTopics }

    package var topics: [DeleteTopicState] = []
    package var topicNames: [String] = []
    package var timeoutMs: Int32 = 0

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("topics", &topics, 6...)
        try coder.field("topicNames", &topicNames, ...5)
        try coder.field("timeoutMs", &timeoutMs)
    }

    package struct DeleteTopicState: WireStructure, Hashable, Sendable {
        package var name: String?
        package var topicID = TopicID.zero

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("name", &name, 6...)
            try coder.field("topicId", &topicID, 6...)
        }
    }
}

package struct DeleteTopicsResponse: ResponseMessage {
    package static var api: APIKey { .deleteTopics }

    package var throttleTimeMs: Int32 = 0
    package var responses: [DeletableTopicResult] = []

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("throttleTimeMs", &throttleTimeMs)
        try coder.field("responses", &responses)
    }

    package struct DeletableTopicResult: WireStructure, Hashable, Sendable {
        package var name: String? = ""
        package var topicID = TopicID.zero
        package var errorCode = ErrorCode.none
        package var errorMessage: String?

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("name", &name, nullable: 6...)
            try coder.field("topicId", &topicID, 6...)
            try coder.field("errorCode", &errorCode)
            try coder.field("errorMessage", &errorMessage, 5...)
        }
    }
}
