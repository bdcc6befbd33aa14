/// The topics that brokers keep for themselves.
package enum InternalTopics {
    /// Where groups keep their offsets.
    package static let consumerOffsets = "__consumer_offsets"
    /// Where transactions are kept.
    package static let transactionState = "__transaction_state"

    /// Whether clients are told that a topic is internal, and cannot write to it.
    package static func contains(_ topic: String) -> Bool {
        topic == consumerOffsets || topic == transactionState
    }
}
