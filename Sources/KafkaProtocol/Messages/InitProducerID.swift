package import RecordBatch

package struct InitProducerIDRequest: RequestMessage {
    package typealias Response = InitProducerIDResponse
    package static var api: APIKey { .initProducerID }

    package var transactionalID: String? = ""
    package var transactionTimeoutMs: Int32 = 0
    package var producerID = ProducerID.none
    package var producerEpoch = ProducerEpoch.none

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("transactionalId", &transactionalID)
        try coder.field("transactionTimeoutMs", &transactionTimeoutMs)
        try coder.field("producerId", &producerID, 3...)
        try coder.field("producerEpoch", &producerEpoch, 3...)
    }
}

package struct InitProducerIDResponse: ResponseMessage {
    package static var api: APIKey { .initProducerID }

    package var throttleTimeMs: Int32 = 0
    package var errorCode = ErrorCode.none
    package var producerID = ProducerID.none
    package var producerEpoch = ProducerEpoch(0)

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("throttleTimeMs", &throttleTimeMs)
        try coder.field("errorCode", &errorCode)
        try coder.field("producerId", &producerID)
        try coder.field("producerEpoch", &producerEpoch)
    }
}
