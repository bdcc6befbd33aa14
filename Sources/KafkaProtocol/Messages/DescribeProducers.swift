package import RecordBatch

package struct DescribeProducersRequest: RequestMessage {
    package typealias Response = DescribeProducersResponse
    package static var api: APIKey { .describeProducers }

    package var topics: [TopicRequest] = []

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("topics", &topics)
    }

    package struct TopicRequest: WireStructure, Hashable, Sendable {
        package var name = ""
        package var partitionIndexes: [Int32] = []

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("name", &name)
            try coder.field("partitionIndexes", &partitionIndexes)
        }
    }
}

package struct DescribeProducersResponse: ResponseMessage {
    package static var api: APIKey { .describeProducers }

    package var throttleTimeMs: Int32 = 0
    package var topics: [TopicResponse] = []

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("throttleTimeMs", &throttleTimeMs)
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
            package var errorMessage: String?
            package var activeProducers: [ProducerState] = []

            package init() {}

            package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                try coder.field("partitionIndex", &partitionIndex)
                try coder.field("errorCode", &errorCode)
                try coder.field("errorMessage", &errorMessage)
                try coder.field("activeProducers", &activeProducers)
            }

            package struct ProducerState: WireStructure, Hashable, Sendable {
                package var producerID = ProducerID(0)
                package var producerEpoch: Int32 = 0
                package var lastSequence: Int32 = -1
                package var lastTimestamp = Timestamp(-1)
                package var coordinatorEpoch: Int32 = 0
                package var currentTxnStartOffset = Offset(-1)

                package init() {}

                package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                    try coder.field("producerId", &producerID)
                    try coder.field("producerEpoch", &producerEpoch)
                    try coder.field("lastSequence", &lastSequence)
                    try coder.field("lastTimestamp", &lastTimestamp)
                    try coder.field("coordinatorEpoch", &coordinatorEpoch)
                    try coder.field("currentTxnStartOffset", &currentTxnStartOffset)
                }
            }
        }
    }
}
