import Glibc
import Limits
import Loads

/// Threads that do the same thing at the same time, as those of the limits do.
enum Team {
    /// Runs `body` on `count` threads, each with its number.
    ///
    /// Returns the seconds from when all were ready to when all were done.
    static func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) throws(LimitFailure) -> Double {
        let work = Work(body)
        let taken = team_run(
            count,
            { context, member in
                guard let context else { return EINVAL }
                Unmanaged<Work>.fromOpaque(context).takeUnretainedValue().body(member)
                return 0
            },
            Unmanaged.passUnretained(work).toOpaque()
        )
        return try withExtendedLifetime(work) { () throws(LimitFailure) in try LimitFailure.check(taken) }
    }

    private final class Work: Sendable {
        let body: @Sendable (Int) -> Void
        init(_ body: @escaping @Sendable (Int) -> Void) { self.body = body }
    }
}
