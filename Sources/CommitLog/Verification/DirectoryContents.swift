import LinuxIO
import SystemPackage

/// What a directory turns out to be, by the names in it.
struct DirectoryContents {
    enum Kind: Hashable {
        case logDirectory
        case partition
        /// There is no such directory.
        case absent
        /// A directory, but none of ours or Kafka's.
        case neither
    }

    let kind: Kind
    /// The partitions' directories, and their names where these are ones of partitions.
    let partitions: [(path: FilePath, partition: TopicPartition?)]

    init(_ path: FilePath) throws(IOError) {
        guard try FileSystem.status(path)?.kind == .directory else {
            kind = .absent
            partitions = []
            return
        }
        let entries = try FileSystem.list(path)
        if entries.contains(where: { Self.belongsToPartition($0.name) }) {
            kind = .partition
            let name = path.lastComponent?.string ?? ""
            partitions = [(path, try? TopicPartition(directoryName: name))]
            return
        }
        partitions = entries.compactMap { entry in
            guard entry.kind == .directory, let name = try? PartitionDirectoryName(parsing: entry.name),
                name.role == .current
            else { return nil }
            return (path.appending(entry.component), name.topicPartition)
        }
        let isRoot = !partitions.isEmpty || entries.contains { $0.name == MetaProperties.fileName }
        kind = isRoot ? .logDirectory : .neither
    }

    private static func belongsToPartition(_ name: String) -> Bool {
        name == PartitionMetadata.fileName || SegmentFileName(parsing: name)?.kind == .log
    }

    /// The bytes of all segments' logs.
    func logBytes() throws(IOError) -> Int64 {
        var bytes: Int64 = 0
        for (path, _) in partitions {
            for entry in try FileSystem.list(path) {
                guard let name = SegmentFileName(parsing: entry.name), name.kind == .log, name.suffix == nil else {
                    continue
                }
                bytes += try FileSystem.status(path.appending(entry.component))?.size ?? 0
            }
        }
        return bytes
    }
}
