internal import SystemPackage

/// What a reactor's thread does: takes what others ask for, hands operations to the kernel, fires timers, waits.
struct EventLoop<Port: DiskPort & ~Copyable>: ~Copyable {
    private let inbox: ReactorInbox
    private var port: Port
    private var operations: OperationTable<PendingOperation>
    private var timers = TimerQueue<ReactorTimer>()
    private var items: [ReactorItem] = []
    /// Results that are to be looked at in this turn.
    private var completions: [Completion] = []
    private var isStopping = false

    init(_ inbox: ReactorInbox, _ port: consuming Port) {
        self.inbox = inbox
        operations = OperationTable(capacity: port.capacity)
        self.port = port
    }

    /// Runs until the reactor is stopped and nothing is under way any more.
    consuming func run() {
        inbox.begin()
        while true {
            handleItems()
            fireTimers()
            startOperations()
            if isStopping && operations.isEmpty { break }
            waitForMore()
            finishCompleted()
        }
        inbox.end()
        port.close()
        #if DEBUG
            // Here, because all that this thread has asked for is over.
            Quarantine.shared.check()
        #endif
    }

    /// Starts as many operations as may be under way; one that fails at once makes room for the next.
    private mutating func startOperations() {
        while let token = operations.startNext() {
            request(token)
            finishCompleted()
        }
    }

    private mutating func handleItems() {
        inbox.take(into: &items)
        for item in items { handle(item) }
        items.removeAll(keepingCapacity: items.capacity < 4096)
    }

    private mutating func handle(_ item: ReactorItem) {
        switch item {
        case .job, .body:
            item.runWithoutLoop()
        case .stop:
            isStopping = true
            for timer in timers.removeAll() { timer.cancel() }
        case .cancelTimer(let key):
            timers.cancel(key)?.cancel()
        case _ where isStopping:
            item.runWithoutLoop()
        case .operations(let added):
            for operation in added { operations.add(operation) }
        case .timer(let timer, let key, let deadline):
            timers.add(timer, key: key, deadline: deadline)
        }
    }

    /// Hands the next request of an operation to the kernel, unless a fault is to be had in its place.
    private mutating func request(_ token: OperationToken) {
        let request = operations.update(token) { pending -> Result<IORequest, InjectedFault> in
            switch pending.verdict {
            case .proceed: .success(pending.request())
            case .short(let most): .success(pending.request(most: most))
            case .fail(let errno): .failure(InjectedFault(result: -Int(errno.rawValue)))
            }
        }
        switch request {
        case .success(let request): port.start(request, token)
        case .failure(let fault): completions.append(Completion(token: token, result: fault.result))
        case nil: break
        }
    }

    private struct InjectedFault: Error {
        let result: Int
    }

    /// Looks at results until there are none; an operation that goes on gets its next request.
    private mutating func finishCompleted() {
        while !completions.isEmpty {
            let batch = completions
            completions.removeAll(keepingCapacity: true)
            for completion in batch {
                let advanced = operations.update(completion.token) { $0.advance(by: completion.result) }
                guard let advanced else { continue }  // a token of the past
                if let outcome = advanced {
                    operations.remove(completion.token)?.finish(outcome)
                } else {
                    request(completion.token)
                }
            }
        }
    }

    private mutating func fireTimers() {
        guard !timers.isEmpty else { return }
        // One look at the clock, so that timers which set themselves again cannot hold up everything else.
        let now = ContinuousClock.now
        while let timer = timers.popDue(at: now) { timer.fire() }
    }

    private mutating func waitForMore() {
        guard inbox.sleepIfEmpty() else {
            // There is more to do at once; looking for results costs a call, so only when there may be any.
            if operations.underWay > 0 { port.wait(.none, into: &completions) }
            return
        }
        // Asleep from here on: whoever adds an item wakes the port.
        if let deadline = timers.nextDeadline() {
            port.wait(.atMost(deadline - ContinuousClock.now), into: &completions)
        } else {
            port.wait(.unlimited, into: &completions)
        }
    }
}
