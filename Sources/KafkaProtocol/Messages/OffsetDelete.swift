package struct OffsetDeleteRequest: RequestMessage {
    package typealias Response = OffsetDeleteResponse
    package static var api: APIKey { .offsetDelete }

    package var groupID = ""
    package var topics: [Topic] = []

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("groupId", &groupID)
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

            package init() {}

            package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                try coder.field("partitionIndex", &partitionIndex)
            }
        }
    }
}

package struct OffsetDeleteResponse: ResponseMessage {
    package static var api: APIKey { .offsetDelete }

    package var errorCode = ErrorCode.none
    package var throttleTimeMs: Int32 = 0
    package var topics: [Topic] = []

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("errorCode", &errorCode)
        try coder.field("throttleTimeMs", &throttleTimeMs)
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
