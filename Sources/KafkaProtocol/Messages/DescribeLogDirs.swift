package struct DescribeLogDirsRequest: RequestMessage {
    package typealias Response = DescribeLogDirsResponse
    package static var api: APIKey { .describeLogDirs }

    package var topics: [DescribableLogDirTopic]? = []

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("topics", &topics)
    }

    package struct DescribableLogDirTopic: WireStructure, Hashable, Sendable {
        package var topic = ""
        package var partitions: [Int32] = []

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("topic", &topic)
            try coder.field("partitions", &partitions)
        }
    }
}

package struct DescribeLogDirsResponse: ResponseMessage {
    package static var api: APIKey { .describeLogDirs }

    package var throttleTimeMs: Int32 = 0
    package var errorCode = ErrorCode.none
    package var results: [Result] = []

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("throttleTimeMs", &throttleTimeMs)
        try coder.field("errorCode", &errorCode, 3...)
        try coder.field("results", &results)
    }

    package struct Result: WireStructure, Hashable, Sendable {
        package var errorCode = ErrorCode.none
        package var logDir = ""
        package var topics: [Topic] = []
        package var totalBytes: Int64 = -1
        package var usableBytes: Int64 = -1

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("errorCode", &errorCode)
            try coder.field("logDir", &logDir)
            try coder.field("topics", &topics)
            try coder.field("totalBytes", &totalBytes, 4...)
            try coder.field("usableBytes", &usableBytes, 4...)
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
                package var partitionSize: Int64 = 0
                package var offsetLag: Int64 = 0
                package var isFutureKey = false

                package init() {}

                package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                    try coder.field("partitionIndex", &partitionIndex)
                    try coder.field("partitionSize", &partitionSize)
                    try coder.field("offsetLag", &offsetLag)
                    try coder.field("isFutureKey", &isFutureKey)
                }
            }
        }
    }
}
