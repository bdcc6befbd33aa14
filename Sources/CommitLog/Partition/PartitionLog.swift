import LinuxIO
public import RecordBatch
import Synchronization
import SystemPackage

/// The log of one partition: batches of records in the order of their offsets, appended at the end, read from anywhere.
///
/// Obtained from a ``LogDirectory``. `Sendable`, and usable from any task or thread: appends are serialised by a lock and
/// only touch the page cache; reading takes no lock that an append holds across a call to the kernel; waiting for a disk is
/// `async`, but for what says that it blocks.
///
/// Under the default configuration (`flush.messages=1`) readers are held to what is durable, so that nobody reads what a
/// crash can take back.
public final class PartitionLog: Sendable {
    /// The partition's name.
    public let topicPartition: TopicPartition
    /// The directory of its files.
    let directory: FilePath
    let services: LogServices

    let appender: Lock<Appender>
    let refusal: Refusal
    /// Why the log could not be opened; its files and checkpoint entries then stay as they were found.
    let fence: LogError?
    /// What readers search.
    ///
    /// The lock is held for a copy of the list's reference, and by the writer when it rolls.
    let segmentList: Lock<SegmentList>
    let epochs: Lock<LeaderEpochCache>
    /// Whether the list of epochs has changed since it was written.
    let epochsChanged: Atomic<Bool>
    let startOffset: Atomic<Int64>
    /// The end of what was appended.
    let logEnd: OffsetGate
    /// The end of what is on disk.
    let durable: OffsetGate
    /// The end of what can be read; see ``highWatermark``.
    ///
    /// Moved with ``appender`` held while readers see the page cache, with ``durableState`` held while they are held to what
    /// is durable, and with both when that changes.
    let readable: OffsetGate
    /// Whether readers are held to what is durable.
    let isHeldToDurable: Atomic<Bool>
    /// How the log behaves; changed with ``appender`` held.
    let settings: Lock<LogConfiguration>
    /// Held while ``durable`` is moved.
    let durableState: Lock<DurableState>

    /// Who makes the log durable.
    let commitClaim = Lock(CommitClaim())
    /// Threads that wait for the commit that another one carries out.
    let commitsEnded = EventCount()
    /// Why nothing becomes durable any more: a sync has failed, or a cut of the tail half way.
    let commitRefusal = Refusal(nil)
    /// Held by whoever syncs the directory or writes a file of it by its path, and while it is renamed.
    let directoryUse = Lock(DirectoryUse())
    let isMaintenanceRequested = Atomic(false)
    let isDirectoryUnsynced = Atomic(false)
    /// Set by appends, cleared by housekeeping: tells whether the log has gone idle.
    let isActive = Atomic(false)
    /// The size of the active segment at which housekeeping wants to be called.
    let maintenanceDue: Atomic<Int64>
    /// Held by whoever works on the log's files beside the appender: housekeeping, truncation, closing.
    let maintenance: Lock<Maintenance>

    init(
        _ topicPartition: TopicPartition,
        in directory: FilePath,
        _ configuration: LogConfiguration,
        loaded: LoadedLog,
        services: LogServices
    ) {
        self.topicPartition = topicPartition
        self.directory = directory
        self.services = services
        refusal = Refusal(loaded.fence)
        fence = loaded.fence
        appender = Lock(Appender(loaded))
        segmentList = Lock(SegmentList(loaded.segments))
        epochs = Lock(loaded.epochs)
        epochsChanged = Atomic(loaded.epochsChanged)
        startOffset = Atomic(loaded.startOffset.rawValue)
        logEnd = OffsetGate(loaded.nextOffset)
        durable = OffsetGate(loaded.nextOffset)
        readable = OffsetGate(loaded.nextOffset)
        isHeldToDurable = Atomic(configuration.isDurableByDefault)
        settings = Lock(configuration)
        let written = loaded.active.writtenEnd
        let maintenance = Maintenance(
            reservation: SpaceReservation(
                segment: loaded.active.baseOffset,
                written: written,
                at: services.housekeeper.seconds
            )
        )
        self.maintenance = Lock(maintenance)
        durableState = Lock(DurableState(segment: loaded.active.baseOffset, times: .settled))
        maintenanceDue = Atomic(maintenance.nextDue(written: written, configuration).rawValue)
        if let fence = loaded.fence {
            logEnd.close(fence)
            durable.close(fence)
            readable.close(fence)
        }
    }

    /// How the log behaves: what it was opened with, or what was set since.
    public var configuration: LogConfiguration { settings.withLock(\.self) }

    // MARK: Offsets

    /// The first offset that can be read.
    public var logStartOffset: Offset { Offset(startOffset.load(ordering: .acquiring)) }

    /// The offset that the next record will get.
    public var logEndOffset: Offset { logEnd.current }

    /// The offset below which everything is on disk.
    public var durableOffset: Offset { durable.current }

    /// The offset below which everything can be read: the durable offset under the default `flush.messages`, the log end
    /// offset under any other.
    ///
    /// When `flush.messages` is set to the default, what could be read until then still can.
    public var highWatermark: Offset { readable.current }

    /// The epoch of the last batch, `LeaderEpoch.none` if there is none.
    public var latestEpoch: LeaderEpoch { epochs.withLock { $0.latest?.epoch } ?? .none }

    /// Where a leader epoch ends: the largest one that is not above the one asked for, and the first offset after it.
    ///
    /// - Returns: `nil` if there is no such epoch.
    /// - Complexity: O(log n) of the epochs.
    public func endOffset(of epoch: LeaderEpoch) -> (epoch: LeaderEpoch, offset: Offset)? {
        epochs.withLock { $0.endOffset(for: epoch, logEnd: logEndOffset) }
    }

    /// Bytes that were appended and that a power loss would take.
    public var bytesAtRisk: Int { segments.reduce(0) { $0 + ($1.writtenEnd - $1.durableEnd) } }

    /// Bytes in all segments.
    public var byteCount: Int { segments.reduce(0) { $0 + ($1.writtenEnd - .start) } }

    /// How many segments the log consists of.
    public var segmentCount: Int { segmentList.withLock { $0.segments.count } }

    /// Why the log takes no appends; `nil` while it does.
    public var failure: LogError? { refusal.current }

    /// The end of what can be read of a segment.
    func readableEnd(of segment: Segment) -> FilePosition {
        // First the position: one that was read before readers were held was not held back.
        let written = segment.writtenEnd
        return isHeldToDurable.load(ordering: .acquiring) ? max(segment.durableEnd, segment.exposedEnd) : written
    }

    var segments: [Segment] { segmentList.withLock { $0.segments } }

    // MARK: Waiting for durability

    /// Waits until the record at `offset` and everything before it is on disk.
    ///
    /// Under the default `flush.messages` a commit is under way already; under any other this asks for one.
    ///
    /// - Throws: the error that made the log read-only, if the record could not be made durable; ``LogError/Code/cancelled``
    ///   if the task was cancelled. In both cases the record may be on disk all the same. ``LogError/Code/offsetOutOfRange`` if
    ///   the log's tail was cut below the record meanwhile.
    public func waitUntilDurable(_ offset: Offset) async throws(LogError) {
        try await waitUntilDurable(offset, isCancellable: true)
    }

    /// The same; where it is not cancellable it ends with the commit, as commits do soon, one way or the other.
    package func waitUntilDurable(_ offset: Offset, isCancellable: Bool) async throws(LogError) {
        guard durable.current <= offset else { return }
        if !isHeldToDurable.load(ordering: .acquiring) { requestCommit() }
        guard try await durable.wait(for: offset + 1, isCancellable: isCancellable) else {
            throw LogError(.cancelled, "Waiting for offset \(offset.rawValue) was cancelled", at: .init(topicPartition))
        }
    }

    /// Waits until everything appended so far is on disk.
    public func flush() async throws(LogError) {
        let end = logEnd.current
        guard end > durable.current else { return }
        try await waitUntilDurable(end + -1)
    }

    func error(_ code: LogError.Code, _ message: String, cause: (any Error)? = nil) -> LogError {
        LogError(code, message, at: .init(topicPartition, path: directory), cause: cause)
    }
}
