import LinuxIO
import RecordBatch
import SystemPackage

/// Makes the directories and files of new logs, durably: all of them, or none.
///
/// ```
/// t-0.<unique>-delete/   partition.metadata and an empty segment, synced     for all, several at a time
/// rename to t-0                                                              for all
/// sync the log directory                                                     once
/// ```
/// Under the first name the next opening removes what was not finished.
struct LogCreation: Sendable {
    /// How many are made at a time: what takes long is waiting for syncs, which a disk does side by side.
    private static let threads = 16

    private let partitions: [TopicPartition]
    private let unfinished: [FilePath]
    private let topicID: TopicID
    private let root: FilePath
    private let cache: FileCache

    init(_ partitions: [TopicPartition], _ topicID: TopicID, in root: FilePath, _ cache: FileCache) {
        self.partitions = partitions
        self.topicID = topicID
        self.root = root
        self.cache = cache
        unfinished = partitions.map { PartitionDirectoryName.doomed($0, in: root) }
    }

    /// - Throws: `alreadyExists` where something else has a log's name; errors of the operating system. Nothing is left then,
    ///   unless the disk is at fault.
    func run() throws(LogError) {
        var renamed = 0
        do throws(IOError) {
            try makeFiles()
            for (index, partition) in partitions.enumerated() {
                let place = root.appending(partition.directoryName)
                guard try FileSystem.status(place) == nil else {
                    // Such as Kafka's metadata, which is no log here: not to be touched.
                    throw IOError(call: .mkdir, path: place, errno: .fileExists, attempt: "make \(place)")
                }
                try FileSystem.rename(from: unfinished[index], to: place)
                renamed += 1
            }
            try FileSystem.synchronizeDirectory(root)
        } catch {
            for (index, partition) in partitions.enumerated() {
                let place = root.appending(partition.directoryName)
                if index < renamed { try? FileSystem.rename(from: place, to: unfinished[index]) }
                try? FileSystem.removeTree(unfinished[index])
            }
            guard error.errno == .fileExists, renamed < partitions.count else { throw LogError(error) }
            let place = root.appending(partitions[renamed].directoryName)
            throw LogError(
                .alreadyExists,
                "\(place) exists already, though it is not a log that is open here",
                at: .init(partitions[renamed], path: place),
                cause: error
            )
        }
    }

    private func makeFiles() throws(IOError) {
        guard partitions.count > 1 else { return try makeFiles(in: unfinished[0]) }
        let pool = ThreadPool(name: "millrace-make", threads: min(Self.threads, partitions.count))
        let failure = Lock<IOError?>(nil)
        for directory in unfinished {
            pool.run {
                if failure.withLock({ $0 != nil }) { return }
                do throws(IOError) {
                    try makeFiles(in: directory)
                } catch {
                    failure.withLock { $0 = $0 ?? error }
                }
            }
        }
        // Waits for all that was asked for.
        pool.shutdown()
        if let failure = failure.withLock(\.self) { throw failure }
    }

    private func makeFiles(in directory: FilePath) throws(IOError) {
        try FileSystem.createDirectory(directory)
        let metadata = try File.open(
            directory.appending(PartitionMetadata.fileName),
            .readWrite,
            create: .mustNotExist
        )
        try metadata.write(PartitionMetadata(topicID: topicID).encoded(), at: 0)
        try metadata.synchronize()
        try metadata.close()
        _ = try Segment.create(at: Offset(0), in: directory, cache: cache)
        try FileSystem.synchronizeDirectory(directory)
    }
}

extension PartitionDirectoryName {
    /// A path under which the next opening removes a directory.
    static func doomed(_ partition: TopicPartition, in root: FilePath) -> FilePath {
        let number = UInt128.random(in: 0...UInt128.max)
        return root.appending(PartitionDirectoryName(partition, role: .delete, unique: number).description)
    }
}
