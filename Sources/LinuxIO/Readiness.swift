internal import CSystemShims

/// What a descriptor is waited for to be ready for.
struct Readiness: OptionSet, Hashable, Sendable {
    /// The bits of poll(2) and epoll(7).
    let rawValue: UInt32

    /// A call that reads, or accepts, does not have to wait.
    static let reading = Readiness(rawValue: UInt32(CSYS_READY_IN))
    /// A call that writes does not have to wait; a connection is there, or has failed.
    static let writing = Readiness(rawValue: UInt32(CSYS_READY_OUT))

    /// Errors and ends concern everybody: whoever waits learns of them by his next call.
    static let trouble = Readiness(rawValue: UInt32(CSYS_READY_ERROR) | UInt32(CSYS_READY_HANG_UP))
}
