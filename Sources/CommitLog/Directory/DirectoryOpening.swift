import LinuxIO
import Logging
import RecordBatch
import SystemPackage

/// The steps of opening a directory that come before its logs can be used.
struct DirectoryOpening: Sendable {
    let path: FilePath
    let configuration: LogDirectory.Configuration
    let logger: Logger
    let lock: DirectoryLock
    let properties: MetaProperties
    let cache: FileCache
    /// The checkpoints as they were found.
    let checkpoints: FoundCheckpoints
    let partitions: [TopicPartition]

    /// Takes the lock, and reads what lies at the root.
    init(_ path: FilePath, _ configuration: LogDirectory.Configuration, _ logger: Logger) throws(LogError) {
        self.path = path
        self.configuration = configuration
        self.logger = logger
        do {
            if try FileSystem.status(path) == nil {
                try FileSystem.createDirectory(path)
                try FileSystem.synchronizeDirectory(
                    path.removingLastComponent().isEmpty ? "." : path.removingLastComponent()
                )
            }
            lock = try DirectoryLock(path)
            cache = FileCache(limit: configuration.openFiles)
            properties = try Self.properties(of: path, node: configuration.nodeID)
            checkpoints = try FoundCheckpoints(in: path, logger)
            partitions = try Self.partitions(in: path, logger)
        } catch {
            throw LogError(error, at: .init(path: path))
        }
    }

    /// Opens all logs, several at a time.
    ///
    /// - Throws: what ran short, as descriptors or space do: that is no log's fault, and passes.
    func loadLogs() async throws(LogError) -> [(TopicPartition, LoadedLog)] {
        let pool = ThreadPool(
            name: "millrace-open",
            threads: min(configuration.openingThreads, max(1, partitions.count))
        )
        defer { pool.shutdown() }
        let results = await withTaskGroup(of: (TopicPartition, Result<LoadedLog, LogError>).self) { group in
            for partition in partitions {
                let durable = checkpoints.durable?.entries[partition]
                let loader = LogLoader(
                    topicPartition: partition,
                    directory: path.appending(partition.directoryName),
                    configuration: configuration.log(partition.topic),
                    cache: cache,
                    logger: logger,
                    head: .init(checkpointed: checkpoints.starts[partition], durable: durable?.start),
                    // Ours is the newer one, and the lower one where the tail was about to be cut.
                    recoveryPoint: durable?.recoveryPoint ?? checkpoints.recoveryPoints[partition] ?? Offset(0),
                    durable: durable,
                    isUnknown: checkpoints.durable != nil && durable == nil
                        && checkpoints.recoveryPoints[partition] == nil,
                    highestEpoch: checkpoints.lastLeaderEpoch,
                    isClean: checkpoints.isClean
                )
                group.addTask { (partition, await pool.run { loader.load() }) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        return try results.map { (partition, result) throws(LogError) in (partition, try result.get()) }
    }

    /// The epoch of this opening: the one asked for, or one above all that were ever used.
    func nextEpoch(after loaded: [(TopicPartition, LoadedLog)]) throws(LogError) -> LeaderEpoch {
        let latest = loaded.map { $0.1.epochs.latest?.epoch ?? .none }.max() ?? .none
        let highest = max(latest, checkpoints.lastLeaderEpoch)
        guard let wanted = configuration.leaderEpoch else {
            guard highest.rawValue < Int32.max else {
                throw LogError(
                    .invalidDirectory,
                    "The leader epoch \(highest) was used in \(path), and there is none above it",
                    at: .init(path: path)
                )
            }
            return LeaderEpoch(highest.rawValue + 1)
        }
        guard wanted >= max(latest, LeaderEpoch(0)) else {
            throw LogError(
                .invalidArgument,
                "The leader epoch \(wanted) was asked for, but \(latest) was used already",
                at: .init(path: path)
            )
        }
        return wanted
    }

    /// One line for an opening without trouble.
    func logSummary(_ loaded: [(TopicPartition, LoadedLog)], _ report: RecoveryReport, _ epoch: LeaderEpoch) {
        let fenced = loaded.count { $0.1.fence != nil }
        logger.info(
            "Opened \(path)",
            metadata: [
                "logs": "\(loaded.count)", "logs.fenced": "\(fenced)", "leader.epoch": "\(epoch)",
                "shutdown.clean": "\(checkpoints.isClean)",
                "recovery.segments": "\(report.scannedSegments)", "recovery.bytes": "\(report.checkedBytes)",
                "recovery.torn.bytes": "\(report.tornBytes)",
                "recovery.index.entries": "\(report.rebuiltIndexEntries)",
            ]
        )
    }

    /// Reads `meta.properties`; makes it in a directory that has none.
    private static func properties(of path: FilePath, node: Int32?) throws -> MetaProperties {
        let file = path.appending(MetaProperties.fileName)
        do {
            let properties = try MetaProperties(parsing: FileSystem.readFile(file, limit: 1 << 20))
            if let node, node != properties.nodeID {
                throw LogError(
                    .invalidDirectory,
                    "\(path) belongs to node \(properties.nodeID) by its meta.properties; node.id cannot be \(node)",
                    at: .init(path: file)
                )
            }
            return properties
        } catch let error as IOError where error.isNotFound {
            let properties = MetaProperties(
                clusterID: DirectoryID.random().description,
                nodeID: node ?? 1,
                directoryID: .random()
            )
            try FileSystem.replaceFile(file, contents: properties.encoded())
            return properties
        } catch let error as FormatError {
            throw LogError(.invalidDirectory, "\(file): \(error)", at: .init(path: file), cause: error)
        }
    }

    /// The partitions whose directories are in use; removes those whose deletion was interrupted.
    private static func partitions(in path: FilePath, _ logger: Logger) throws(IOError) -> [TopicPartition] {
        var partitions: [TopicPartition] = []
        for entry in try FileSystem.list(path) where entry.kind == .directory {
            guard let name = try? PartitionDirectoryName(parsing: entry.name) else { continue }
            switch name.role {
            case .current where name.topicPartition.topic == "__cluster_metadata":
                break  // The log of Kafka's controller, which is not ours to append to.
            case .current:
                partitions.append(name.topicPartition)
            case .delete:
                try FileSystem.removeTree(path.appending(entry.name))
            case .future, .stray:
                logger.notice("\(path.appending(entry.name)) is left alone: it is not in use")
            }
        }
        return partitions
    }
}
