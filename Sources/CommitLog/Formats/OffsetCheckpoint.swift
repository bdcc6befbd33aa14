public import RecordBatch

/// A file at the root of a log directory that names one offset for each partition.
///
/// `recovery-point-offset-checkpoint`, `log-start-offset-checkpoint`, `replication-offset-checkpoint` (the high
/// watermarks) and `cleaner-offset-checkpoint` all have this form:
///
/// ```
/// 0                      version
/// 2                      number of entries
/// plain-none 0 2000      topic, partition, offset
/// txn 0 850
/// ```
///
/// Source: Kafka's `OffsetCheckpointFile`.
public struct OffsetCheckpoint: Hashable, Sendable {
    /// The offset of each partition.
    ///
    /// Every offset is at least 0.
    public var offsets: [TopicPartition: Offset]

    /// A checkpoint of the given offsets.
    public init(_ offsets: [TopicPartition: Offset] = [:]) {
        self.offsets = offsets
    }

    /// Parses the contents of a file.
    ///
    /// An empty file has no entries.
    /// - Parameter bytes: The whole file.
    /// - Throws: `FormatError` when anything is not as drawn, or a partition comes twice.
    public init(parsing bytes: [UInt8]) throws(FormatError) {
        offsets = [:]
        for entry in try CheckpointText(format: "offset checkpoint", fieldsPerEntry: 3).entries(parsing: bytes) {
            let partition: TopicPartition
            do {
                partition = try TopicPartition(
                    topic: String(entry.fields[0]),
                    partition: try entry.integer(1, "the partition", least: 0)
                )
            } catch {
                throw entry.malformed(error.reason)
            }
            let offset = Offset(rawValue: try entry.integer(2, "the offset", least: 0))
            guard offsets.updateValue(offset, forKey: partition) == nil else {
                throw entry.malformed("partition \(partition) stands in the file twice")
            }
        }
    }

    /// The contents of a file with these offsets, sorted by partition so that equal checkpoints are equal files.
    public func encoded() -> [UInt8] {
        CheckpointText.encode(
            offsets.sorted { $0.key < $1.key }.map { partition, offset in
                [partition.topic, "\(partition.partition)", "\(offset.rawValue)"]
            }
        )
    }
}
