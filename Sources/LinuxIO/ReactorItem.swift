internal import SystemPackage

/// What other threads, and its own, ask of a reactor.
enum ReactorItem: Sendable {
    /// Run a job of Swift's. The reactor is held until then, because the job does not hold its executor.
    case job(UnownedJob, Reactor)
    case body(@Sendable () -> Void)
    /// Do these operations, handed to the kernel together.
    case operations([PendingOperation])
    /// Indirect, because the size of an `Instant` is only known at run time, and that would make every other case, of
    /// which jobs are the most frequent, slow to move.
    indirect case timer(ReactorTimer, key: UInt64, deadline: ContinuousClock.Instant)
    case cancelTimer(key: UInt64)
    /// Wait for a socket, until a deadline if there is one. Indirect like timers.
    indirect case wait(PendingWait, key: UInt64, deadline: ContinuousClock.Instant?)
    case cancelWait(key: UInt64)
    /// Finish what is under way, and end.
    case stop

    /// Does what can be done without a loop: jobs and bodies run, everything else is refused.
    func runWithoutLoop() {
        switch self {
        case .job(let job, let reactor): reactor.run(job)
        case .body(let body): body()
        case .operations(let operations):
            for operation in operations { operation.refuse() }
        case .timer(let timer, key: _, deadline: _): timer.cancel()
        case .wait(let wait, key: _, deadline: _): wait.finish(.canceled)
        case .cancelTimer, .cancelWait, .stop: break
        }
    }
}

/// What happens when a deadline is reached.
enum ReactorTimer: Sendable {
    /// A task goes on; it is told whether the deadline was reached.
    case sleep(CheckedContinuation<Bool, Never>)
    case body(@Sendable () -> Void)
    /// A wait is over, which only the loop can end.
    case endOfWait(key: UInt64)

    func fire() {
        switch self {
        case .sleep(let continuation): continuation.resume(returning: true)
        case .body(let body): body()
        case .endOfWait: break
        }
    }

    func cancel() {
        switch self {
        case .sleep(let continuation): continuation.resume(returning: false)
        case .body, .endOfWait: break
        }
    }
}
