import CommitLog

/// The kinds of files that are parsed as a whole.
enum SmallFile {
    case producerSnapshot
    case offsetCheckpoint
    case leaderEpochCheckpoint
    case partitionMetadata
    case metaProperties
    case cleanShutdownFile

    /// The most bytes that are read: far more than these files have, so that what is larger is something else.
    static let largestSize = 64 << 20

    /// The kind that a file's name tells, but for producer snapshots, which are named for a segment.
    init?(named name: String) {
        switch name {
        case "leader-epoch-checkpoint": self = .leaderEpochCheckpoint
        case "partition.metadata": self = .partitionMetadata
        case "meta.properties": self = .metaProperties
        case ".kafka_cleanshutdown": self = .cleanShutdownFile
        case _ where name.hasSuffix("-offset-checkpoint"): self = .offsetCheckpoint
        default: return nil
        }
    }

    /// The rows of a file with the given contents.
    func rows(parsing bytes: [UInt8]) throws(FormatError) -> [Row] {
        switch self {
        case .producerSnapshot: try ProducerSnapshot(parsing: bytes.rawSpan).entries.map(\.row)
        case .offsetCheckpoint: try OffsetCheckpoint(parsing: bytes).rows
        case .leaderEpochCheckpoint: try LeaderEpochCache(parsing: bytes).rows
        case .partitionMetadata: [try PartitionMetadata(parsing: bytes).row]
        case .metaProperties: [try MetaProperties(parsing: bytes).row]
        case .cleanShutdownFile: [try CleanShutdownFile(parsing: bytes).row]
        }
    }
}
