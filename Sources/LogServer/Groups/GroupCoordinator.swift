import CommitLog
import KafkaProtocol
import LinuxIO
package import Logging
import RecordBatch

/// Keeps the consumer groups: who is in them, and which offsets they have committed.
///
/// They are stored in ``OffsetsTopic``, which is made on first need, and each of whose partitions keeps the groups whose
/// names' hash is its own. Thread-safe.
package final class GroupCoordinator: Sendable {
    let metadata: EmbeddedMetadataStore
    let configuration: GroupConfiguration
    let offsets: OffsetConfiguration
    let clock: GroupClock
    private let logger: Logger
    private let phase = Lock(Phase.starting)
    private let alarm = Lock(Alarm())
    private let housekeeping = Lock<Task<Void, Never>?>(nil)

    private enum Phase: Sendable {
        /// It is not known yet what is stored.
        case starting
        /// There is no topic yet.
        case empty
        /// By their numbers; `nil` where there is no log.
        case open([GroupPartition?])
        case stopped
    }

    private struct Alarm: Sendable {
        var instant: ContinuousClock.Instant?
        var task: Task<Void, Never>?
        var isStopped = false
    }

    /// - Parameters:
    ///   - configuration: What groups are allowed.
    ///   - offsets: What is done about offsets.
    ///   - metadata: The topics and their logs.
    ///   - clock: The time.
    ///   - logger: Gets what cannot be read or stored.
    package init(
        _ configuration: GroupConfiguration,
        _ offsets: OffsetConfiguration,
        metadata: EmbeddedMetadataStore,
        clock: GroupClock = .system,
        logger: Logger
    ) {
        self.configuration = configuration
        self.offsets = offsets
        self.metadata = metadata
        self.clock = clock
        self.logger = logger
    }

    // MARK: Life

    /// Reads the groups that are stored; until that has ended requests are told to come again.
    package func start() async {
        if let topic = metadata.image.topics[OffsetsTopic.name] {
            await open(topic)
        } else {
            phase.withLock { if case .starting = $0 { $0 = .empty } }
        }
        let task = Task { [weak self, clock, offsets] in
            do {
                while true {
                    try await clock.sleep(clock.now() + offsets.retentionCheckInterval)
                    guard let self else { return }
                    await self.expireOffsets()
                }
            } catch {}
        }
        housekeeping.withLock { $0 = task }
    }

    /// Sends everybody away who waits; returns when nothing is being stored any more.
    package func stop() async {
        housekeeping.withLock { $0 }?.cancel()
        alarm.withLock { alarm in
            alarm.task?.cancel()
            alarm = Alarm(isStopped: true)
        }
        let partitions = partitions
        phase.withLock { $0 = .stopped }
        await close(partitions)
    }

    private func close(_ partitions: [GroupPartition]) async {
        await withTaskGroup { group in
            for partition in partitions { group.addTask { await partition.close() } }
        }
    }

    /// Serves the groups of the topic, unless somebody else does so already.
    private func open(_ topic: TopicMetadata) async {
        let opened = (0..<topic.partitionCount).map { index in
            metadata.log(of: topic, index).map {
                GroupPartition($0, configuration, offsets, clock: clock, logger: logger) { [weak self] in self?.arm($0)
                }
            }
        }
        let isMine = phase.withLock { phase in
            switch phase {
            case .open, .stopped: return false
            case .starting, .empty:
                phase = .open(opened)
                return true
            }
        }
        guard isMine else { return }
        if opened.contains(where: { $0 == nil }) {
            logger.error("\(OffsetsTopic.name) lacks partitions, whose groups cannot be served")
        }
        await withTaskGroup { group in
            for partition in opened.compactMap({ $0 }) { group.addTask { _ = await partition.load() } }
        }
        rearm()
    }

    // MARK: Partitions

    /// The partitions that there are.
    var partitions: [GroupPartition] {
        phase.withLock { phase in
            if case .open(let partitions) = phase { partitions.compactMap { $0 } } else { [] }
        }
    }

    /// Whether all groups are still being read.
    var isStarting: Bool { phase.withLock { if case .starting = $0 { true } else { false } } }

    /// The partition that keeps a group.
    /// - Throws: Why there is none.
    func partition(of groupID: String) throws(APIError) -> GroupPartition {
        try phase.withLock { (phase) throws(APIError) -> GroupPartition in
            switch phase {
            case .starting: throw APIError(.coordinatorLoadInProgress, "Groups are being read")
            case .empty: throw APIError(.notCoordinator, "There are no groups")
            case .stopped: throw APIError(.coordinatorNotAvailable, "The node stops")
            case .open(let partitions):
                let index = OffsetsTopic.partition(of: groupID, count: partitions.count)
                guard let partition = partitions[index] else {
                    throw APIError(.coordinatorNotAvailable, "Partition \(index) of \(OffsetsTopic.name) is missing")
                }
                return partition
            }
        }
    }

    /// Makes the topic if there is none.
    func prepare() async throws(APIError) {
        guard phase.withLock({ if case .empty = $0 { true } else { false } }) else { return }
        do throws(APIError) {
            try await metadata.createTopic(OffsetsTopic.metadata(partitionCount: offsets.topicPartitions))
        } catch {
            guard error.code == .topicAlreadyExists else {
                logger.error("\(OffsetsTopic.name) cannot be made: \(error)")
                throw APIError(.coordinatorNotAvailable, error.message)
            }
        }
        if let topic = metadata.image.topics[OffsetsTopic.name] { await open(topic) }
    }

    /// Topics were deleted: nobody has offsets of them any more.
    /// - Parameter names: Their names.
    package func topicsDeleted(_ names: Set<String>) async {
        if names.contains(OffsetsTopic.name) {
            let partitions = partitions
            phase.withLock { if case .open = $0 { $0 = .empty } }
            return await close(partitions)
        }
        var replies: [PendingReply<ErrorCode>] = []
        for partition in partitions {
            let reply = PendingReply<ErrorCode>()
            // Where groups are not served there is nobody to be told; the next check finds what is left.
            try? partition.withState { state, now in
                let records = state.offsets.deletion(ofTopics: names)
                if records.isEmpty { return }
                partition.store(records, .offsets(records, reply), isDivisible: true, &state, now)
                replies.append(reply)
            }
        }
        for reply in replies { _ = await reply.value(ifCancelled: .none) }
    }

    // MARK: Time

    /// Sees to it that deadlines are kept that may have become earlier.
    func rearm() { arm(partitions.compactMap(\.nextDeadline).min()) }

    /// The same after a change of one partition.
    func rearm(_ partition: GroupPartition) { arm(partition.nextDeadline) }

    private func arm(_ instant: ContinuousClock.Instant?) {
        guard let instant else { return }
        alarm.withLock { alarm in
            if alarm.isStopped { return }
            if let armed = alarm.instant, armed <= instant { return }
            alarm.task?.cancel()
            alarm.instant = instant
            alarm.task = Task { [weak self, clock] in
                do { try await clock.sleep(instant) } catch { return }
                self?.ring(instant)
            }
        }
    }

    private func ring(_ instant: ContinuousClock.Instant) {
        alarm.withLock { if $0.instant == instant { $0.instant = nil } }
        expire()
    }

    /// Does what was to be done by now, in all groups.
    package func expire() {
        for partition in partitions { partition.expire() }
        rearm()
    }

    /// Takes away offsets, and groups without any, that have not been used for so long that they are not kept.
    package func expireOffsets() async {
        for partition in partitions {
            let isStored = PendingReply<ErrorCode>()
            do {
                try partition.withState { state, now in
                    expireOffsets(partition, &state, now)
                    partition.afterWrites(isStored, &state)
                }
            } catch {
                continue
            }
            _ = await isStored.value(ifCancelled: .none)
        }
    }

    private func expireOffsets(_ partition: GroupPartition, _ state: inout GroupPartition.State, _ now: GroupTime) {
        for id in Set(state.groups.keys).union(state.offsets.groupIDs).sorted() {
            let stored = state.groups[id]
            let group = stored ?? ConsumerGroup(id, configuration, now: now)
            if group.state == .dead { continue }
            let records = state.offsets.expiry(of: group, now: now.timestamp)
            if records.isEmpty { continue }
            let takesGroup = records.contains { if case .group = $0 { true } else { false } }
            let reply = PendingReply<ErrorCode>()
            if takesGroup {
                var dead = group
                _ = dead.delete(now: now)
                state.groups[id] = dead
                let purpose = GroupPartition.Purpose.deletion(group, existed: stored != nil, records, reply)
                partition.store(records, purpose, isDivisible: true, &state, now)
            } else {
                partition.store(records, .offsets(records, reply), isDivisible: true, &state, now)
            }
        }
    }
}
