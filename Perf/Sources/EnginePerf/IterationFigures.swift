import CommitLog
import Limits
import Loads
import Measuring

/// Going through the records of batches that lie in memory, on one core, with their CRCs checked.
struct IterationFigures {
    let rounds: InterleavedRounds
    /// How many bytes of batches a round goes through: more than the processor's caches hold.
    let bytes: Int

    private static let batchBytes = 64 << 10

    func run(_ report: (Outcome) -> Void, where isWanted: (String) -> Bool) async throws {
        let plain = "iteration with CRC: 100-byte records, not compressed"
        if isWanted(plain) {
            let load = try BatchLoad(batches: bytes / Self.batchBytes, of: Self.batchBytes, recordBytes: 100)
            let figure = Figure(
                plain,
                .rate(Double(load.recordCount) / 1e6, unit: "M records"),
                goal: .atLeast(20)
            )
            report(
                try await rounds.run(
                    figure,
                    limit: { try limit(load) },
                    measured: { try seconds { try Self.iterate(load.bytes, expecting: load.recordCount) } }
                )
            )
        }
        let compressed = "iteration with CRC: 100-byte records, zstd; limit: inflating"
        if isWanted(compressed) {
            let load = try CompressedLoad(batches: bytes / Self.batchBytes, records: Self.batchBytes / 100)
            let figure = Figure(
                compressed,
                .rate(Double(load.recordCount) / 1e6, unit: "M records"),
                goal: .ofLimit(atLeast: 0.8)
            )
            report(
                try await rounds.run(
                    figure,
                    limit: { try LimitFailure.check(load.inflate()) },
                    measured: { try seconds { try Self.iterate(load.bytes, expecting: load.recordCount) } }
                )
            )
        }
    }

    private func limit(_ load: BatchLoad) throws -> Double {
        var records = 0
        let taken = try LimitFailure.check(load.withLimitBatches { limit_iterate($0, &records) })
        guard records == load.recordCount else { throw WrongCount(counted: records, expected: load.recordCount) }
        return taken
    }

    /// Looks at the offset, the timestamp and the value of every record.
    static func iterate(_ bytes: [UInt8], expecting expected: Int) throws {
        var decompressor = Decompressor()
        var batches = RecordBatchIterator(bytes.span.bytes)
        var count = 0
        var sum: Int64 = 0
        while let batch = try batches.next() {
            try batch.validateCRC()
            var records = try batch.records(using: &decompressor)
            while let record = try records.next() {
                sum &+= record.timestamp.rawValue ^ record.offset.rawValue ^ Int64(record.value?.byteCount ?? 0)
                count += 1
            }
        }
        // The sum is looked at so that the compiler cannot leave out what it is made of.
        guard count == expected, sum != .min else { throw WrongCount(counted: count, expected: expected) }
    }
}

/// Records that were not all met.
struct WrongCount: Error, CustomStringConvertible {
    var counted: Int
    var expected: Int
    var description: String { "\(counted) records were met where there are \(expected)" }
}

/// Batches of text that zstd has compressed, to a third or so as it does with events.
struct CompressedLoad {
    private(set) var bytes: [UInt8] = []
    private(set) var recordCount = 0
    /// The frames alone, one behind the other.
    private var frames: [UInt8] = []
    private var sizes: [Int] = []

    init(batches: Int, records: Int) throws {
        var builder = RecordBatchBuilder(codec: .zstd)
        var compressor = Compressor()
        var generator = SplitMix64(seed: 1)
        for _ in 0..<batches {
            let now = Timestamp.now
            for _ in 0..<records {
                let user = UInt32.random(in: 0..<100_000, using: &generator)
                let item = UInt64.random(in: .min ... .max, using: &generator)
                let text =
                    "{\"event\":\"view\",\"user\":\"\(user)\",\"item\":\"\(String(item, radix: 16))\",\"source\":\"web\"}"
                let padding = [UInt8](repeating: UInt8(ascii: " "), count: max(0, 90 - text.utf8.count))
                try builder.append(key: nil, value: Array(text.utf8) + padding, timestamp: now)
            }
            recordCount += records
            let batch = try builder.finish(with: &compressor)
            bytes += batch
            frames += batch[RecordBatchHeader.byteCount...]
            sizes.append(batch.count - RecordBatchHeader.byteCount)
        }
    }

    /// Inflates all frames and does nothing with them; returns seconds, or -errno.
    func inflate() -> Double { limit_inflate(frames, sizes, sizes.count, 1 << 20) }
}
