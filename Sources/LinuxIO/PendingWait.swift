internal import SystemPackage

/// A task's wait for a socket, together with the socket, which has to stay open until the kernel is done with it.
///
/// No memory is lent to a wait.
struct PendingWait: Sendable {
    let socket: Socket
    let readiness: Readiness
    /// Resumed with nil once the socket is ready, else with the reason why it will not be waited for any longer.
    private let continuation: CheckedContinuation<Errno?, Never>

    init(_ socket: Socket, _ readiness: Readiness, _ continuation: CheckedContinuation<Errno?, Never>) {
        self.socket = socket
        self.readiness = readiness
        self.continuation = continuation
    }

    /// What injectors of faults have to say about it.
    var injectedFault: Errno? {
        guard FaultInjector.isArmed,
            case .fail(let errno) = FaultInjector.answer(.poll, socket.path, to: nil, at: nil, bytes: 0)
        else { return nil }
        return errno
    }

    /// Lets the task go on.
    consuming func finish(_ outcome: Errno?) {
        continuation.resume(returning: outcome)
    }
}
