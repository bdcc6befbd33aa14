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
        var waiters = OffsetWaiters<Waiter>()
        /// Why nobody can wait any more.
        var closed: LogError?
    }

    /// Who waits.
    private enum Waiter {
        case task(CheckedContinuation<Result<Bool, LogError>, Never>)
        case observer(any OffsetObserver)
    }

    init(_ offset: Offset) { self.offset = Atomic(offset.rawValue) }

    /// The offset below which everything is there.
    var current: Offset { Offset(offset.load(ordering: .acquiring)) }

    /// Moves the offset and wakes those who waited for it.
    func move(to new: Offset) {
        // Sequentially consistent with the increment in `wait`: either we see the waiter, or the waiter sees the offset.
        offset.store(new.rawValue, ordering: .sequentiallyConsistent)
        guard interested.load(ordering: .sequentiallyConsistent) > 0 else { return }
        wake(state.withLock { $0.waiters.reached(new) }, .success(true))
    }

    /// The error that the gate was closed with, if it was.
    var closed: LogError? { state.withLock(\.closed) }

    /// How many wait.
    var waiterCount: Int { state.withLock { $0.waiters.count } }

    /// Fails those who wait for more than `end`: what they wait for was cut off.
    func fail(beyond end: Offset, _ error: LogError) {
        wake(state.withLock { $0.waiters.beyond(end) }, .failure(error))
    }

    /// Fails everybody who waits or will wait.
    func close(_ error: LogError) {
        let waiters = state.withLock { state in
            state.closed = error
            return state.waiters.removeAll()
        }
        wake(waiters, .failure(error))
    }

    private func wake(_ waiters: [Waiter], _ result: Result<Bool, LogError>) {
        for waiter in waiters {
            switch waiter {
            case .task(let continuation): continuation.resume(returning: result)
            case .observer(let observer):
                interested.subtract(1, ordering: .sequentiallyConsistent)
                observer.offsetChanged()
            }
        }
    }

    /// Calls an observer once, as soon as the offset has reached `target`, or never will.
    ///
    /// A log that is read-only can be read as before: its end is not reached, and not given up either.
    ///
    /// - Returns: `nil` if that is so already: then the observer is not called.
    func observe(_ target: Offset, by observer: any OffsetObserver) -> OffsetObservation? {
        interested.add(1, ordering: .sequentiallyConsistent)
        let id = state.withLock { state -> OffsetWaiterID? in
            let isOver = state.closed.map { $0.code != .readOnly } ?? false
            guard !isOver, Offset(offset.load(ordering: .sequentiallyConsistent)) < target else { return nil }
            let id = state.waiters.makeID()
            state.waiters.add(.observer(observer), target: target, id: id)
            return id
        }
        guard let id else {
            interested.subtract(1, ordering: .sequentiallyConsistent)
            return nil
        }
        return OffsetObservation(gate: self, id: id)
    }

    /// Ends an observation, if the observer was not called yet.
    func cancel(_ id: OffsetWaiterID) {
        guard state.withLock({ $0.waiters.remove(id) }) != nil else { return }
        interested.subtract(1, ordering: .sequentiallyConsistent)
    }

    /// Waits until the offset has reached `target`.
    ///
    /// - Parameter isCancellable: whether a cancellation of the task ends the wait.
    /// - Returns: `false` if the task was cancelled first.
    /// - Throws: the error that the gate was closed with, or that of ``fail(beyond:_:)``.
    func wait(for target: Offset, isCancellable: Bool = true) async throws(LogError) -> Bool {
        if current >= target { return true }
        interested.add(1, ordering: .sequentiallyConsistent)
        defer { interested.subtract(1, ordering: .sequentiallyConsistent) }
        let id = state.withLock { $0.waiters.makeID() }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { state -> Result<Bool, LogError>? in
                    if let closed = state.closed { return .failure(closed) }
                    if Offset(offset.load(ordering: .sequentiallyConsistent)) >= target { return .success(true) }
                    if isCancellable, Task.isCancelled { return .success(false) }
                    state.waiters.add(.task(continuation), target: target, id: id)
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            if isCancellable, case .task(let waiter)? = state.withLock({ $0.waiters.remove(id) }) {
                waiter.resume(returning: .success(false))
            }
        }
        return try result.get()
    }
}
