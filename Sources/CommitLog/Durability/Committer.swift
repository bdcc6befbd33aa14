import LinuxIO
import Synchronization

/// The threads on which logs are made durable when nobody who appends does it.
///
/// Each log is committed by itself, by one thread at a time (``CommitClaim``), while the threads sync the files of many logs at
/// once; the file system's journal then gathers what they ask for.
final class Committer: Sendable {
    /// How many logs may be synced at a time: as many as a file system's journal usefully gathers.
    ///
    /// Threads are started when they are needed.
    private static let threadCount = 64

    private let threads = ThreadPool(name: "millrace-commit", threads: threadCount)
    private let commitCount = Atomic<UInt64>(0)
    private let duration = Atomic<UInt64>(0)

    /// How many commits were made.
    var commits: UInt64 { commitCount.load(ordering: .relaxed) }

    /// How long all commits have taken together, in nanoseconds.
    var nanoseconds: UInt64 { duration.load(ordering: .relaxed) }

    /// Takes note of a commit, and of how long it took.
    func noteCommit(_ time: Duration) {
        let (seconds, attoseconds) = time.components
        let nanoseconds = UInt64(clamping: seconds) &* 1_000_000_000 &+ UInt64(clamping: attoseconds / 1_000_000_000)
        duration.wrappingAdd(nanoseconds, ordering: .relaxed)
        commitCount.add(1, ordering: .relaxed)
    }

    /// Carries out the commit that was asked for in a log, on one of the threads.
    func run(_ log: PartitionLog) { threads.run { log.commitAsRequested() } }

    /// Waits for the commits in progress, and ends the threads.
    func shutdown() { threads.shutdown() }
}
