import LinuxIO

/// A node that serves, or has served.
struct RunningNode: Sendable {
    /// Where clients connect to.
    let address: HostAndPort
    let broker: Broker
}

/// Whether a node serves already, and who waits for that.
final class NodeStart: Sendable {
    private enum State {
        case starting([UInt64: CheckedContinuation<RunningNode, any Error>])
        case over(Result<RunningNode, any Error>)
    }

    private let state = Lock((next: UInt64(0), state: State.starting([:])))

    func succeed(_ node: RunningNode) { end(.success(node)) }

    /// Counts only before it has succeeded.
    func fail(_ error: any Error) { end(.failure(error)) }

    private func end(_ result: Result<RunningNode, any Error>) {
        let waiters = state.withLock { state -> [CheckedContinuation<RunningNode, any Error>] in
            guard case .starting(let waiters) = state.state else { return [] }
            state.state = .over(result)
            return Array(waiters.values)
        }
        for waiter in waiters { waiter.resume(with: result) }
    }

    func node() async throws -> RunningNode {
        let key = state.withLock { state in
            state.next += 1
            return state.next
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result = state.withLock { state -> Result<RunningNode, any Error>? in
                    switch state.state {
                    case .over(let result): return result
                    case .starting where Task.isCancelled: return .failure(CancellationError())
                    case .starting(var waiters):
                        waiters[key] = continuation
                        state.state = .starting(waiters)
                        return nil
                    }
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> CheckedContinuation<RunningNode, any Error>? in
                guard case .starting(var waiters) = state.state else { return nil }
                defer { state.state = .starting(waiters) }
                return waiters.removeValue(forKey: key)
            }
            waiter?.resume(throwing: CancellationError())
        }
    }
}
