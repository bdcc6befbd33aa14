import CommitLog
import Limits
import Loads
import Measuring
import Synchronization
import SystemPackage

/// Appends that are waited for until they are on the disk, against group committers in C.
///
/// Each writer appends, waits, and appends again. Writers are threads on both sides, or tasks here and threads there. New
/// files in every round on both sides, whose making and removing is not timed.
struct DurableFigures {
    let workplace: Workplace
    let rounds: InterleavedRounds
    /// A round's work is divided by this.
    let shortening: Int

    private static let partitions = 1000

    /// What a writer of the engine is.
    private enum Writer: String, CaseIterable {
        case thread, task
    }

    func run(_ report: (Outcome) -> Void, where isWanted: (String) -> Bool) async throws {
        for kibibytes in [1, 16] {
            let load = try BatchLoad(batches: 1, of: kibibytes << 10, recordBytes: 1 << 10)
            for (writers, appends) in [(1, 3000), (16, 750), (64, 400)] {
                for kind in Writer.allCases {
                    let name = "append, durable: \(writers) \(kind)\(writers == 1 ? "" : "s"), \(kibibytes) KiB"
                    guard isWanted(name) else { continue }
                    let appends = appends / shortening
                    report(
                        try await rounds.run(
                            figure(name, writers * appends),
                            limit: {
                                let path = try workplace.fresh("limit.log")
                                return try LimitFailure.check(
                                    load.withLimitBatches { limit_group_commit(path.string, $0, writers, appends) }
                                )
                            },
                            measured: {
                                try await engine(load, kind, writers: writers, appends: appends, partitions: 1)
                            }
                        )
                    )
                }
            }
        }
        for kind in Writer.allCases {
            let name = "append, durable: 64 \(kind)s, 1 KiB over \(Self.partitions) partitions"
            guard isWanted(name) else { continue }
            let load = try BatchLoad(batches: 1, of: 1 << 10, recordBytes: 1 << 10)
            let appends = 200 / shortening
            report(
                try await rounds.run(
                    figure(name, 64 * appends),
                    limit: {
                        let path = try workplace.freshDirectory("limit")
                        return try LimitFailure.check(
                            load.withLimitBatches {
                                limit_scattered_commit(path.string, Self.partitions, $0, 64, appends)
                            }
                        )
                    },
                    measured: {
                        try await engine(load, kind, writers: 64, appends: appends, partitions: Self.partitions)
                    }
                )
            )
        }
    }

    private func figure(_ name: String, _ appends: Int) -> Figure {
        Figure(name, .rate(Double(appends), unit: "append"), goal: .ofLimit(atLeast: 0.85))
    }

    private func engine(
        _ load: BatchLoad,
        _ kind: Writer,
        writers: Int,
        appends: Int,
        partitions: Int
    ) async throws -> Double {
        let path = try workplace.freshDirectory("durable")
        let directory = try await workplace.open(path, .durable)
        let logs = try (0..<partitions).map {
            try directory.createLog(TopicPartition(topic: "durable", partition: Int32($0)))
        }
        let taken =
            switch kind {
            case .thread: try threads(load, logs, writers: writers, appends: appends)
            case .task: try await tasks(load, logs, writers: writers, appends: appends)
            }
        for log in logs { try directory.deleteLog(log.topicPartition) }
        try await directory.close()
        try workplace.remove(path)
        return taken
    }

    /// Writers that are tasks: they are suspended until somebody has committed.
    private func tasks(_ load: BatchLoad, _ logs: [PartitionLog], writers: Int, appends: Int) async throws -> Double {
        try await seconds {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<writers {
                    group.addTask {
                        var bytes = load.bytes
                        for append in 0..<appends {
                            let log = logs[(append * writers + writer) % logs.count]
                            let appended = try Self.append(&bytes, to: log)
                            try await log.waitUntilDurable(appended.lastOffset)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    /// Writers that are threads, of the same making as those of the limit: who finds no commit under way carries it out.
    private func threads(_ load: BatchLoad, _ logs: [PartitionLog], writers: Int, appends: Int) throws -> Double {
        let failure = Mutex<(any Error)?>(nil)
        let taken = try Team.run(writers) { writer in
            do {
                var bytes = load.bytes
                for append in 0..<appends {
                    let log = logs[(append * writers + writer) % logs.count]
                    var span = bytes.mutableSpan
                    var batches = span.mutableBytes
                    _ = try log.appendAndCommit(&batches)
                }
            } catch {
                failure.withLock { $0 = error }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
        return taken
    }

    private static func append(_ bytes: inout [UInt8], to log: PartitionLog) throws -> AppendResult {
        var span = bytes.mutableSpan
        var batches = span.mutableBytes
        return try log.append(&batches)
    }
}
