internal import SystemPackage

/// Requests go to the threads of a pool, and the reactor's thread waits for them, and for wake-ups, with epoll(7).
struct EpollPort: DiskPort, ~Copyable {
    private var epoll: Epoll
    private let wakeUp: WakeUp
    private let pool: ThreadPool
    private let done = Done()

    let capacity: Int

    private static let wakeToken = UInt64.max

    /// What the pool's threads have finished and the reactor's thread has not seen.
    private final class Done: Sendable {
        private let completions = Lock<[Completion]>([])

        /// Returns whether it is the first, so that the reactor has to be told.
        func add(_ completion: Completion) -> Bool {
            completions.withLock { completions in
                completions.append(completion)
                return completions.count == 1
            }
        }

        func takeAll() -> [Completion] {
            completions.withLock { completions in
                defer { completions = [] }
                return completions
            }
        }
    }

    /// `owner` is what fault injectors know the calls by.
    init(name: String, queueDepth: Int, diskWorkers: Int, wakeUp: WakeUp, owner: FilePath) throws(Errno) {
        let epoll = try Epoll(owner: owner)
        try epoll.watch(wakeUp.descriptor, token: EpollPort.wakeToken)
        self.epoll = epoll
        self.wakeUp = wakeUp
        pool = ThreadPool(name: name, threads: diskWorkers)
        capacity = queueDepth
    }

    mutating func start(_ request: IORequest, _ token: OperationToken) {
        let (done, wakeUp) = (done, wakeUp)
        pool.run {
            if done.add(Completion(token: token, result: request.perform())) { wakeUp.signal() }
        }
    }

    mutating func wait(_ limit: WaitLimit, into completions: inout [Completion]) {
        let wakeUp = wakeUp
        // Cleared before the completions are taken: one that comes in between leaves a signal for the next wait.
        epoll.wait(limit) { token in
            if token == EpollPort.wakeToken { wakeUp.clear() }
        }
        completions.append(contentsOf: done.takeAll())
    }

    consuming func close() {
        pool.shutdown()
    }
}
