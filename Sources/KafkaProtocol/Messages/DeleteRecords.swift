package import RecordBatch

package struct DeleteRecordsRequest: RequestMessage {
    package typealias Response = DeleteRecordsResponse
    package static var api: APIKey { .deleteRecords }

    package var topics: [Topic] = []
    package var timeoutMs: Int32 = 0

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("topics", &topics)
        try coder.field("timeoutMs", &timeoutMs)
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
            package var offset = Offset(0)

            package init() {}

            package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                try coder.field("partitionIndex", &partitionIndex)
                try coder.field("offset", &offset)
            }
        }
    }
}

package struct DeleteRecordsResponse: ResponseMessage {
    package static var api: APIKey { .deleteRecords }

    package var throttleTimeMs: Int32 = 0
    package var topics: [TopicResult] = []

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("throttleTimeMs", &throttleTimeMs)
        try coder.field("topics", &topics)
    }

    package struct TopicResult: WireStructure, Hashable, Sendable {
        package var name = ""
        package var partitions: [PartitionResult] = []

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("name", &name)
            try coder.field("partitions", &partitions)
        }

        package struct PartitionResult: WireStructure, Hashable, Sendable {
            package var partitionIndex: Int32 = 0
            package var lowWatermark: Int64 = 0
            package var errorCode = ErrorCode.none

            package init() {}

            package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                try coder.field("partitionIndex", &partitionIndex)
                try coder.field("lowWatermark", &lowWatermark)
                try coder.field("errorCode", &errorCode)
            }
        }
    }
}
