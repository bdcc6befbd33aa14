package import RecordBatch

package struct FetchRequest: RequestMessage {
    package typealias Response = FetchResponse
    package static var api: APIKey { .fetch }

    package var clusterID: String?
    package var replicaID: Int32 = -1
    package var replicaState = ReplicaState()
    package var maxWaitMs: Int32 = 0
    package var minBytes: Int32 = 0
    package var maxBytes: Int32 = .max
    package var isolationLevel: Int8 = 0
    package var sessionID: Int32 = 0
    package var sessionEpoch: Int32 = -1
    package var topics: [Topic] = []
    package var forgottenTopicsData: [ForgottenTopic] = []
    package var rackID = ""

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("replicaId", &replicaID, ...14)
        try coder.field("maxWaitMs", &maxWaitMs)
        try coder.field("minBytes", &minBytes)
        try coder.field("maxBytes", &maxBytes)
        try coder.field("isolationLevel", &isolationLevel)
        try coder.field("sessionId", &sessionID, 7...)
        try coder.field("sessionEpoch", &sessionEpoch, 7...)
        try coder.field("topics", &topics)
        try coder.field("forgottenTopicsData", &forgottenTopicsData, 7...)
        try coder.field("rackId", &rackID, 11...)
    }

    package mutating func taggedFields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.tag(0, "clusterId", &clusterID, default: nil)
        try coder.tag(1, "replicaState", &replicaState, default: ReplicaState(), 15...)
    }

    package struct ReplicaState: WireStructure, Hashable, Sendable {
        package var replicaID: Int32 = -1
        package var replicaEpoch: Int64 = -1

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("replicaId", &replicaID, 15...)
            try coder.field("replicaEpoch", &replicaEpoch, 15...)
        }
    }

    package struct Topic: WireStructure, Hashable, Sendable {
        package var topic = ""
        package var topicID = TopicID.zero
        package var partitions: [Partition] = []

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("topic", &topic, ...12)
            try coder.field("topicId", &topicID, 13...)
            try coder.field("partitions", &partitions)
        }

        package struct Partition: WireStructure, Hashable, Sendable {
            package var partition: Int32 = 0
            package var currentLeaderEpoch = LeaderEpoch.none
            package var fetchOffset = Offset(0)
            package var lastFetchedEpoch = LeaderEpoch.none
            package var logStartOffset = Offset(-1)
            package var partitionMaxBytes: Int32 = 0
            package var replicaDirectoryID = KafkaUUID(rawValue: 0)

            package init() {}

            package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                try coder.field("partition", &partition)
                try coder.field("currentLeaderEpoch", &currentLeaderEpoch, 9...)
                try coder.field("fetchOffset", &fetchOffset)
                try coder.field("lastFetchedEpoch", &lastFetchedEpoch, 12...)
                try coder.field("logStartOffset", &logStartOffset, 5...)
                try coder.field("partitionMaxBytes", &partitionMaxBytes)
            }

            package mutating func taggedFields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                try coder.tag(0, "replicaDirectoryId", &replicaDirectoryID, default: KafkaUUID(rawValue: 0), 17...)
            }
        }
    }

    package struct ForgottenTopic: WireStructure, Hashable, Sendable {
        package var topic = ""
        package var topicID = TopicID.zero
        package var partitions: [Int32] = []

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("topic", &topic, 7...12)
            try coder.field("topicId", &topicID, 13...)
            try coder.field("partitions", &partitions, 7...)
        }
    }
}

package struct FetchResponse: ResponseMessage {
    package static var api: APIKey { .fetch }

    package var throttleTimeMs: Int32 = 0
    package var errorCode = ErrorCode.none
    package var sessionID: Int32 = 0
    package var responses: [FetchableTopicResponse] = []
    package var nodeEndpoints: [NodeEndpoint] = []

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("throttleTimeMs", &throttleTimeMs)
        try coder.field("errorCode", &errorCode, 7...)
        try coder.field("sessionId", &sessionID, 7...)
        try coder.field("responses", &responses)
    }

    package mutating func taggedFields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.tag(0, "nodeEndpoints", &nodeEndpoints, default: [], 16...)
    }

    package struct FetchableTopicResponse: WireStructure, Hashable, Sendable {
        package var topic = ""
        package var topicID = TopicID.zero
        package var partitions: [PartitionData] = []

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("topic", &topic, ...12)
            try coder.field("topicId", &topicID, 13...)
            try coder.field("partitions", &partitions)
        }

        package struct PartitionData: WireStructure, Hashable, Sendable {
            package var partitionIndex: Int32 = 0
            package var errorCode = ErrorCode.none
            package var highWatermark = Offset(0)
            package var lastStableOffset = Offset(-1)
            package var logStartOffset = Offset(-1)
            package var divergingEpoch = EpochEndOffset()
            package var currentLeader = LeaderIDAndEpoch()
            package var snapshotID = SnapshotID()
            package var abortedTransactions: [AbortedTransaction]? = []
            package var preferredReadReplica: Int32 = -1
            package var records: RecordsField?

            package init() {}

            package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                try coder.field("partitionIndex", &partitionIndex)
                try coder.field("errorCode", &errorCode)
                try coder.field("highWatermark", &highWatermark)
                try coder.field("lastStableOffset", &lastStableOffset)
                try coder.field("logStartOffset", &logStartOffset, 5...)
                try coder.field("abortedTransactions", &abortedTransactions)
                try coder.field("preferredReadReplica", &preferredReadReplica, 11...)
                try coder.field("records", &records)
            }

            package mutating func taggedFields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                try coder.tag(0, "divergingEpoch", &divergingEpoch, default: EpochEndOffset())
                try coder.tag(1, "currentLeader", &currentLeader, default: LeaderIDAndEpoch())
                try coder.tag(2, "snapshotId", &snapshotID, default: SnapshotID())
            }

            package struct EpochEndOffset: WireStructure, Hashable, Sendable {
                package var epoch = LeaderEpoch.none
                package var endOffset = Offset(-1)

                package init() {}

                package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                    try coder.field("epoch", &epoch, 12...)
                    try coder.field("endOffset", &endOffset, 12...)
                }
            }

            package struct LeaderIDAndEpoch: WireStructure, Hashable, Sendable {
                package var leaderID: Int32 = -1
                package var leaderEpoch = LeaderEpoch.none

                package init() {}

                package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                    try coder.field("leaderId", &leaderID, 12...)
                    try coder.field("leaderEpoch", &leaderEpoch, 12...)
                }
            }

            package struct SnapshotID: WireStructure, Hashable, Sendable {
                package var endOffset = Offset(-1)
                package var epoch = LeaderEpoch.none

                package init() {}

                package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                    try coder.field("endOffset", &endOffset)
                    try coder.field("epoch", &epoch)
                }
            }

            package struct AbortedTransaction: WireStructure, Hashable, Sendable {
                package var producerID = ProducerID(0)
                package var firstOffset = Offset(0)

                package init() {}

                package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                    try coder.field("producerId", &producerID)
                    try coder.field("firstOffset", &firstOffset)
                }
            }
        }
    }

    package struct NodeEndpoint: WireStructure, Hashable, Sendable {
        package var nodeID: Int32 = 0
        package var host = ""
        package var port: Int32 = 0
        package var rack: String?

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("nodeId", &nodeID, 16...)
            try coder.field("host", &host, 16...)
            try coder.field("port", &port, 16...)
            try coder.field("rack", &rack, 16...)
        }
    }
}
