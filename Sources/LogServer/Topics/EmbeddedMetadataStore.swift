package import CommitLog
import KafkaProtocol
import LinuxIO
package import Logging
package import RecordBatch
package import SystemPackage

/// A store of topics that lies in the log directory itself: ``TopicRegister`` in its file, and the partitions' directories.
///
/// Changes are carried out by one thread, which waits for the disk; nobody else does.
package final class EmbeddedMetadataStore: MetadataStore {
    /// The logs of the partitions.
    package let directory: LogDirectory

    private let defaults: BrokerTopicDefaults
    private let logger: Logger
    private let worker = ThreadPool(name: "millrace-topics", threads: 1)
    /// Only used by ``worker``'s thread, one change at a time; a lock for the compiler's sake.
    private let changing: Lock<Stored>
    private let published: Lock<MetadataImage>
    /// Ids that were taken, durably, and not given out yet.
    private let producerIDs = Lock<Range<Int64>>(0..<0)
    /// How many are taken at a time, as in Kafka.
    private static let producerIDBlock: Int64 = 1000

    private struct Stored {
        var register: TopicRegister
        var file: TopicRegisterFile
        var isClosed = false
    }

    // MARK: Opening and closing

    /// Opens a log directory and its topics, and finishes what a crash has left of changes to them.
    /// - Parameters:
    ///   - path: The directory; made if there is none. One without a register, such as one of Kafka's, gets one of the topics
    ///     whose directories it has.
    ///   - defaults: What the server sets for all topics.
    ///   - configuration: How the directory is opened. How logs behave is given by `defaults` and the topics' own
    ///     configurations.
    ///   - logger: Gets what is found that should not be.
    /// - Throws: What `LogDirectory.open` throws, and `invalidDirectory` where the register is damaged.
    package static func open(
        _ path: FilePath,
        defaults: BrokerTopicDefaults,
        configuration: LogDirectory.Configuration = .init(),
        logger: Logger
    ) async throws(LogError) -> EmbeddedMetadataStore {
        // Before the lock is taken, because logs are opened with their configurations.
        let register = try TopicRegisterFile.read(in: path)
        var configuration = configuration
        configuration.defaults = TopicConfig(stored: [:], over: defaults).logConfiguration
        for (name, entry) in register?.entries ?? [:] {
            configuration.topics[name] = TopicConfig(stored: entry.topic.configs, over: defaults).logConfiguration
        }
        let directory = try await LogDirectory.open(path, configuration: configuration, logger: logger)
        let store = EmbeddedMetadataStore(directory, defaults, logger)
        do throws(LogError) {
            guard try TopicRegisterFile.read(in: path) == register else {
                throw LogError(.locked, "\(path) was in use until now; it can be opened again", at: .init(path: path))
            }
            try await store.worker.run { Result { () throws(LogError) in try store.recover(register) } }.get()
            return store
        } catch {
            try? await store.close()
            throw error
        }
    }

    private init(_ directory: LogDirectory, _ defaults: BrokerTopicDefaults, _ logger: Logger) {
        self.directory = directory
        self.defaults = defaults
        self.logger = logger
        changing = Lock(Stored(register: TopicRegister(), file: TopicRegisterFile(in: directory.path)))
        published = Lock(MetadataImage())
    }

    /// Finishes changes, and closes the directory.
    /// - Throws: What `LogDirectory.close` throws.
    package func close() async throws(LogError) {
        // Behind the changes that were asked for; those that come later are refused.
        await worker.run { self.changing.withLock { $0.isClosed = true } }
        try await directory.close()
    }

    private func recover(_ stored: TopicRegister?) throws(LogError) {
        let logs = directory.logs.map(\.topicPartition)
        let found = Dictionary(uniqueKeysWithValues: logs.map { ($0, directory.topicID(of: $0)) })
        let decided = TopicReconciliation(stored: stored, found: found)
        for finding in decided.findings { logger.warning("\(directory.path): \(finding)") }
        for partition in decided.deletions { try directory.deleteLog(partition) }
        for creation in decided.creations {
            guard let entry = decided.register.entries[creation.partition.topic] else { continue }
            try makeLogs([creation.partition], of: entry.topic)
        }
        var register = decided.register
        register.nextProducerID = max(stored?.nextProducerID ?? ProducerID(0), leastUnknownProducerID)
        try changing.withLock { (state) throws(LogError) in
            do throws(IOError) {
                // In any case: what was read may not have been on the disk.
                try state.file.write(register)
            } catch {
                throw LogError(.storage, error.description, at: .init(path: error.path), cause: error)
            }
            state.register = register
        }
        published.withLock { $0 = register.image }
    }

    // MARK: Topics

    /// All topics as they are now.
    package var image: MetadataImage { published.withLock { $0 } }

    /// The log of a topic's partition.
    /// - Returns: `nil` if its directory is missing, or belongs to another topic that had the name.
    package func log(of topic: TopicMetadata, _ partition: Int32) -> PartitionLog? {
        guard topic.hasPartition(partition) else { return nil }
        let partition = TopicReconciliation.partition(topic.name, partition)
        guard (directory.topicID(of: partition) ?? topic.id) == topic.id else { return nil }
        return directory.log(for: partition)
    }

    package func createTopic(_ topic: TopicMetadata) async throws(APIError) {
        try await change { (store, state) throws(APIError) in
            try store.takeBack(topic.name, &state)
            guard state.register.entries[topic.name] == nil else {
                throw APIError(.topicAlreadyExists, "There is a topic \(topic.name) already")
            }
            try store.write(.init(topic: topic, madePartitions: 0), &state)
            try store.make(0..<topic.partitionCount, of: topic, &state)
        }
    }

    package func createPartitions(of topic: TopicID, count: Int32) async throws(APIError) {
        try await change { (store, state) throws(APIError) in
            var entry = try store.entry(of: topic, &state)
            let made = entry.madePartitions
            guard count > made else {
                throw APIError(.invalidPartitions, "\(entry.topic.name) has \(made) partitions already")
            }
            entry.topic.partitionCount = count
            try store.write(entry, &state)
            try store.make(made..<count, of: entry.topic, &state)
        }
    }

    package func alterConfigs(
        of topic: TopicID,
        _ change: @escaping @Sendable ([String: String]) throws(APIError) -> [String: String]
    ) async throws(APIError) {
        try await self.change { (store, state) throws(APIError) in
            var entry = try store.entry(of: topic, &state)
            entry.topic.configs = try change(entry.topic.configs)
            try store.write(entry, &state)
            let configuration = TopicConfig(stored: entry.topic.configs, over: store.defaults).logConfiguration
            do {
                try store.directory.setConfiguration(configuration, ofTopic: entry.topic.name)
            } catch {
                store.logger.error(
                    "The logs of \(entry.topic.name) keep their configuration until the next opening: \(error)"
                )
            }
        }
    }

    package func deleteTopic(_ topic: TopicID) async throws(APIError) {
        try await change { (store, state) throws(APIError) in
            var entry = try store.entry(of: topic, &state)
            entry.isDeleted = true
            try store.write(entry, &state)
            // It is deleted: what is left of it is removed now, or before its name is used again, or at the next opening.
            do {
                try store.takeBack(entry.topic.name, &state)
            } catch {
                store.logger.warning("The topic \(entry.topic.name) is deleted, but not all of its files: \(error)")
            }
        }
    }

    // MARK: Producers

    package func nextProducerID() async throws(APIError) -> ProducerID {
        if let id = takeProducerID() { return id }
        return try await change { (store, state) throws(APIError) in
            // Others may have waited for the same.
            if let id = store.takeProducerID() { return id }
            var register = state.register
            let first = register.nextProducerID.rawValue
            let (end, overflow) = first.addingReportingOverflow(Self.producerIDBlock)
            guard !overflow else { throw APIError(.unknownServerError, "There are no producer ids left") }
            register.nextProducerID = ProducerID(end)
            try store.write(register, &state)
            store.producerIDs.withLock { $0 = (first + 1)..<end }
            return ProducerID(first)
        }
    }

    private func takeProducerID() -> ProducerID? {
        producerIDs.withLock { $0.popFirst().map { ProducerID($0) } }
    }

    /// The end of the block of the highest id that any log knows: in Kafka's directories too, none beyond it is in use.
    ///
    /// Nobody was given an id of ``madeUpProducerIDs``; whoever uses one all the same must not use them up for all others.
    private var leastUnknownProducerID: ProducerID {
        let known = directory.logs.flatMap { $0.producers.map(\.producerID.rawValue) }
        guard let highest = known.filter({ !Self.madeUpProducerIDs.contains($0) }).max() else { return ProducerID(0) }
        return ProducerID((highest / Self.producerIDBlock + 1) * Self.producerIDBlock)
    }

    private static let madeUpProducerIDs: ClosedRange<Int64> = (1 << 62)...Int64.max

    // MARK: Steps of a change

    /// Runs a change on the thread for it, and publishes what it has brought about, if it failed too.
    private func change<Value: Sendable>(
        _ body: @escaping @Sendable (EmbeddedMetadataStore, inout sending Stored) throws(APIError) -> Value
    ) async throws(APIError) -> Value {
        let outcome = await worker.run {
            self.changing.withLock { state in
                let outcome = Result { () throws(APIError) in
                    if state.isClosed { throw APIError(.kafkaStorageError, "\(self.directory.path) was closed") }
                    return try body(self, &state)
                }
                let image = state.register.image
                self.published.withLock { $0 = image }
                return outcome
            }
        }
        return try outcome.get()
    }

    /// The entry of a topic that requests see, with nothing under way.
    private func entry(of topic: TopicID, _ state: inout Stored) throws(APIError) -> TopicRegister.Entry {
        guard let name = state.register.image.topic(topic)?.name else {
            throw APIError(.unknownTopicID, "There is no topic with the id \(topic)")
        }
        try takeBack(name, &state)
        guard let entry = state.register.entries[name] else {
            preconditionFailure("Cannot find the topic \(name), of which only partitions were taken back")
        }
        return entry
    }

    /// Makes partitions, and takes them back if that fails.
    private func make(_ partitions: Range<Int32>, of topic: TopicMetadata, _ state: inout Stored) throws(APIError) {
        do throws(APIError) {
            do throws(LogError) {
                try makeLogs(partitions.map { TopicReconciliation.partition(topic.name, $0) }, of: topic)
            } catch {
                throw state.file.refusal(after: error)
            }
            try write(.init(topic: topic, madePartitions: partitions.upperBound), &state)
        } catch {
            // If that fails as well it is tried again before the topic's name is used again.
            try? takeBack(topic.name, &state)
            throw error
        }
    }

    private func makeLogs(_ partitions: [TopicPartition], of topic: TopicMetadata) throws(LogError) {
        let configuration = TopicConfig(stored: topic.configs, over: defaults).logConfiguration
        _ = try directory.createLogs(partitions, topicID: topic.id, configuration: configuration)
    }

    /// Removes what a change that failed has left of partitions that were not made in full, or of a deleted topic.
    private func takeBack(_ name: String, _ state: inout Stored) throws(APIError) {
        guard var entry = state.register.entries[name], !entry.isSettled else { return }
        do {
            try state.file.check()
        } catch {
            throw APIError(.kafkaStorageError, error.description)
        }
        if entry.madePartitions == 0, !entry.isDeleted {
            entry.isDeleted = true
            try write(entry, &state)
        }
        let kept = entry.isDeleted ? 0 : entry.madePartitions
        do throws(LogError) {
            for partition in directory.logs.map(\.topicPartition)
            where partition.topic == name && partition.partition >= kept
                && directory.topicID(of: partition) == entry.topic.id
            {
                try directory.deleteLog(partition)
            }
        } catch {
            throw state.file.refusal(after: error)
        }
        entry.topic.partitionCount = kept
        try write(entry.isDeleted ? nil : entry, replacing: name, &state)
    }

    private func write(_ entry: TopicRegister.Entry, _ state: inout Stored) throws(APIError) {
        try write(entry, replacing: entry.topic.name, &state)
    }

    /// Replaces a topic's entry, in the file and then in memory.
    private func write(
        _ entry: TopicRegister.Entry?,
        replacing name: String,
        _ state: inout Stored
    ) throws(APIError) {
        var register = state.register
        if let entry { register.put(entry) } else { register.remove(name) }
        try write(register, &state)
    }

    /// Replaces the register, in the file and then in memory.
    private func write(_ register: TopicRegister, _ state: inout Stored) throws(APIError) {
        do {
            try state.file.write(register)
        } catch {
            throw APIError(.kafkaStorageError, error.description)
        }
        state.register = register
    }
}
