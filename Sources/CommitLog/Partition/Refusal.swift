import LinuxIO
import Synchronization

/// Why a log takes no appends any more, or no commits, if it takes none.
///
/// Once set it stays. The first reason counts, except that being closed comes on top of it, and being deleted on top
/// of all.
///
/// Asking costs one atomic load while there is none: readers ask too, and must not wait for a writer.
final class Refusal: Sendable {
    private let isSet: Atomic<Bool>
    private let reason: Lock<LogError?>

    init(_ reason: LogError?) {
        isSet = Atomic(reason != nil)
        self.reason = Lock(reason)
    }

    var current: LogError? {
        guard isSet.load(ordering: .acquiring) else { return nil }
        return reason.withLock { $0 }
    }

    func set(_ error: LogError) {
        reason.withLock { reason in
            let isOnTop = error.code == .deleted || (error.code == .closed && reason?.code != .deleted)
            if isOnTop || reason == nil { reason = error }
        }
        isSet.store(true, ordering: .releasing)
    }
}
