import CommitLog
import Limits
import Loads
import Measuring
import SystemPackage

/// Appends to the page cache, against a pwrite of the same bytes and their CRC.
///
/// Both sides write a new file on the same file system in every round, and remove it afterwards, before the kernel begins to
/// write it out: so neither measures writeback, and both pay for the page cache's pages. The directory is opened, the log
/// made, and all is removed outside of the timed part.
struct AppendFigures {
    let workplace: Workplace
    let rounds: InterleavedRounds
    /// How many bytes a round appends.
    let bytes: Int

    static let callBytes = 64 << 10

    func run(_ report: (Outcome) -> Void, where isWanted: (String) -> Bool) async throws {
        let cases = [
            ("append, page cache: 1 batch of 64 KiB a call, 1 KiB records", 1, 1024, 0.85),
            ("append, page cache: 1 batch of 64 KiB a call, 100-byte records", 1, 100, nil),
            ("append, page cache: 64 batches of 1 KiB a call", 64, 1024, 0.75),
        ]
        for (name, batches, recordBytes, goal) in cases where isWanted(name) {
            let load = try BatchLoad(
                batches: batches,
                of: Self.callBytes / batches,
                recordBytes: recordBytes
            )
            let figure = Figure(
                name,
                .rate(Double(bytes >> 20), unit: "MiB"),
                goal: goal.map { .ofLimit(atLeast: $0) }
            )
            report(
                try await rounds.run(
                    figure,
                    limit: { try limit(load) },
                    measured: { try await engine(load) }
                )
            )
        }
    }

    private func limit(_ load: BatchLoad) throws -> Double {
        let path = try workplace.fresh("limit.log")
        return try LimitFailure.check(
            load.withLimitBatches { limit_append(path.string, $0, bytes / Self.callBytes) }
        )
    }

    private func engine(_ load: BatchLoad) async throws -> Double {
        let path = try workplace.freshDirectory("append")
        let directory = try await workplace.open(path, .pageCache)
        let partition = try TopicPartition(topic: "append", partition: 0)
        let log = try directory.createLog(partition)
        let taken = try append(load, to: log)
        try directory.deleteLog(partition)
        try await directory.close()
        try workplace.remove(path)
        return taken
    }

    private func append(_ load: BatchLoad, to log: PartitionLog) throws -> Double {
        var bytes = load.bytes
        var span = bytes.mutableSpan
        var batches = span.mutableBytes
        return try seconds {
            for _ in 0..<(self.bytes / Self.callBytes) { _ = try log.append(&batches) }
        }
    }
}
