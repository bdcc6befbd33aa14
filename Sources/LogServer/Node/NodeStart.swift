import LinuxIO

/// Whether a node serves already, and who waits for that.
final class NodeStart: Sendable {
    private enum State {
        case starting([UInt64: CheckedContinuation<HostAndPort, any Error>])
        case over(Result<HostAndPort, any Error>)
    }

    private let state = Lock((next: UInt64(0), state: State.starting([:])))

    func succeed(_ address: HostAndPort) { end(.success(address)) }

    /// Counts only before it has succeeded.
    func fail(_ error: any Error) { end(.failure(error)) }

    private func end(_ result: Result<HostAndPort, any Error>) {
        let waiters = state.withLock { state -> [CheckedContinuation<HostAndPort, any Error>] in
            guard case .starting(let waiters) = state.state else { return [] }
            state.state = .over(result)
            return Array(waiters.values)
        }
        for waiter in waiters { waiter.resume(with: result) }
    }

    func address() async throws -> HostAndPort {
        let key = state.withLock { state in
            state.next += 1
            return state.next
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result = state.withLock { state -> Result<HostAndPort, any Error>? in
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
            let waiter = state.withLock { state -> CheckedContinuation<HostAndPort, any Error>? in
                guard case .starting(var waiters) = state.state else { return nil }
                defer { state.state = .starting(waiters) }
                return waiters.removeValue(forKey: key)
            }
            waiter?.resume(throwing: CancellationError())
        }
    }
}
