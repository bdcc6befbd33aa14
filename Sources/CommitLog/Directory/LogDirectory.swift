import LinuxIO
public import Logging
public import RecordBatch
import Synchronization
public import SystemPackage

/// A directory of logs, as Kafka lays it out: one directory for each partition, and checkpoints at the root.
///
/// Opening it takes an exclusive lock, recovers what was not closed cleanly, and raises the leader epoch. Closing it makes
/// everything durable and says so, in Kafka's way.
///
/// Thread-safe. Holds three threads, which sleep when nothing happens: one commits, one keeps house, one reads cold data.
public final class LogDirectory: Sendable {
    /// The directory.
    public let path: FilePath
    /// What was read from `meta.properties`, or written there when the directory was made.
    public let properties: MetaProperties
    /// The epoch of everything appended until the directory is closed.
    public let leaderEpoch: LeaderEpoch
    /// What recovery did when the directory was opened.
    public let recovery: RecoveryReport

    let services: LogServices
    private let configuration: Configuration
    private let reads: Reactor
    private let state: Lock<State>
    /// The logs that were deleted and that the checkpoints may still speak of.
    ///
    /// Held while a log is created, and while one is taken off the table.
    private let deleted = Lock<Set<TopicPartition>>([])

    private struct State {
        var logs: [TopicPartition: PartitionLog]
        var topicIDs: [TopicPartition: TopicID]
        /// How the logs of single topics behave.
        var topics: [String: LogConfiguration]
        var isClosed = false
    }

    /// How a directory is opened.
    public struct Configuration: Sendable {
        /// How logs behave whose topic has no configuration of its own.
        public var defaults = LogConfiguration()
        /// How the logs of single topics behave.
        public var topics: [String: LogConfiguration] = [:]
        /// How many files of segments may be open at once.
        ///
        /// Beyond that, those that were not used lately are closed. 4,096 by default.
        public var openFiles = 4096
        /// How many logs are opened at a time.
        ///
        /// 64 by default, whatever the number of processors: what takes long is waiting for syncs, which a disk does side by
        /// side.
        public var openingThreads = 64
        /// `node.id`: to which node the directory has to belong, or is made for, at least 0.
        ///
        /// By default to any, and one that is made belongs to node 1.
        public var nodeID: Int32?
        /// The leader epoch to use; by default one above the highest that was ever used here.
        public var leaderEpoch: LeaderEpoch?

        /// Makes a configuration of defaults.
        public init() {}

        /// The configuration of a topic's logs.
        func log(_ topic: String) -> LogConfiguration { topics[topic] ?? defaults }
    }

    // MARK: Opening

    /// Opens a directory, and all logs in it.
    ///
    /// Makes it if there is none.
    ///
    /// Logs whose durable data is damaged or cannot be read are opened too, and fail every use with that error; the others are not affected.
    ///
    /// - Parameters:
    ///   - path: the directory; its parent must exist.
    ///   - configuration: how it and its logs behave.
    ///   - logger: gets a summary of what recovery did, and what goes wrong in the background.
    /// - Throws: ``LogError/Code/locked`` if somebody has it open; ``LogError/Code/invalidDirectory`` if its `meta.properties`
    ///   or one of its checkpoints cannot be understood; ``LogError/Code/invalidArgument`` for a configuration that makes no
    ///   sense; errors of the operating system. Where ``LogError/isRetryable`` holds, as when descriptors or space ran out,
    ///   the directory is as it was, and can be opened later.
    public static func open(
        _ path: FilePath,
        configuration: Configuration = Configuration(),
        logger: Logger
    ) async throws(LogError) -> LogDirectory {
        try configuration.defaults.validate()
        for (_, topic) in configuration.topics { try topic.validate() }
        if let node = configuration.nodeID, node < 0 {
            throw LogError(.invalidArgument, "node.id is \(node), but it must be at least 0")
        }
        let opening = try DirectoryOpening(path, configuration, logger)
        let loaded = try await opening.loadLogs()
        return try LogDirectory(opening, loaded)
    }

    private init(_ opening: borrowing DirectoryOpening, _ loaded: [(TopicPartition, LoadedLog)]) throws(LogError) {
        path = opening.path
        properties = opening.properties
        configuration = opening.configuration
        recovery = loaded.reduce(RecoveryReport()) { $0 + $1.1.report }
        leaderEpoch = try opening.nextEpoch(after: loaded)
        let cache = opening.cache
        let checkpoints = Checkpoints(
            path,
            leaderEpoch: leaderEpoch,
            found: opening.checkpoints,
            logger: opening.logger
        )
        do {
            reads = try Reactor(name: "millrace-read")
            services = LogServices(
                cache: cache,
                committer: Committer(),
                housekeeper: try Housekeeper(cache: cache),
                reader: ResidentReader(reactor: reads),
                exposure: Exposure(),
                checkpoints: checkpoints,
                lock: opening.lock,
                logger: opening.logger,
                leaderEpoch: leaderEpoch
            )
        } catch {
            throw LogError(error)
        }
        var logs: [TopicPartition: PartitionLog] = [:]
        var topicIDs: [TopicPartition: TopicID] = [:]
        for (partition, log) in loaded {
            topicIDs[partition] = log.topicID
            logs[partition] = PartitionLog(
                partition,
                in: path.appending(partition.directoryName),
                configuration.log(partition.topic),
                loaded: log,
                services: services
            )
        }
        state = Lock(State(logs: logs, topicIDs: topicIDs, topics: configuration.topics))
        // Before anything is appended: a later opening has to get a higher epoch.
        checkpoints.setLogs { [weak self] in self?.logs }
        try checkpoints.writeAll()
        try checkpoints.removeCleanShutdown()
        services.housekeeper.setCheckpoint { checkpoints.writeAfterProgress() }
        opening.logSummary(loaded, recovery, leaderEpoch)
    }

    // MARK: Logs

    /// All logs, ordered by name.
    public var logs: [PartitionLog] {
        state.withLock { $0.logs.values.sorted { $0.topicPartition < $1.topicPartition } }
    }

    /// The log of a partition; `nil` if there is none.
    public func log(for partition: TopicPartition) -> PartitionLog? { state.withLock { $0.logs[partition] } }

    /// The id of a partition's topic, as its `partition.metadata` has it.
    public func topicID(of partition: TopicPartition) -> TopicID? { state.withLock { $0.topicIDs[partition] } }

    /// Bytes that were appended and that a power loss would take.
    public var bytesAtRisk: Int { services.exposure.bytesAtRisk }

    /// How many commits were made since the directory was opened, each for all who had appended to a log until then.
    public var commitCount: UInt64 { services.committer.commits }

    /// How long these commits have taken together.
    public var commitDuration: Duration { .nanoseconds(Int64(clamping: services.committer.nanoseconds)) }

    /// Makes a log, durably.
    ///
    /// - Parameters:
    ///   - partition: its name.
    ///   - topicID: the id of its topic, written to `partition.metadata`.
    ///   - configuration: how it behaves until the directory is closed; by default as its topic's logs do.
    /// - Throws: ``LogError/Code/alreadyExists``; ``LogError/Code/invalidArgument`` for a configuration that makes no sense;
    ///   errors of the operating system.
    public func createLog(
        _ partition: TopicPartition,
        topicID: TopicID = .random(),
        configuration: LogConfiguration? = nil
    ) throws(LogError) -> PartitionLog {
        try createLogs([partition], topicID: topicID, configuration: configuration)[0]
    }

    /// Makes several logs of a topic, durably: all of them, or none.
    ///
    /// Takes much less time than making one after the other. See ``createLog(_:topicID:configuration:)``.
    ///
    /// - Returns: the logs in the order of their names in `partitions`.
    public func createLogs(
        _ partitions: [TopicPartition],
        topicID: TopicID,
        configuration: LogConfiguration? = nil
    ) throws(LogError) -> [PartitionLog] {
        if partitions.isEmpty { return [] }
        try configuration?.validate()
        return try deleted.withLock { (deleted) throws(LogError) in
            // What was durable of a log that had the name would, after a crash, be missed in the new one.
            if !deleted.isDisjoint(with: partitions) {
                try services.checkpoints.writeAll()
                deleted = []
            }
            try state.withLock { (state) throws(LogError) in
                if state.isClosed { throw closedError }
                guard let taken = partitions.first(where: { state.logs[$0] != nil }) else { return }
                throw LogError(
                    .alreadyExists,
                    "\(taken) exists already",
                    at: .init(taken, path: path.appending(taken.directoryName))
                )
            }
            // Without the table's lock, which those who look for a log would wait for.
            try LogCreation(partitions, topicID, in: path, services.cache).run()
            return state.withLock { state in
                partitions.map { partition in
                    let log = PartitionLog(
                        partition,
                        in: path.appending(partition.directoryName),
                        configuration ?? state.topics[partition.topic] ?? self.configuration.defaults,
                        loaded: LoadedLog(emptyIn: path.appending(partition.directoryName), cache: services.cache),
                        services: services
                    )
                    state.logs[partition] = log
                    state.topicIDs[partition] = topicID
                    return log
                }
            }
        }
    }

    /// Changes how the logs of a topic behave, and those that will be made of it: see ``PartitionLog/setConfiguration(_:)``.
    ///
    /// Holds until the directory is closed.
    ///
    /// - Throws: ``LogError/Code/invalidArgument`` for a configuration that makes no sense; then nothing is changed.
    public func setConfiguration(_ new: LogConfiguration, ofTopic topic: String) throws(LogError) {
        try new.validate()
        let logs = state.withLock { state in
            state.topics[topic] = new
            return state.logs.filter { $0.key.topic == topic }.map(\.value)
        }
        for log in logs { try log.setConfiguration(new) }
    }

    /// Deletes a log: its directory is renamed, durably, and removed in the background.
    ///
    /// Slices of it stay valid.
    ///
    /// - Throws: ``LogError/Code/notFound``; what kept the directory from being renamed, and then the log is as it was; that
    ///   the rename could not be made durable: then the log is deleted, and may be back after a crash.
    public func deleteLog(_ partition: TopicPartition) throws(LogError) {
        let log = try state.withLock { (state) throws(LogError) in
            if state.isClosed { throw closedError }
            guard let log = state.logs[partition] else {
                throw LogError(.notFound, "There is no log \(partition)", at: .init(partition, path: path))
            }
            return log
        }
        let doomed = PartitionDirectoryName.doomed(partition, in: path)
        defer {
            deleted.withLock { deleted in
                state.withLock { state in
                    if log.failure?.code == .deleted, state.logs[partition] === log {
                        deleted.insert(partition)
                        state.logs[partition] = nil
                        state.topicIDs[partition] = nil
                    }
                }
            }
        }
        try log.delete(renamingTo: doomed)
        let logger = services.logger
        services.housekeeper.execute {
            do {
                try FileSystem.removeTree(doomed)
            } catch {
                logger.warning("\(doomed) could not be removed, and will be at the next opening: \(error)")
            }
        }
    }

    // MARK: Closing

    /// Makes everything durable, writes the checkpoints and the mark of a clean shutdown, and releases the directory.
    ///
    /// Its logs can be used no more, slices can. Closing twice does nothing.
    ///
    /// - Throws: what kept a log from being closed cleanly. The directory is released all the same, without the mark, so that
    ///   the next opening recovers.
    public func close() async throws(LogError) {
        // Not while logs are being made.
        let wasClosed = deleted.withLock { _ in
            state.withLock { state in
                defer { state.isClosed = true }
                return state.isClosed
            }
        }
        if wasClosed { return }
        var failure: LogError?
        let closed = closedError
        let logs = self.logs
        for log in logs { log.stopAppends(closed) }
        let pool = ThreadPool(name: "millrace-close", threads: configuration.openingThreads)
        await withTaskGroup(of: LogError?.self) { group in
            for log in logs {
                group.addTask { await pool.run { log.close(closed) } }
            }
            for await error in group { failure = failure ?? error }
        }
        // Not here: a thread of tasks that waits for the committer may keep the task from running for which that waits.
        let isClean = failure == nil
        let unreleased = await pool.run { self.release(isClean) }
        failure = failure ?? unreleased
        pool.shutdown()
        if let failure { throw failure }
    }

    /// Ends the threads, writes the checkpoints, and gives the directory free.
    ///
    /// Returns what kept it from being left in good order, if all its logs were.
    private func release(_ isClean: Bool) -> LogError? {
        services.committer.shutdown()
        services.housekeeper.shutdown()
        reads.shutdown()
        defer { services.lock.release() }
        do {
            try services.checkpoints.writeAll()
            if isClean { try services.checkpoints.writeCleanShutdown() }
            return nil
        } catch {
            return error
        }
    }

    private var closedError: LogError {
        LogError(.closed, "\(path) was closed", at: .init(path: path))
    }
}
