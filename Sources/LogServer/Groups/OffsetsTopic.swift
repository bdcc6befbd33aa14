import CommitLog
import KafkaProtocol
import RecordBatch

/// The topic in which groups and their offsets are stored.
package enum OffsetsTopic {
    /// Its name.
    package static let name = "__consumer_offsets"

    /// As it is made on first need.
    static func metadata(partitionCount: Int32) -> TopicMetadata {
        TopicMetadata(
            name: name,
            id: .random(),
            partitionCount: partitionCount,
            configs: [
                "cleanup.policy": "compact", "compression.type": "producer", "segment.bytes": "\(100 << 20)",
            ]
        )
    }

    /// The partition that a group is stored in.
    ///
    /// Source: Kafka's `GroupCoordinatorService.partitionFor`, with Java's hash of strings.
    package static func partition(of groupID: String, count: Int) -> Int {
        let hash = groupID.utf16.reduce(Int32(0)) { $0 &* 31 &+ Int32($1) }
        return hash == .min ? 0 : Int(abs(hash)) % count
    }

    /// The batches that hold records.
    /// - Parameters:
    ///   - records: At least one.
    ///   - now: The time that they get.
    ///   - batchBytes: At how many bytes another batch is begun; `nil` for none, so that a crash leaves all or nothing.
    static func batches(_ records: [GroupRecord], at now: Timestamp, splitAt batchBytes: Int?) throws -> [UInt8] {
        var builder = RecordBatchBuilder()
        var compressor = Compressor()
        var bytes: [UInt8] = []
        for record in records {
            let (key, value) = try record.encoded()
            try builder.append(key: key, value: value, timestamp: now)
            if let batchBytes, builder.estimatedByteCount >= batchBytes {
                try builder.finish(with: &compressor, appendingTo: &bytes)
            }
        }
        if !builder.isEmpty { try builder.finish(with: &compressor, appendingTo: &bytes) }
        return bytes
    }

    /// What clients are told where something could not be stored.
    static func errorCode(_ error: any Error) -> ErrorCode {
        guard let error = error as? LogError else { return .unknownServerError }
        switch error.code {
        case .messageTooLarge: return .messageTooLarge
        case .recordListTooLarge: return .recordListTooLarge
        default: return .kafkaStorageError
        }
    }
}
