internal import CSystemShims
internal import SystemPackage

/// A counter of the kernel's by which any thread wakes the one that waits for it: eventfd(2).
final class WakeUp: Sendable {
    /// Becomes readable with ``signal()``.
    let descriptor: Int32

    /// `owner` is what fault injectors know the call by.
    init(owner: FilePath) throws(Errno) {
        let result = try Syscalls.uninterrupted(.eventfd, owner) { csys_eventfd_create() }
        descriptor = Int32(truncatingIfNeeded: result)
    }

    deinit {
        _ = csys_close(descriptor)
    }

    /// Wakes the thread that waits, or the next one that will.
    func signal() {
        let result = csys_eventfd_signal(descriptor)
        precondition(result == 0, "Cannot signal an eventfd: \(Errno(result: Int(result)))")
    }

    /// Takes back all signals so far; waits for one where there is none.
    func clear() {
        _ = csys_eventfd_clear(descriptor)
    }
}
