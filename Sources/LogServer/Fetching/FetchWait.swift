import CommitLog
import LinuxIO

/// A fetch that waits until one of its partitions has more to read, or its time is over.
///
/// Holds nothing but the task; neither it nor those whom it waits for use any CPU meanwhile.
final class FetchWait: OffsetObserver {
    private enum State {
        case idle
        case waiting(CheckedContinuation<Void, Never>)
        case over
    }

    private let state = Lock(State.idle)

    /// Ends the wait, also one that has not begun.
    func offsetChanged() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            defer { state = .over }
            if case .waiting(let waiter) = state { return waiter } else { return nil }
        }
        waiter?.resume()
    }

    /// Waits until it is ended, or the task is cancelled.
    func wait(until deadline: ContinuousClock.Instant, on reactor: Reactor) async {
        reactor.schedule(at: deadline) { [weak self] in self?.offsetChanged() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if case .over = state { return true }
                    state = .waiting(continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            offsetChanged()
        }
    }
}
