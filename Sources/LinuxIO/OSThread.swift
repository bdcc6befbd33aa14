internal import CSystemShims
internal import Glibc
internal import SystemPackage

/// A thread of the operating system.
///
/// Exactly one of ``join()`` and ``detach()`` has to be called on each.
struct OSThread: Sendable {
    private let handle: pthread_t

    /// Starts a thread that runs `body` with signals blocked.
    ///
    /// `name` is shown by debuggers and /proc, its first 15 bytes. Throws EAGAIN where the system or the user has no
    /// thread left.
    static func start(name: String, _ body: @escaping @Sendable () -> Void) throws(Errno) -> OSThread {
        let start = unsafe Unmanaged.passRetained(Start(name: name, body: body))
        var handle = pthread_t()
        let result = unsafe pthread_create(
            &handle,
            nil,
            { context in
                guard let context = unsafe context else { return nil }
                // The reference that was passed is taken over here, so that it is released before the thread ends.
                let start = unsafe Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
                unsafe start.name.withCString { unsafe csys_thread_set_name($0) }
                csys_thread_block_signals()
                start.body()
                return nil
            },
            start.toOpaque()
        )
        guard result == 0 else {
            unsafe start.release()
            throw Errno(rawValue: result)
        }
        return OSThread(handle: handle)
    }

    /// Waits until the thread has ended.
    func join() {
        let result = pthread_join(handle, nil)
        precondition(result == 0, "Cannot join a thread: \(Errno(rawValue: result))")
    }

    /// Lets the thread end without anybody waiting for it.
    func detach() {
        pthread_detach(handle)
    }

    /// A number that no other thread that is running has, never 0.
    static var current: UInt { UInt(pthread_self()) }

    private final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
}
