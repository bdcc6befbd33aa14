package import RecordBatch

package struct OffsetFetchRequest: RequestMessage {
    package typealias Response = OffsetFetchResponse
    package static var api: APIKey { .offsetFetch }

    package var groupID = ""
    package var topics: [Topic]? = []
    package var groups: [Group] = []
    package var requireStable = false

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("groupId", &groupID, ...7)
        try coder.field("topics", &topics, ...7, nullable: 2...)
        try coder.field("groups", &groups, 8...)
        try coder.field("requireStable", &requireStable, 7...)
    }

    package struct Topic: WireStructure, Hashable, Sendable {
        package var name = ""
        package var partitionIndexes: [Int32] = []

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("name", &name, ...7)
            try coder.field("partitionIndexes", &partitionIndexes, ...7)
        }
    }

    package struct Group: WireStructure, Hashable, Sendable {
        package var groupID = ""
        package var memberID: String?
        package var memberEpoch: Int32 = -1
        package var topics: [Topics]? = []

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("groupId", &groupID, 8...)
            try coder.field("memberId", &memberID, 9...)
            try coder.field("memberEpoch", &memberEpoch, 9...)
            try coder.field("topics", &topics, 8...)
        }

        package struct Topics: WireStructure, Hashable, Sendable {
            package var name = ""
            package var partitionIndexes: [Int32] = []

            package init() {}

            package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                try coder.field("name", &name, 8...)
                try coder.field("partitionIndexes", &partitionIndexes, 8...)
            }
        }
    }
}

package struct OffsetFetchResponse: ResponseMessage {
    package static var api: APIKey { .offsetFetch }

    package var throttleTimeMs: Int32 = 0
    package var topics: [Topic] = []
    package var errorCode = ErrorCode.none
    package var groups: [Group] = []

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("throttleTimeMs", &throttleTimeMs, 3...)
        try coder.field("topics", &topics, ...7)
        try coder.field("errorCode", &errorCode, 2...7)
        try coder.field("groups", &groups, 8...)
    }

    package struct Topic: WireStructure, Hashable, Sendable {
        package var name = ""
        package var partitions: [Partition] = []

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("name", &name, ...7)
            try coder.field("partitions", &partitions, ...7)
        }

        package struct Partition: WireStructure, Hashable, Sendable {
            package var partitionIndex: Int32 = 0
            package var committedOffset = Offset(0)
            package var committedLeaderEpoch = LeaderEpoch.none
            package var metadata: String? = ""
            package var errorCode = ErrorCode.none

            package init() {}

            package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                try coder.field("partitionIndex", &partitionIndex, ...7)
                try coder.field("committedOffset", &committedOffset, ...7)
                try coder.field("committedLeaderEpoch", &committedLeaderEpoch, 5...7)
                try coder.field("metadata", &metadata, ...7)
                try coder.field("errorCode", &errorCode, ...7)
            }
        }
    }

    package struct Group: WireStructure, Hashable, Sendable {
        package var groupID = ""
        package var topics: [Topics] = []
        package var errorCode = ErrorCode.none

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("groupId", &groupID, 8...)
            try coder.field("topics", &topics, 8...)
            try coder.field("errorCode", &errorCode, 8...)
        }

        package struct Topics: WireStructure, Hashable, Sendable {
            package var name = ""
            package var partitions: [Partitions] = []

            package init() {}

            package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                try coder.field("name", &name, 8...)
                try coder.field("partitions", &partitions, 8...)
            }

            package struct Partitions: WireStructure, Hashable, Sendable {
                package var partitionIndex: Int32 = 0
                package var committedOffset = Offset(0)
                package var committedLeaderEpoch = LeaderEpoch.none
                package var metadata: String? = ""
                package var errorCode = ErrorCode.none

                package init() {}

                package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                    try coder.field("partitionIndex", &partitionIndex, 8...)
                    try coder.field("committedOffset", &committedOffset, 8...)
                    try coder.field("committedLeaderEpoch", &committedLeaderEpoch, 8...)
                    try coder.field("metadata", &metadata, 8...)
                    try coder.field("errorCode", &errorCode, 8...)
                }
            }
        }
    }
}
