package import RecordBatch

package struct OffsetCommitRequest: RequestMessage {
    package typealias Response = OffsetCommitResponse
    package static var api: APIKey { .offsetCommit }

    package var groupID = ""
    package var generationIDOrMemberEpoch: Int32 = -1
    package var memberID = ""
    package var groupInstanceID: String?
    package var retentionTimeMs: Int64 = -1
    package var topics: [Topic] = []

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("groupId", &groupID)
        try coder.field("generationIdOrMemberEpoch", &generationIDOrMemberEpoch)
        try coder.field("memberId", &memberID)
        try coder.field("groupInstanceId", &groupInstanceID, 7...)
        try coder.field("retentionTimeMs", &retentionTimeMs, ...4)
        try coder.field("topics", &topics)
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
            package var committedOffset = Offset(0)
            package var committedLeaderEpoch = LeaderEpoch.none
            package var committedMetadata: String? = ""

            package init() {}

            package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                try coder.field("partitionIndex", &partitionIndex)
                try coder.field("committedOffset", &committedOffset)
                try coder.field("committedLeaderEpoch", &committedLeaderEpoch, 6...)
                try coder.field("committedMetadata", &committedMetadata)
            }
        }
    }
}

package struct OffsetCommitResponse: ResponseMessage {
    package static var api: APIKey { .offsetCommit }

    package var throttleTimeMs: Int32 = 0
    package var topics: [Topic] = []

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("throttleTimeMs", &throttleTimeMs, 3...)
        try coder.field("topics", &topics)
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
            package var errorCode = ErrorCode.none

            package init() {}

            package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                try coder.field("partitionIndex", &partitionIndex)
                try coder.field("errorCode", &errorCode)
            }
        }
    }
}
