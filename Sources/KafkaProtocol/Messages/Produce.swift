package import RecordBatch

package struct ProduceRequest: RequestMessage {
    package typealias Response = ProduceResponse
    package static var api: APIKey { .produce }

    package var transactionalID: String?
    package var acks: Int16 = 0
    package var timeoutMs: Int32 = 0
    package var topicData: [TopicProduceData] = []

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("transactionalId", &transactionalID)
        try coder.field("acks", &acks)
        try coder.field("timeoutMs", &timeoutMs)
        try coder.field("topicData", &topicData)
    }

    package struct TopicProduceData: WireStructure, Hashable, Sendable {
        package var name = ""
        package var partitionData: [PartitionProduceData] = []

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("name", &name)
            try coder.field("partitionData", &partitionData)
        }

        package struct PartitionProduceData: WireStructure, Hashable, Sendable {
            package var index: Int32 = 0
            package var records: RecordsField?

            package init() {}

            package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                try coder.field("index", &index)
                try coder.field("records", &records)
            }
        }
    }
}

package struct ProduceResponse: ResponseMessage {
    package static var api: APIKey { .produce }

    package var responses: [TopicProduceResponse] = []
    package var throttleTimeMs: Int32 = 0
    package var nodeEndpoints: [NodeEndpoint] = []

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("responses", &responses)
        try coder.field("throttleTimeMs", &throttleTimeMs)
    }

    package mutating func taggedFields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.tag(0, "nodeEndpoints", &nodeEndpoints, default: [], 10...)
    }

    package struct TopicProduceResponse: WireStructure, Hashable, Sendable {
        package var name = ""
        package var partitionResponses: [PartitionProduceResponse] = []

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("name", &name)
            try coder.field("partitionResponses", &partitionResponses)
        }

        package struct PartitionProduceResponse: WireStructure, Hashable, Sendable {
            package var index: Int32 = 0
            package var errorCode = ErrorCode.none
            package var baseOffset = Offset(0)
            package var logAppendTimeMs = Timestamp(-1)
            package var logStartOffset = Offset(-1)
            package var recordErrors: [BatchIndexAndErrorMessage] = []
            package var errorMessage: String?
            package var currentLeader = LeaderIDAndEpoch()

            package init() {}

            package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                try coder.field("index", &index)
                try coder.field("errorCode", &errorCode)
                try coder.field("baseOffset", &baseOffset)
                try coder.field("logAppendTimeMs", &logAppendTimeMs)
                try coder.field("logStartOffset", &logStartOffset, 5...)
                try coder.field("recordErrors", &recordErrors, 8...)
                try coder.field("errorMessage", &errorMessage, 8...)
            }

            package mutating func taggedFields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                try coder.tag(0, "currentLeader", &currentLeader, default: LeaderIDAndEpoch(), 10...)
            }

            package struct BatchIndexAndErrorMessage: WireStructure, Hashable, Sendable {
                package var batchIndex: Int32 = 0
                package var batchIndexErrorMessage: String?

                package init() {}

                package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                    try coder.field("batchIndex", &batchIndex, 8...)
                    try coder.field("batchIndexErrorMessage", &batchIndexErrorMessage, 8...)
                }
            }

            package struct LeaderIDAndEpoch: WireStructure, Hashable, Sendable {
                package var leaderID: Int32 = -1
                package var leaderEpoch = LeaderEpoch.none

                package init() {}

                package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                    try coder.field("leaderId", &leaderID, 10...)
                    try coder.field("leaderEpoch", &leaderEpoch, 10...)
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
            try coder.field("nodeId", &nodeID, 10...)
            try coder.field("host", &host, 10...)
            try coder.field("port", &port, 10...)
            try coder.field("rack", &rack, 10...)
        }
    }
}
