import CommitLog
import LinuxIO

/// A fetch that waits until one of its partitions has more to read, or its time is over.
///
/// Holds nothing but the task; neither it nor those whom it waits for use any CPU meanwhile.
final class FetchWait: OffsetObserver {
    private let end = PendingReply<Void>()

    /// Ends the wait, also one that has not begun.
    func offsetChanged() { end.give(()) }

    /// Waits until it is ended, or the task is cancelled.
    func wait(until deadline: ContinuousClock.Instant, on reactor: Reactor) async {
        let timer = reactor.schedule(at: deadline) { [weak self] in self?.offsetChanged() }
        // Or else it would be kept until then, for each time that the fetch has looked again.
        defer { timer.cancel() }
        await end.value(ifCancelled: ())
    }
}
