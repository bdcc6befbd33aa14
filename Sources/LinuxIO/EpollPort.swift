internal import SystemPackage

/// Requests go to the threads of a pool, and the reactor's thread waits for them, for wake-ups, and for sockets, with
/// epoll(7).
struct EpollPort: ReactorPort, ~Copyable {
    private var epoll: Epoll
    private let wakeUp: WakeUp
    private let pool: ThreadPool
    private let done = Done()
    private var waits = DescriptorWaits()
    private var ready: [(descriptor: Int32, events: Readiness)] = []

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

    mutating func startWait(
        for readiness: Readiness,
        of descriptor: Int32,
        _ token: OperationToken,
        into completions: inout [Completion]
    ) {
        watch(descriptor, for: waits.add(token, for: readiness, of: descriptor), &completions)
    }

    mutating func endWait(of descriptor: Int32, _ token: OperationToken, into completions: inout [Completion]) {
        guard let rest = waits.remove(token, of: descriptor) else { return }
        completions.append(Completion(token: token, result: -Int(Errno.canceled.rawValue)))
        if rest.isEmpty { epoll.remove(descriptor) } else { watch(descriptor, for: rest, &completions) }
    }

    /// Watches a descriptor for all who wait for it, and tells them if that is not possible.
    private mutating func watch(_ descriptor: Int32, for readiness: Readiness, _ completions: inout [Completion]) {
        do {
            try epoll.watchOnce(descriptor, for: readiness)
        } catch {
            let result = -Int(error.rawValue)
            completions += waits.takeAll(descriptor).map { Completion(token: $0, result: result) }
        }
    }

    mutating func wait(_ limit: WaitLimit, into completions: inout [Completion]) {
        let wakeUp = wakeUp
        var ready: [(descriptor: Int32, events: Readiness)] = []
        swap(&ready, &self.ready)
        // Cleared before the completions are taken: one that comes in between leaves a signal for the next wait.
        epoll.wait(limit) { token, events in
            if token == EpollPort.wakeToken {
                wakeUp.clear()
            } else {
                ready.append((Int32(truncatingIfNeeded: token), events))
            }
        }
        for (descriptor, events) in ready {
            let (tokens, rest) = waits.takeReady(descriptor, events)
            completions += tokens.map { Completion(token: $0, result: Int(events.rawValue)) }
            if !rest.isEmpty { watch(descriptor, for: rest, &completions) }
        }
        ready.removeAll(keepingCapacity: true)
        self.ready = ready
        completions.append(contentsOf: done.takeAll())
    }

    consuming func close() {
        pool.shutdown()
    }
}
