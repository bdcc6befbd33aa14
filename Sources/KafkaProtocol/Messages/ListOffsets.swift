package import RecordBatch

package struct ListOffsetsRequest: RequestMessage {
    package typealias Response = ListOffsetsResponse
    package static var api: APIKey { .listOffsets }

    package var replicaID: Int32 = 0
    package var isolationLevel: Int8 = 0
    package var topics: [Topic] = []
    package var timeoutMs: Int32 = 0

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("replicaId", &replicaID)
        try coder.field("isolationLevel", &isolationLevel, 2...)
        try coder.field("topics", &topics)
        try coder.field("timeoutMs", &timeoutMs, 10...)
    }

    package struct Topic: WireStructure, Hashable, Sendable {
        package var name = ""
        package var partitions: [Partition] = []

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("name", &name)
            try coder.field("partitions", &partitions)
        }

        package struct Partition: WireStructure, Hashable, Sendable {
            package var partitionIndex: Int32 = 0
            package var currentLeaderEpoch = LeaderEpoch.none
            package var timestamp = Timestamp(0)

            package init() {}

            package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                try coder.field("partitionIndex", &partitionIndex)
                try coder.field("currentLeaderEpoch", &currentLeaderEpoch, 4...)
                try coder.field("timestamp", &timestamp)
            }
        }
    }
}

package struct ListOffsetsResponse: ResponseMessage {
    package static var api: APIKey { .listOffsets }

    package var throttleTimeMs: Int32 = 0
    package var topics: [TopicResponse] = []

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("throttleTimeMs", &throttleTimeMs, 2...)
        try coder.field("topics", &topics)
    }

    package struct TopicResponse: WireStructure, Hashable, Sendable {
        package var name = ""
        package var partitions: [PartitionResponse] = []

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("name", &name)
            try coder.field("partitions", &partitions)
        }

        package struct PartitionResponse: WireStructure, Hashable, Sendable {
            package var partitionIndex: Int32 = 0
            package var errorCode = ErrorCode.none
            package var timestamp = Timestamp(-1)
            package var offset = Offset(-1)
            package var leaderEpoch = LeaderEpoch.none

            package init() {}

            package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                try coder.field("partitionIndex", &partitionIndex)
                try coder.field("errorCode", &errorCode)
                try coder.field("timestamp", &timestamp)
                try coder.field("offset", &offset)
                try coder.field("leaderEpoch", &leaderEpoch, 4...)
            }
        }
    }
}
