import LinuxIO
import Synchronization

/// Runs the commit rounds of one device: gathers the logs that wait for durability and syncs their files together.
///
/// Works on a thread of its own and off every lock of a log. A round of one file is a plain `fdatasync`, which is quicker
/// than the ring by 12 to 30 µs; a round of several goes through the ring (or the pool), all files at once.
final class Committer: Sendable {
    private let reactor: Reactor
    private let queue = Lock(CommitQueue<PartitionLog>())
    private let roundCount = Atomic<UInt64>(0)

    init() throws(IOError) {
        reactor = try Reactor(name: "millrace-commit")
    }

    /// How many rounds were run.
    var rounds: UInt64 { roundCount.load(ordering: .relaxed) }

    /// Puts a log into the next round.
    func enqueue(_ log: PartitionLog) {
        if queue.withLock({ $0.enqueue(log) }) {
            reactor.execute { self.runRounds() }
        }
    }

    /// Waits for the round in progress, and ends the thread.
    func shutdown() { reactor.shutdown() }

    /// On the reactor's thread: runs rounds until nobody waits, or until one has to wait for the ring, which continues here.
    private func runRounds() {
        while true {
            let logs = queue.withLock { $0.nextRound() }
            if logs.isEmpty { return }
            roundCount.add(1, ordering: .relaxed)
            let commits = logs.compactMap { $0.beginCommit() }
            let files = commits.flatMap { $0.targets.map(\.handle) }
            if files.count > 1 {
                reactor.synchronizeData(files) { results in
                    Self.finish(commits, results)
                    self.runRounds()
                }
                return
            }
            Self.finish(commits, files.map(Self.synchronize))
        }
    }

    private static func synchronize(_ handle: FileHandle) -> IOError? {
        do {
            try handle.file.synchronizeData()
            return nil
        } catch {
            return error
        }
    }

    /// Hands each log the results of its files.
    private static func finish(_ commits: [LogCommit], _ results: [IOError?]) {
        var next = 0
        for commit in commits {
            let own = results[next..<(next + commit.targets.count)]
            next += commit.targets.count
            commit.finish(failure: own.lazy.compactMap(\.self).first)
        }
    }
}
