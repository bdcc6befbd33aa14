internal import CSystemShims
internal import SystemPackage

/// An epoll instance, which it owns: epoll(7).
struct Epoll: ~Copyable {
    private let descriptor: Int32
    private var ready = [csys_ready](repeating: csys_ready(), count: 64)

    /// `owner` is what fault injectors know the call by.
    init(owner: FilePath) throws(Errno) {
        let result = try Syscalls.uninterrupted(.epollCreate, owner) { csys_epoll_create() }
        descriptor = Int32(truncatingIfNeeded: result)
    }

    deinit {
        _ = csys_close(descriptor)
    }

    /// Watches a descriptor until it is closed: each wait while it is readable reports `token`.
    func watch(_ other: Int32, token: UInt64) throws(Errno) {
        let result = csys_epoll_add(descriptor, other, UInt32(CSYS_READY_IN), token)
        if result < 0 { throw Errno(result: Int(result)) }
    }

    /// Watches a descriptor until it is ready once; in place of what it was to be watched for before.
    ///
    /// Its token is its number. What was closed is watched no more, so that the number may be that of another descriptor
    /// than before.
    func watchOnce(_ other: Int32, for readiness: Readiness) throws(Errno) {
        let token = UInt64(other)
        var result = csys_epoll_again_once(descriptor, other, readiness.rawValue, token)
        if result < 0, Errno(result: Int(result)) == .noSuchFileOrDirectory {
            result = csys_epoll_add_once(descriptor, other, readiness.rawValue, token)
        }
        if result < 0 { throw Errno(result: Int(result)) }
    }

    /// Watches a descriptor no more.
    func remove(_ other: Int32) {
        _ = csys_epoll_remove(descriptor, other)
    }

    /// Waits until a watched descriptor is ready, and gives `body` the token of each that is, and what it is ready for.
    mutating func wait(_ limit: WaitLimit, _ body: (_ token: UInt64, _ events: Readiness) -> Void) {
        let count = unsafe csys_epoll_wait(descriptor, limit.nanoseconds, &ready, UInt32(ready.count))
        guard count >= 0 else {
            let errno = Errno(result: Int(count))
            precondition(errno == .interrupted, "Cannot wait on epoll: \(errno)")
            return
        }
        for event in ready.prefix(Int(count)) { body(event.token, Readiness(rawValue: event.events)) }
    }
}
