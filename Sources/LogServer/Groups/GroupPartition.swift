import CommitLog
import KafkaProtocol
import LinuxIO
import Logging
import RecordBatch

/// The groups that one partition of ``OffsetsTopic`` keeps: acts on what ``ConsumerGroup`` and ``OffsetTable`` decide.
///
/// What they want to store is appended under the partition's lock, so that its order in the log is that of the decisions, and
/// one task waits for the disk and tells them of it in that order, whatever becomes of the clients. Groups of one partition
/// share commits, and groups of others do not wait for them. Thread-safe.
final class GroupPartition: Sendable {
    let log: PartitionLog
    private let configuration: GroupConfiguration
    private let clock: GroupClock
    private let logger: Logger
    private let deadlineChanged: @Sendable (ContinuousClock.Instant?) -> Void
    private let state: Lock<State>

    /// What is guarded by the partition's lock, and given to those who hold it.
    struct State: Sendable {
        var status = Status.loading
        var groups: [String: ConsumerGroup] = [:]
        var offsets = OffsetTable()
        fileprivate(set) var deadlines = GroupDeadlines()
        fileprivate var joins: [WaitingRequest: PendingReply<JoinGroupResponse>] = [:]
        fileprivate var syncs: [WaitingRequest: PendingReply<SyncGroupResponse>] = [:]
        fileprivate var requestCount: UInt64 = 0
        fileprivate var queue = FIFO<Write>()
        fileprivate var isStoring = false
        /// Whether the last record could not be stored, so that those who run the node know of it.
        fileprivate var isFailing = false

        /// A group that exists: it has members, had some, or has offsets.
        func group(_ id: String, _ configuration: GroupConfiguration, _ now: GroupTime) -> ConsumerGroup? {
            groups[id] ?? (offsets.hasOffsets(of: id) ? ConsumerGroup(id, configuration, now: now) : nil)
        }

        fileprivate mutating func nextRequest() -> WaitingRequest {
            requestCount += 1
            return WaitingRequest(rawValue: requestCount)
        }
    }

    enum Status: Sendable {
        case loading
        case ready
        /// The log cannot be read, or the node stops.
        case closed
    }

    /// What is to be told of something when it is stored, or cannot be.
    enum Purpose: Sendable {
        case group(String, GroupWrite)
        case offsets([GroupRecord], PendingReply<ErrorCode>)
        /// The group as it was, should it not be deleted after all.
        case deletion(ConsumerGroup, existed: Bool, [GroupRecord], PendingReply<ErrorCode>)
        /// Nothing is stored: all before it is.
        case barrier(PendingReply<ErrorCode>)
    }

    fileprivate struct Write: Sendable {
        let purpose: Purpose
        /// The last offset of what was appended; `nil` where nothing was.
        let offset: Offset?
        let error: ErrorCode
    }

    /// - Parameters:
    ///   - log: Where groups are stored. An empty one is ready; any other has to be loaded.
    ///   - configuration: What groups are allowed.
    ///   - offsets: What is done about offsets.
    ///   - clock: The time.
    ///   - logger: Gets what cannot be read or stored.
    ///   - deadlineChanged: Called with ``nextDeadline`` when something was stored, which may have made it earlier.
    init(
        _ log: PartitionLog,
        _ configuration: GroupConfiguration,
        _ offsets: OffsetConfiguration,
        clock: GroupClock,
        logger: Logger,
        deadlineChanged: @escaping @Sendable (ContinuousClock.Instant?) -> Void
    ) {
        self.deadlineChanged = deadlineChanged
        self.log = log
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
        var state = State()
        state.offsets.retention = offsets.retention
        state.offsets.maximumMetadataBytes = offsets.maximumMetadataBytes
        if log.failure == nil, log.logEndOffset == log.logStartOffset { state.status = .ready }
        self.state = Lock(state)
    }

    // MARK: Life

    /// Reads what is stored, if that is still to be done.
    /// - Returns: Whether groups are served.
    func load() async -> Bool {
        guard state.withLock({ if case .loading = $0.status { true } else { false } }) else { return true }
        var stored: [String: GroupMetadataValue] = [:]
        do {
            if let failure = log.failure { throw failure }
            let start = log.logStartOffset
            for try await record in log.records(in: start..<max(start, log.highWatermark)) {
                guard let key = record.key, let record = try GroupRecord(key: key, value: record.value) else {
                    continue
                }
                if case .group(let key, let value) = record { stored[key.groupID] = value }
                state.withLock { $0.offsets.apply(record) }
            }
        } catch {
            logger.error("The groups of \(log.topicPartition) cannot be served: \(error)")
            state.withLock { $0.status = .closed }
            return false
        }
        let now = clock.now()
        let groups = stored
        state.withLock { state in
            guard case .loading = state.status else { return }
            for (id, value) in groups {
                let group = ConsumerGroup(id, restoring: value, configuration, now: now)
                state.groups[id] = group
                schedule(group, &state)
            }
            state.status = .ready
        }
        return true
    }

    /// Sends everybody away who waits, and takes no more requests; returns when nothing is being stored any more.
    func close() async {
        let now = clock.now()
        let isStored = PendingReply<ErrorCode>()
        state.withLock { state in
            state.status = .closed
            for id in state.groups.keys.sorted() {
                change(id, &state, now) { $0.unload(now: now) }
            }
            afterWrites(isStored, &state)
        }
        _ = await isStored.value(ifCancelled: .none)
    }

    // MARK: Access

    /// Runs `body` on the groups.
    /// - Throws: Why they are not served.
    func withState<Result>(
        _ body: (inout sending State, GroupTime) throws(APIError) -> sending Result
    ) throws(APIError) -> sending Result {
        let now = clock.now()
        return try state.withLock { (state) throws(APIError) -> Result in
            switch state.status {
            case .loading:
                throw APIError(.coordinatorLoadInProgress, "The groups of \(log.topicPartition) are being read")
            case .closed: throw APIError(.notCoordinator, "The groups of \(log.topicPartition) are not served")
            case .ready: return try body(&state, now)
            }
        }
    }

    /// When ``expire()`` is to be called.
    var nextDeadline: ContinuousClock.Instant? { state.withLock { $0.deadlines.next } }

    /// Does what was to be done by now.
    func expire() {
        let now = clock.now()
        state.withLock { state in
            for id in state.deadlines.takeDue(now.instant) where state.groups[id] != nil {
                change(id, &state, now) { $0.expire(now: now) }
            }
        }
    }

    // MARK: Acting

    /// A JoinGroup waits for its answer.
    func wait(_ reply: PendingReply<JoinGroupResponse>, _ state: inout State) -> WaitingRequest {
        let request = state.nextRequest()
        state.joins[request] = reply
        return request
    }

    /// A SyncGroup waits for its answer.
    func wait(_ reply: PendingReply<SyncGroupResponse>, _ state: inout State) -> WaitingRequest {
        let request = state.nextRequest()
        state.syncs[request] = reply
        return request
    }

    /// Lets something happen to a group, which may not exist, and does what comes of it.
    func change(_ id: String, _ state: inout State, _ now: GroupTime, _ body: (inout ConsumerGroup) -> [GroupEffect]) {
        // Taken out, so that it is not copied.
        var group = state.groups.removeValue(forKey: id) ?? ConsumerGroup(id, configuration, now: now)
        let effects = body(&group)
        // Of one that was asked for and never had a member nothing is left.
        if !group.isAbandoned || group.generation != GenerationID(0) {
            state.groups[id] = group
            schedule(group, &state)
        }
        for effect in effects {
            switch effect {
            case .answerJoin(let request, let response): state.joins.removeValue(forKey: request)?.give(response)
            case .answerSync(let request, let response): state.syncs.removeValue(forKey: request)?.give(response)
            case .write(let write):
                let record = GroupRecord.group(GroupMetadataKey(groupID: id), write.metadata)
                store([record], .group(id, write), &state, now)
            }
        }
    }

    private func schedule(_ group: ConsumerGroup, _ state: inout State) {
        if let deadline = group.nextDeadline { state.deadlines.add(group.id, deadline) }
    }

    /// Appends records, and has somebody told when they are stored.
    /// - Parameter isDivisible: Whether they may be stored in several batches, of which a crash may leave some.
    func store(
        _ records: [GroupRecord],
        _ purpose: Purpose,
        isDivisible: Bool = false,
        _ state: inout State,
        _ now: GroupTime
    ) {
        do {
            let batchBytes = isDivisible ? log.configuration.maxMessageBytes / 2 : nil
            let batches = try OffsetsTopic.batches(records, at: now.timestamp, splitAt: batchBytes)
            let offset = try log.append(batches, origin: .coordinator, at: now.timestamp).lastOffset
            enqueue(Write(purpose: purpose, offset: offset, error: .none), &state)
        } catch {
            report(error, &state)
            enqueue(Write(purpose: purpose, offset: nil, error: OffsetsTopic.errorCode(error)), &state)
        }
    }

    /// Gives a reply when everything is stored that was appended until now.
    func afterWrites(_ reply: PendingReply<ErrorCode>, _ state: inout State) {
        guard state.isStoring else { return reply.give(.none) }
        enqueue(Write(purpose: .barrier(reply), offset: nil, error: .none), &state)
    }

    private func enqueue(_ write: Write, _ state: inout State) {
        state.queue.append(write)
        if state.isStoring { return }
        state.isStoring = true
        Task { await self.finishWrites() }
    }

    private func finishWrites() async {
        while let write = state.withLock({ state -> Write? in
            let write = state.queue.popFirst()
            if write == nil { state.isStoring = false }
            return write
        }) {
            var failure: LogError?
            if let offset = write.offset {
                do { try await log.waitUntilDurable(offset) } catch { failure = error }
            }
            let (now, error) = (clock.now(), failure)
            let deadline = state.withLock { state in
                if let error { report(error, &state) } else if write.offset != nil { state.isFailing = false }
                finish(write.purpose, error.map(OffsetsTopic.errorCode) ?? write.error, &state, now)
                return state.deadlines.next
            }
            deadlineChanged(deadline)
        }
    }

    /// Says that nothing can be stored: once, and not for every request.
    private func report(_ error: any Error, _ state: inout State) {
        if state.isFailing { return }
        state.isFailing = true
        logger.error("Groups cannot be stored in \(log.topicPartition): \(error)")
    }

    private func finish(_ purpose: Purpose, _ error: ErrorCode, _ state: inout State, _ now: GroupTime) {
        switch purpose {
        case .group(let id, let write):
            change(id, &state, now) { $0.written(write, error: error, now: now) }
        case .offsets(let records, let reply):
            reply.give(state.offsets.written(records, error: error))
        case .deletion(let group, let existed, let records, let reply):
            let code = state.offsets.written(records, error: error)
            // If the node stops meanwhile, the group is dead for another reason, and stays so.
            if case .ready = state.status {
                state.groups[group.id] = error != .none && existed ? group : nil
                if let group = state.groups[group.id] { schedule(group, &state) }
            }
            reply.give(code)
        case .barrier(let reply): reply.give(error)
        }
    }
}
