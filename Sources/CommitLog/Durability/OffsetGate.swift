import LinuxIO
import RecordBatch
import Synchronization

/// An offset that only moves as its owner says, and those who wait for it.
///
/// Reading the offset is one atomic load; advancing it takes a lock only if somebody waits. Thread-safe.
final class OffsetGate: Sendable {
    private let offset: Atomic<Int64>
    /// How many wait or are about to; checked after each advance, raised before each last look at the offset.
    private let interested = Atomic(0)
    private let state = Lock(State())

    private struct State {
        var waiters = OffsetWaiters<CheckedContinuation<Result<Bool, LogError>, Never>>()
        /// Why nobody can wait any more.
        var closed: LogError?
    }

    init(_ offset: Offset) { self.offset = Atomic(offset.rawValue) }

    /// The offset below which everything is there.
    var current: Offset { Offset(offset.load(ordering: .acquiring)) }

    /// Moves the offset and wakes those who waited for it.
    func move(to new: Offset) {
        // Sequentially consistent with the increment in `wait`: either we see the waiter, or the waiter sees the offset.
        offset.store(new.rawValue, ordering: .sequentiallyConsistent)
        guard interested.load(ordering: .sequentiallyConsistent) > 0 else { return }
        for waiter in state.withLock({ $0.waiters.reached(new) }) { waiter.resume(returning: .success(true)) }
    }

    /// The error that the gate was closed with, if it was.
    var closed: LogError? { state.withLock(\.closed) }

    /// How many wait.
    var waiterCount: Int { state.withLock { $0.waiters.count } }

    /// Fails those who wait for more than `end`: what they wait for was cut off.
    func fail(beyond end: Offset, _ error: LogError) {
        for waiter in state.withLock({ $0.waiters.beyond(end) }) { waiter.resume(returning: .failure(error)) }
    }

    /// Fails everybody who waits or will wait.
    func close(_ error: LogError) {
        let waiters = state.withLock { state in
            state.closed = error
            return state.waiters.removeAll()
        }
        for waiter in waiters { waiter.resume(returning: .failure(error)) }
    }

    /// Waits until the offset has reached `target`.
    ///
    /// - Returns: `false` if the task was cancelled first.
    /// - Throws: the error that the gate was closed with, or that of ``fail(beyond:_:)``.
    func wait(for target: Offset) async throws(LogError) -> Bool {
        if current >= target { return true }
        interested.add(1, ordering: .sequentiallyConsistent)
        defer { interested.subtract(1, ordering: .sequentiallyConsistent) }
        let id = state.withLock { $0.waiters.makeID() }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { state -> Result<Bool, LogError>? in
                    if let closed = state.closed { return .failure(closed) }
                    if Offset(offset.load(ordering: .sequentiallyConsistent)) >= target { return .success(true) }
                    if Task.isCancelled { return .success(false) }
                    state.waiters.add(continuation, target: target, id: id)
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            state.withLock { $0.waiters.remove(id) }?.resume(returning: .success(false))
        }
        return try result.get()
    }
}
