import CommitLog
import Limits
import Measuring
import SystemPackage

/// Appends that are waited for until they are on the disk, against group committers in C.
///
/// A writer is a task here and a thread there; each appends, waits, and appends again. New files in every round on both
/// sides, whose making and removing is not timed.
struct DurableFigures {
    let workplace: Workplace
    let rounds: InterleavedRounds
    /// A round's work is divided by this.
    let shortening: Int

    private static let partitions = 1000

    func run(_ report: (Outcome) -> Void, where isWanted: (String) -> Bool) async throws {
        for kibibytes in [1, 16] {
            let load = try BatchLoad(batches: 1, of: kibibytes << 10, recordBytes: 1 << 10)
            for (writers, appends) in [(1, 3000), (16, 750), (64, 400)] {
                let name = "append, durable: \(writers) writer\(writers == 1 ? "" : "s") of \(kibibytes) KiB"
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
                        measured: { try await engine(load, writers: writers, appends: appends, partitions: 1) }
                    )
                )
            }
        }
        let name = "append, durable: 64 writers of 1 KiB over \(Self.partitions) partitions"
        guard isWanted(name) else { return }
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
                    try await engine(load, writers: 64, appends: appends, partitions: Self.partitions)
                }
            )
        )
    }

    private func figure(_ name: String, _ appends: Int) -> Figure {
        Figure(name, .rate(Double(appends), unit: "append"), goal: .ofLimit(atLeast: 0.85))
    }

    private func engine(_ load: BatchLoad, writers: Int, appends: Int, partitions: Int) async throws -> Double {
        let path = try workplace.freshDirectory("durable")
        let directory = try await workplace.open(path, .durable)
        let logs = try (0..<partitions).map {
            try directory.createLog(TopicPartition(topic: "durable", partition: Int32($0)))
        }
        let taken = try await seconds {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<writers {
                    group.addTask {
                        var bytes = load.bytes
                        for append in 0..<appends {
                            let log = logs[(append * writers + writer) % partitions]
                            let appended = try Self.append(&bytes, to: log)
                            try await log.waitUntilDurable(appended.lastOffset)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        for log in logs { try directory.deleteLog(log.topicPartition) }
        try await directory.close()
        try workplace.remove(path)
        return taken
    }

    private static func append(_ bytes: inout [UInt8], to log: PartitionLog) throws -> AppendResult {
        var span = bytes.mutableSpan
        var batches = span.mutableBytes
        return try log.append(&batches)
    }
}
