import CommitLog
import CoreMetrics
import LinuxIO

/// What there is of a log directory, read whenever somebody asks: appends and commits do not know of it.
final class DirectoryMetrics: Sendable {
    private let directory: LogDirectory
    private let partitions: Meter
    private let failed: Meter
    private let segments: Meter
    private let bytes: Meter
    private let atRisk: Meter
    private let leaderEpoch: Meter
    private let commits: Counter
    private let commitSeconds: FloatingPointCounter
    /// How many commits were counted, and how long they took.
    private let counted = Lock((commits: UInt64(0), duration: Duration.zero))

    init(_ directory: LogDirectory, factory: any MetricsFactory) {
        func meter(_ description: ServerMetrics.Description) -> Meter {
            Meter(label: description.name, factory: factory)
        }
        self.directory = directory
        partitions = meter(Self.partitions)
        failed = meter(Self.failed)
        segments = meter(Self.segments)
        bytes = meter(Self.bytes)
        atRisk = meter(Self.atRisk)
        leaderEpoch = meter(Self.leaderEpoch)
        commits = Counter(label: Self.commits.name, factory: factory)
        commitSeconds = FloatingPointCounter(label: Self.commitSeconds.name, factory: factory)
    }

    /// Reads everything once more.
    ///
    /// Takes some microseconds for each log.
    func update() {
        let logs = directory.logs
        partitions.set(logs.count)
        failed.set(logs.count { $0.failure != nil })
        segments.set(logs.reduce(0) { $0 + $1.segmentCount })
        bytes.set(logs.reduce(0) { $0 + $1.byteCount })
        atRisk.set(directory.bytesAtRisk)
        leaderEpoch.set(Int(directory.leaderEpoch.rawValue))
        // Under the lock: counters only take what is new.
        counted.withLock { counted in
            let (now, duration) = (directory.commitCount, directory.commitDuration)
            if now > counted.commits { commits.increment(by: now - counted.commits) }
            if duration > counted.duration { commitSeconds.increment(by: (duration - counted.duration) / .seconds(1)) }
            counted = (max(now, counted.commits), max(duration, counted.duration))
        }
    }
}

extension DirectoryMetrics {
    /// What each metric means.
    static let descriptions = [partitions, failed, segments, bytes, atRisk, leaderEpoch, commits, commitSeconds]

    private static let partitions = (name: "millrace_partitions", help: "Partitions that have a log here.")
    private static let failed = (
        name: "millrace_partitions_failed", help: "Partitions whose log is read-only or fenced; /health tells which."
    )
    private static let segments = (name: "millrace_segments", help: "Segments of all logs.")
    private static let bytes = (name: "millrace_log_bytes", help: "Bytes in the segments of all logs.")
    private static let atRisk = (
        name: "millrace_bytes_at_risk", help: "Bytes that were appended and that a power loss would take."
    )
    private static let leaderEpoch = (
        name: "millrace_leader_epoch", help: "The leader epoch, which rises with each start."
    )
    private static let commits = (
        name: "millrace_commits_total",
        help: "Commits, each of which made durable what had been appended to one log until then."
    )
    private static let commitSeconds = (
        name: "millrace_commit_seconds_total", help: "Seconds that commits have taken, all of them together."
    )
}
