import LinuxIO
import Synchronization

/// The thread that does what appends and reads leave to others: settling sealed segments, preparing next ones, checkpoints,
/// closing what is idle.
///
/// It sleeps while nothing happens: its timers are set by activity, and their work is measured by what was active, not by
/// what exists.
final class Housekeeper: Sendable {
    /// How long after progress the durable positions are written; they are never further behind than this.
    private static let checkpointDelay = Duration.seconds(1)
    /// How long a log or a file has to be unused before it counts as idle; at most twice this.
    private static let idleDelay = Duration.seconds(10)

    private let reactor: Reactor
    private let cache: FileCache
    private let state = Lock(State())
    private let started = ContinuousClock.now

    private struct State {
        var active: [PartitionLog] = []
        var cooling: [PartitionLog] = []
        var isSweepScheduled = false
        var isCheckpointScheduled = false
        var checkpoint: (@Sendable () -> Void)?
    }

    init(cache: FileCache) throws(IOError) {
        self.cache = cache
        reactor = try Reactor(name: "millrace-keep")
    }

    /// Sets what writes the checkpoints.
    func setCheckpoint(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.checkpoint = body } }

    /// Seconds on a clock that does not go backwards.
    var seconds: Double { (ContinuousClock.now - started) / .seconds(1) }

    /// Runs `body` on the housekeeper's thread.
    func execute(_ body: @escaping @Sendable () -> Void) { reactor.execute(body) }

    /// Runs `body` on the housekeeper's thread, and waits for it without holding up a thread.
    func run<Value: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<Value, Failure>, Never>) in
            reactor.execute {
                do throws(Failure) {
                    continuation.resume(returning: .success(try body()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }

    /// Runs `body` on the housekeeper's thread after `delay`.
    func schedule(after delay: Duration, _ body: @escaping @Sendable () -> Void) {
        reactor.schedule(at: .now + delay, body)
    }

    /// Ends the thread once it has done what it was asked for.
    ///
    /// Timers do not fire any more, and the logs, which hold this, are let go.
    func shutdown() {
        reactor.shutdown()
        let state = state.withLock { state in
            defer { state = State() }
            return state
        }
        // Outside of the lock: the last reference to a log may be one of these.
        _ = consume state
    }

    /// Takes note that a log became durable further: a checkpoint is due within a second.
    func noteProgress() {
        let isFirst = state.withLock { state in
            defer { state.isCheckpointScheduled = true }
            return !state.isCheckpointScheduled
        }
        if isFirst {
            schedule(after: Self.checkpointDelay) {
                let checkpoint = self.state.withLock { state in
                    state.isCheckpointScheduled = false
                    return state.checkpoint
                }
                checkpoint?()
            }
        }
    }

    /// Takes note that a log which was idle is appended to.
    func noteActivity(of log: PartitionLog) {
        state.withLock { $0.active.append(log) }
        scheduleSweep()
    }

    private func scheduleSweep() {
        let isFirst = state.withLock { state in
            defer { state.isSweepScheduled = true }
            return !state.isSweepScheduled
        }
        if isFirst { schedule(after: Self.idleDelay) { self.sweep() } }
    }

    /// Puts the logs to rest that were active once but not since the last sweep, and closes files that nobody used.
    private func sweep() {
        let idle = state.withLock { state in
            state.isSweepScheduled = false
            let idle = state.cooling.filter { !$0.isActive.load(ordering: .acquiring) }
            state.cooling = state.active
            state.active = []
            return idle
        }
        state.withLock { for log in $0.cooling { log.isActive.store(false, ordering: .releasing) } }
        for log in idle { log.quiesce() }
        let open = cache.sweep()
        if open > 0 || state.withLock({ !$0.cooling.isEmpty || !$0.active.isEmpty }) { scheduleSweep() }
    }
}
