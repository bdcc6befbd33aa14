import LinuxIO

/// A value that somebody waits for, and another one gives.
final class PendingReply<Value: Sendable>: Sendable {
    private let state = Lock(State.empty)

    private enum State: Sendable {
        case empty
        case waiting(CheckedContinuation<Value, Never>)
        case given(Value)
        case taken
    }

    /// Gives the value; the first one counts.
    func give(_ value: Value) {
        let continuation = state.withLock { state -> CheckedContinuation<Value, Never>? in
            switch state {
            case .empty: state = .given(value)
            case .waiting(let continuation):
                state = .taken
                return continuation
            case .given, .taken: break
            }
            return nil
        }
        continuation?.resume(returning: value)
    }

    /// Waits for the value; to be called once.
    /// - Parameter other: What is returned when the task is cancelled before.
    func value(ifCancelled other: Value) async -> Value {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let value = state.withLock { state -> Value? in
                    if case .given(let value) = state {
                        state = .taken
                        return value
                    }
                    state = .waiting(continuation)
                    return nil
                }
                if let value { continuation.resume(returning: value) }
            }
        } onCancel: {
            give(other)
        }
    }
}
