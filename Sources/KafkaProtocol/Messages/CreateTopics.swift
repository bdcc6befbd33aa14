package import RecordBatch

package struct CreateTopicsRequest: RequestMessage {
    package typealias Response = CreateTopicsResponse
    package static var api: APIKey { .createTopics }

    package var topics: [CreatableTopic] = []
    package var timeoutMs: Int32 = 60000
    package var validateOnly = false

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("topics", &topics)
        try coder.field("timeoutMs", &timeoutMs)
        try coder.field("validateOnly", &validateOnly)
    }

    package struct CreatableTopic: WireStructure, Hashable, Sendable {
        package var name = ""
        package var numPartitions: Int32 = 0
        package var replicationFactor: Int16 = 0
        package var assignments: [CreatableReplicaAssignment] = []
        package var configs: [CreatableTopicConfig] = []

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("name", &name)
            try coder.field("numPartitions", &numPartitions)
            try coder.field("replicationFactor", &replicationFactor)
            try coder.field("assignments", &assignments)
            try coder.field("configs", &configs)
        }

        package struct CreatableReplicaAssignment: WireStructure, Hashable, Sendable {
            package var partitionIndex: Int32 = 0
            package var brokerIDs: [Int32] = []

            package init() {}

            package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                try coder.field("partitionIndex", &partitionIndex)
                try coder.field("brokerIds", &brokerIDs)
            }
        }

        package struct CreatableTopicConfig: WireStructure, Hashable, Sendable {
            package var name = ""
            package var value: String? = ""

            package init() {}

            package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                try coder.field("name", &name)
                try coder.field("value", &value)
            }
        }
    }
}

package struct CreateTopicsResponse: ResponseMessage {
    package static var api: APIKey { .createTopics }

    package var throttleTimeMs: Int32 = 0
    package var topics: [CreatableTopicResult] = []

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("throttleTimeMs", &throttleTimeMs)
        try coder.field("topics", &topics)
    }

    package struct CreatableTopicResult: WireStructure, Hashable, Sendable {
        package var name = ""
        package var topicID = TopicID.zero
        package var errorCode = ErrorCode.none
        package var errorMessage: String? = ""
        package var topicConfigErrorCode = ErrorCode.none
        package var numPartitions: Int32 = -1
        package var replicationFactor: Int16 = -1
        package var configs: [CreatableTopicConfigs]? = []

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("name", &name)
            try coder.field("topicId", &topicID, 7...)
            try coder.field("errorCode", &errorCode)
            try coder.field("errorMessage", &errorMessage)
            try coder.field("numPartitions", &numPartitions, 5...)
            try coder.field("replicationFactor", &replicationFactor, 5...)
            try coder.field("configs", &configs, 5...)
        }

        package mutating func taggedFields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.tag(0, "topicConfigErrorCode", &topicConfigErrorCode, default: ErrorCode.none)
        }

        package struct CreatableTopicConfigs: WireStructure, Hashable, Sendable {
            package var name = ""
            package var value: String? = ""
            package var readOnly = false
            package var configSource: Int8 = -1
            package var isSensitive = false

            package init() {}

            package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                try coder.field("name", &name, 5...)
                try coder.field("value", &value, 5...)
                try coder.field("readOnly", &readOnly, 5...)
                try coder.field("configSource", &configSource, 5...)
                try coder.field("isSensitive", &isSensitive, 5...)
            }
        }
    }
}
