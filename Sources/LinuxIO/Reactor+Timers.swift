extension Reactor {
    /// Suspends the task until a point in time.
    ///
    /// Deadlines are kept to the accuracy of the kernel's timers, some 50 µs, and never early. The task goes on where it
    /// was running, which need not be this reactor.
    /// - Parameter deadline: When to go on; at once when it has passed.
    /// - Throws: `CancellationError` when the task was cancelled, or the reactor shut down, before.
    public func sleep(until deadline: ContinuousClock.Instant) async throws(CancellationError) {
        let (inbox, key) = (inbox, nextKey())
        let isOver = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                inbox.push(.timer(.sleep(continuation), key: key, deadline: deadline))
                // A cancellation that came before was asked of a timer that did not exist yet.
                if Task.isCancelled { inbox.push(.cancelTimer(key: key)) }
            }
        } onCancel: {
            inbox.push(.cancelTimer(key: key))
        }
        if !isOver { throw CancellationError() }
    }

    /// Runs `body` on the reactor's thread at a point in time.
    ///
    /// Bodies with the same deadline run in the order in which they were scheduled. What is still to come when the
    /// reactor ends is dropped.
    /// - Parameters:
    ///   - deadline: When to run it; as soon as possible when it has passed.
    ///   - body: What to run; it must not block.
    /// - Returns: What calls it off.
    @discardableResult
    public func schedule(
        at deadline: ContinuousClock.Instant,
        _ body: @escaping @Sendable () -> Void
    ) -> ScheduledBody {
        let scheduled = ScheduledBody(inbox: inbox, key: nextKey())
        inbox.push(.timer(.body(body), key: scheduled.key, deadline: deadline))
        return scheduled
    }
}

/// Something that was scheduled on a reactor.
public struct ScheduledBody: Sendable {
    fileprivate let inbox: ReactorInbox
    fileprivate let key: UInt64

    /// Lets go of it, unless it has run.
    ///
    /// May be called from any thread.
    public func cancel() { inbox.push(.cancelTimer(key: key)) }
}
