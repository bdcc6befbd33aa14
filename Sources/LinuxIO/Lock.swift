internal import CSystemShims
package import Synchronization

/// State that one thread at a time may use.
///
/// Has the shape of `Mutex` of the standard library and takes its place in this package, for two reasons. With more
/// threads than cores, `Mutex` on Linux (priority-inheriting futexes after a long spin) was measured to be a hundred times
/// slower than this lock. And where threads wait for each other it is handed on in code that Thread Sanitizer does not
/// see, which then reports races where there are none.
///
/// ```
///   word   0: free    1: held    2: held, and somebody may be waiting
/// ```
/// Ulrich Drepper, "Futexes Are Tricky", section 5, is the source of these states.
///
/// `@unchecked Sendable`: `state` is only touched by the thread that has moved `word` away from 0.
@safe package struct Lock<State: ~Copyable>: ~Copyable, @unchecked Sendable {
    /// Both live in memory of their own, because the kernel knows the word by its address.
    @usableFromInline let word: UnsafeMutablePointer<Atomic<UInt32>>
    @usableFromInline let state: UnsafeMutablePointer<State>

    /// A lock around `state`, held by nobody.
    @inlinable
    package init(_ state: consuming sending State) {
        assert(MemoryLayout<Atomic<UInt32>>.size == 4, "the kernel takes the word for a UInt32")
        unsafe word = .allocate(capacity: 1)
        unsafe word.initialize(to: Atomic(0))
        unsafe self.state = .allocate(capacity: 1)
        unsafe self.state.initialize(to: state)
    }

    @inlinable
    deinit {
        unsafe state.deinitialize(count: 1)
        unsafe state.deallocate()
        unsafe word.deinitialize(count: 1)
        unsafe word.deallocate()
    }

    /// Runs `body` with the lock held; it must not take the lock again, nor block.
    @inlinable
    package borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending State) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        let (isFree, _) = unsafe word.pointee.compareExchange(expected: 0, desired: 1, ordering: .acquiring)
        if !isFree { wait() }
        defer {
            if unsafe word.pointee.exchange(0, ordering: .releasing) == 2 { wakeOne() }
        }
        return try unsafe body(&state.pointee)
    }

    /// Takes the lock when it is not free.
    ///
    /// Whoever comes through here leaves 2 behind, because it cannot know whether others wait too. At worst that costs
    /// one superfluous wake-up.
    @usableFromInline
    borrowing func wait() {
        while unsafe word.pointee.exchange(2, ordering: .acquiring) != 0 {
            unsafe csys_futex_wait(UnsafeRawPointer(word).assumingMemoryBound(to: UInt32.self), 2)
        }
    }

    @usableFromInline
    borrowing func wakeOne() {
        unsafe csys_futex_wake(UnsafeRawPointer(word).assumingMemoryBound(to: UInt32.self))
    }
}
