internal import CSystemShims
import Synchronization

/// Lets threads wait until something that they look at elsewhere may have changed.
///
/// ```
/// while true {
///     let seen = events.current
///     if somethingHolds() { break }
///     events.wait(past: seen)       // returns at once if there was an event since
/// }
/// ```
/// An event without anybody who waits is two atomic operations.
///
/// `@unchecked Sendable`: both words are atomic.
@safe package struct EventCount: ~Copyable, @unchecked Sendable {
    /// In memory of its own, because the kernel knows the word by its address.
    private let count: UnsafeMutablePointer<Atomic<UInt32>>
    private let waiting = Atomic<Int>(0)

    package init() {
        unsafe count = .allocate(capacity: 1)
        unsafe count.initialize(to: Atomic(0))
    }

    deinit {
        unsafe count.deinitialize(count: 1)
        unsafe count.deallocate()
    }

    /// What to pass to ``wait(past:)``, read before the look at what is waited for.
    package var current: UInt32 { unsafe count.pointee.load(ordering: .sequentiallyConsistent) }

    /// Blocks the calling thread until there was an event since `seen` was read; sometimes it returns sooner.
    package borrowing func wait(past seen: UInt32) {
        // Sequentially consistent with ``signal()``: either that sees us waiting, or the kernel sees the new count.
        waiting.add(1, ordering: .sequentiallyConsistent)
        unsafe csys_futex_wait(UnsafeRawPointer(count).assumingMemoryBound(to: UInt32.self), seen)
        waiting.subtract(1, ordering: .sequentiallyConsistent)
    }

    /// Announces an event: everybody who waits goes on.
    package borrowing func signal() {
        unsafe count.pointee.add(1, ordering: .sequentiallyConsistent)
        guard waiting.load(ordering: .sequentiallyConsistent) > 0 else { return }
        unsafe csys_futex_wake_all(UnsafeRawPointer(count).assumingMemoryBound(to: UInt32.self))
    }
}
