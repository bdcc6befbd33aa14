package import RecordBatch

package struct DescribeTopicPartitionsRequest: RequestMessage {
    package typealias Response = DescribeTopicPartitionsResponse
    package static var api: APIKey { .describeTopicPartitions }

    package var topics: [TopicRequest] = []
    package var responsePartitionLimit: Int32 = 2000
    package var cursor: Cursor?

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("topics", &topics)
        try coder.field("responsePartitionLimit", &responsePartitionLimit)
        try coder.field("cursor", &cursor)
    }

    package struct TopicRequest: WireStructure, Hashable, Sendable {
        package var name = ""

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("name", &name)
        }
    }

    package struct Cursor: WireStructure, Hashable, Sendable {
        package var topicName = ""
        package var partitionIndex: Int32 = 0

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("topicName", &topicName)
            try coder.field("partitionIndex", &partitionIndex)
        }
    }
}

package struct DescribeTopicPartitionsResponse: ResponseMessage {
    package static var api: APIKey { .describeTopicPartitions }

    package var throttleTimeMs: Int32 = 0
    package var topics: [Topic] = []
    package var nextCursor: Cursor?

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("throttleTimeMs", &throttleTimeMs)
        try coder.field("topics", &topics)
        try coder.field("nextCursor", &nextCursor)
    }

    package struct Topic: WireStructure, Hashable, Sendable {
        package var errorCode = ErrorCode.none
        package var name: String? = ""
        package var topicID = TopicID.zero
        package var isInternal = false
        package var partitions: [Partition] = []
        package var topicAuthorizedOperations: Int32 = -2147483648

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("errorCode", &errorCode)
            try coder.field("name", &name)
            try coder.field("topicId", &topicID)
            try coder.field("isInternal", &isInternal)
            try coder.field("partitions", &partitions)
            try coder.field("topicAuthorizedOperations", &topicAuthorizedOperations)
        }

        package struct Partition: WireStructure, Hashable, Sendable {
            package var errorCode = ErrorCode.none
            package var partitionIndex: Int32 = 0
            package var leaderID: Int32 = 0
            package var leaderEpoch = LeaderEpoch.none
            package var replicaNodes: [Int32] = []
            package var isrNodes: [Int32] = []
            package var eligibleLeaderReplicas: [Int32]?
            package var lastKnownElr: [Int32]?
            package var offlineReplicas: [Int32] = []

            package init() {}

            package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                try coder.field("errorCode", &errorCode)
                try coder.field("partitionIndex", &partitionIndex)
                try coder.field("leaderId", &leaderID)
                try coder.field("leaderEpoch", &leaderEpoch)
                try coder.field("replicaNodes", &replicaNodes)
                try coder.field("isrNodes", &isrNodes)
                try coder.field("eligibleLeaderReplicas", &eligibleLeaderReplicas)
                try coder.field("lastKnownElr", &lastKnownElr)
                try coder.field("offlineReplicas", &offlineReplicas)
            }
        }
    }

    package struct Cursor: WireStructure, Hashable, Sendable {
        package var topicName = ""
        package var partitionIndex: Int32 = 0

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("topicName", &topicName)
            try coder.field("partitionIndex", &partitionIndex)
        }
    }
}
