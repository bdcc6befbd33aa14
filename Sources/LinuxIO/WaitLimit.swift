/// How long a thread may wait for something to happen.
enum WaitLimit: Hashable, Sendable {
    /// Not at all: only look.
    case none
    /// As long as it takes.
    case unlimited
    /// At most that long.
    case atMost(Duration)

    /// 0, -1 or a positive number of nanoseconds, as the C functions take it.
    ///
    /// Rounded up, so that a wait for a deadline is not over before it; at most 24 days, which epoll can count in
    /// milliseconds.
    var nanoseconds: Int64 {
        switch self {
        case .none: return 0
        case .unlimited: return -1
        case .atMost(let duration):
            guard duration > .zero else { return 0 }
            guard duration < .seconds(24 * 86_400) else { return 24 * 86_400 * 1_000_000_000 }
            let (seconds, attoseconds) = duration.components
            return seconds * 1_000_000_000 + (attoseconds + 999_999_999) / 1_000_000_000
        }
    }
}
