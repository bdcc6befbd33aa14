package import RecordBatch

package struct OffsetForLeaderEpochRequest: RequestMessage {
    package typealias Response = OffsetForLeaderEpochResponse
    package static var api: APIKey { .offsetForLeaderEpoch }

    package var replicaID: Int32 = -2
    package var topics: [OffsetForLeaderTopic] = []

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("replicaId", &replicaID, 3...)
        try coder.field("topics", &topics)
    }

    package struct OffsetForLeaderTopic: WireStructure, Hashable, Sendable {
        package var topic = ""
        package var partitions: [OffsetForLeaderPartition] = []

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("topic", &topic)
            try coder.field("partitions", &partitions)
        }

        package struct OffsetForLeaderPartition: WireStructure, Hashable, Sendable {
            package var partition: Int32 = 0
            package var currentLeaderEpoch = LeaderEpoch.none
            package var leaderEpoch = LeaderEpoch(0)

            package init() {}

            package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                try coder.field("partition", &partition)
                try coder.field("currentLeaderEpoch", &currentLeaderEpoch)
                try coder.field("leaderEpoch", &leaderEpoch)
            }
        }
    }
}

package struct OffsetForLeaderEpochResponse: ResponseMessage {
    package static var api: APIKey { .offsetForLeaderEpoch }

    package var throttleTimeMs: Int32 = 0
    package var topics: [OffsetForLeaderTopicResult] = []

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("throttleTimeMs", &throttleTimeMs)
        try coder.field("topics", &topics)
    }

    package struct OffsetForLeaderTopicResult: WireStructure, Hashable, Sendable {
        package var topic = ""
        package var partitions: [EpochEndOffset] = []

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("topic", &topic)
            try coder.field("partitions", &partitions)
        }

        package struct EpochEndOffset: WireStructure, Hashable, Sendable {
            package var errorCode = ErrorCode.none
            package var partition: Int32 = 0
            package var leaderEpoch = LeaderEpoch.none
            package var endOffset = Offset(-1)

            package init() {}

            package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                try coder.field("errorCode", &errorCode)
                try coder.field("partition", &partition)
                try coder.field("leaderEpoch", &leaderEpoch)
                try coder.field("endOffset", &endOffset)
            }
        }
    }
}
