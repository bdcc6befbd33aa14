/// A few threads for calls that block.
///
/// Work is begun in the order of its arrival. Threads are started as they are needed, up to a limit, and stay.
public final class ThreadPool: Sendable {
    /// A piece of work.
    typealias Work = @Sendable () -> Void

    private struct State: Sendable {
        var queue: WorkQueue<Work>
        var threads: [OSThread] = []
    }

    private let name: String
    private let state: Monitor<State>

    /// A pool without threads as yet.
    /// - Parameters:
    ///   - name: What debuggers call its threads; the first 15 bytes count.
    ///   - threads: How many there may be; at least 1.
    public init(name: String, threads: Int) {
        precondition(threads > 0, "Cannot make a pool of \(threads) threads")
        self.name = name
        state = Monitor(State(queue: WorkQueue(threads: threads)))
    }

    deinit {
        // The threads hold the state, not the pool: they do what is left and end. The last reference may have been that
        // of work on one of them, so nobody waits here.
        let threads = state.withLock { state in
            state.queue.shutDown()
            defer { state.threads = [] }
            return state.threads
        }
        state.broadcast()
        for thread in threads { thread.detach() }
    }

    /// Runs `body` on one of the threads, and does not wait for it.
    ///
    /// On the calling thread instead, before this returns, where the pool has been shut down, or has no thread at all
    /// and the system refuses to start one. May be called from any thread.
    /// - Parameter body: What to run.
    public func run(_ body: @escaping @Sendable () -> Void) {
        let monitor = state
        let runHere: Work? = monitor.withLock { state in
            switch state.queue.add(body) {
            case .wake:
                monitor.signal()
            case .queued:
                break
            case .start:
                // Under the lock, so that whoever shuts down sees the work and the thread that does it, or neither.
                guard let thread = try? OSThread.start(name: name, { ThreadPool.work(monitor) }) else {
                    return state.queue.threadDidNotStart()
                }
                state.threads.append(thread)
            case .refused:
                return body
            }
            return nil
        }
        runHere?()
    }

    /// Runs `body` on one of the threads.
    /// - Parameter body: What to run.
    /// - Returns: What it returns.
    public func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            run { continuation.resume(returning: body()) }
        }
    }

    /// Waits until all work is done and all threads have ended.
    ///
    /// Harmless when done twice. Must not be called from work on the pool.
    public func shutdown() {
        let threads = state.withLock { state in
            state.queue.shutDown()
            defer { state.threads = [] }
            return state.threads
        }
        state.broadcast()
        for thread in threads { thread.join() }
    }

    private static func work(_ state: Monitor<State>) {
        var wasWaiting = false
        while true {
            let work: Work? = state.waitFor { state -> Work?? in
                switch state.queue.next(wasWaiting: wasWaiting) {
                case .run(let work):
                    wasWaiting = false
                    return .some(work)
                case .wait:
                    wasWaiting = true
                    return nil
                case .end:
                    return .some(nil)
                }
            }
            guard let work else { return }
            work()
        }
    }
}
