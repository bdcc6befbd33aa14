import CommitLog
import KafkaProtocol
import RecordBatch

extension LogError {
    /// What a client is told of it.
    ///
    /// Where a disk is at fault the code is one that clients try again for, elsewhere or later: the log may have been
    /// repaired, or the disk cleared, by then.
    var kafkaCode: ErrorCode {
        switch code {
        case .offsetOutOfRange: .offsetOutOfRange
        case .corruptMessage: .corruptMessage
        case .invalidRecord: .invalidRecord
        case .invalidTimestamp: .invalidTimestamp
        case .messageTooLarge: .messageTooLarge
        case .recordListTooLarge: .recordListTooLarge
        case .unsupportedFormat:
            (cause as? RecordBatchError)?.code == .unsupportedCodec ? .unsupportedCompressionType : .invalidRecord
        case .storage, .outOfSpace, .outOfDescriptors, .readOnly, .fenced, .invalidDirectory: .kafkaStorageError
        case .outOfOrderSequence: .outOfOrderSequenceNumber
        case .producerFenced: .invalidProducerEpoch
        case .coordinatorFenced: .transactionCoordinatorFenced
        case .invalidTransactionState: .invalidTxnState
        case .closed, .cancelled: .notLeaderOrFollower
        case .deleted, .notFound: .unknownTopicOrPartition
        default: .unknownServerError
        }
    }
}
