internal import SystemPackage

/// What a reactor's thread does: takes what others ask for, hands operations and waits to the kernel, fires timers, waits.
struct EventLoop<Port: ReactorPort & ~Copyable>: ~Copyable {
    private let inbox: ReactorInbox
    private var port: Port
    private var operations: OperationTable<PendingOperation>
    private var waits = WaitTable<PendingWait>()
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
            finishCompleted()  // waits that were over as soon as they began, or were ended
            startOperations()
            if isStopping && operations.isEmpty && waits.isEmpty { break }
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
            for (key, wait) in waits.endAll(because: .canceled) { end(wait, key) }
        case .cancelTimer(let key):
            timers.cancel(key)?.cancel()
        case .cancelWait(let key):
            if let wait = waits.end(key, because: .canceled) { end(wait, key) }
        case _ where isStopping:
            item.runWithoutLoop()
        case .operations(let added):
            for operation in added { operations.add(operation) }
        case .timer(let timer, let key, let deadline):
            timers.add(timer, key: key, deadline: deadline)
        case .wait(let wait, let key, let deadline):
            // Its timer has the same key. All that has a key gets it from one counter.
            if let deadline { timers.add(.endOfWait(key: key), key: key, deadline: deadline) }
            start(wait, key)
        }
    }

    /// Hands a wait to the kernel, unless a fault is to be had in its place.
    private mutating func start(_ wait: PendingWait, _ key: UInt64) {
        waits.add(wait, key: key)
        let token = OperationToken(wait: key)
        if let fault = wait.injectedFault {
            completions.append(Completion(token: token, result: -Int(fault.rawValue)))
        } else {
            port.startWait(for: wait.readiness, of: wait.socket.descriptor, token, into: &completions)
        }
    }

    /// Asks the kernel to end a wait, whose result is still to come.
    private mutating func end(_ wait: PendingWait, _ key: UInt64) {
        port.endWait(of: wait.socket.descriptor, OperationToken(wait: key), into: &completions)
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
                if let key = completion.token.waitKey {
                    finishWait(key, completion.result)
                    continue
                }
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

    private mutating func finishWait(_ key: UInt64, _ result: Int) {
        guard let (wait, outcome) = waits.finish(key, result: result) else { return }
        _ = timers.cancel(key)
        wait.finish(outcome)
    }

    private mutating func fireTimers() {
        guard !timers.isEmpty else { return }
        // One look at the clock, so that timers which set themselves again cannot hold up everything else.
        let now = ContinuousClock.now
        while let timer = timers.popDue(at: now) {
            if case .endOfWait(let key) = timer, let wait = waits.end(key, because: .timedOut) { end(wait, key) }
            timer.fire()
        }
    }

    private mutating func waitForMore() {
        guard inbox.sleepIfEmpty() else {
            // There is more to do at once; looking for results costs a call, so only when there may be any.
            if operations.underWay > 0 || !waits.isEmpty { port.wait(.none, into: &completions) }
            return
        }
        // Asleep from here on: whoever adds an item wakes the port.
        if let deadline = timers.nextDeadline() {
            port.wait(.atMost(deadline - ContinuousClock.now), into: &completions)
        } else {
            port.wait(.unlimited, into: &completions)
        }
        inbox.endSleep()
    }
}
