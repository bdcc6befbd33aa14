internal import Glibc

/// State behind a lock, and a way to wait until it changes.
///
/// For the few places where a thread has to block until another one gets somewhere; a `Lock`
/// has nothing to wait for.
///
/// `@unchecked Sendable`: `state` is only touched with `mutex` held.
@safe final class Monitor<State: Sendable>: @unchecked Sendable {
    private var state: State
    // In memory of their own because both are known to the C library by address.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let changed: UnsafeMutablePointer<pthread_cond_t>

    init(_ state: State) {
        self.state = state
        unsafe mutex = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe changed = .allocate(capacity: 1)
        unsafe changed.initialize(to: pthread_cond_t())
        let made = unsafe (pthread_mutex_init(mutex, nil), pthread_cond_init(changed, nil))
        precondition(made == (0, 0), "Cannot make a mutex and a condition with default attributes: \(made)")
    }

    deinit {
        unsafe pthread_cond_destroy(changed)
        unsafe pthread_mutex_destroy(mutex)
        unsafe changed.deallocate()
        unsafe mutex.deallocate()
    }

    /// Runs `body` with the lock held; it must not take the lock again.
    func withLock<Result>(_ body: (inout State) -> Result) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return body(&state)
    }

    /// Runs `body` with the lock held until it has a result, waiting for a ``signal()`` before each further try.
    func waitFor<Result>(_ body: (inout State) -> Result?) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&state) { return result }
            unsafe pthread_cond_wait(changed, mutex)
        }
    }

    /// Lets one waiting thread try again.
    func signal() {
        unsafe pthread_cond_signal(changed)
    }

    /// Lets all waiting threads try again.
    func broadcast() {
        unsafe pthread_cond_broadcast(changed)
    }
}
