import CommitLog
import Limits
import Loads
import Measuring
import SystemPackage

/// Lookups of random offsets and timestamps in a log of 10 GB, against mapped indexes.
struct LookupFigures {
    let workplace: Workplace
    let rounds: InterleavedRounds
    let lookups: Int

    func run(_ report: (Outcome) -> Void, where isWanted: (String) -> Bool) async throws {
        let byOffset = "lookup of a random offset in 10 GB"
        let byTimestamp = "lookup of a random timestamp in 10 GB"
        guard isWanted(byOffset) || isWanted(byTimestamp) else { return }
        let path = try workplace.largeLog()
        let directory = try await workplace.open(path, .durable)
        let log = try directory.existing(SparseDirectory.large)
        let baseOffsets = SparseDirectory.largeBaseOffsets
        let files = path.appending("\(SparseDirectory.large)-0")
        guard let mapped = limit_segments_open(files.string, baseOffsets, baseOffsets.count) else {
            throw LimitFailure(errno: .noSuchFileOrDirectory)
        }
        defer { limit_segments_close(mapped, baseOffsets.count) }
        let end = log.highWatermark.rawValue
        var generator = SplitMix64(seed: 1)
        let offsets = (0..<lookups).map { _ in Int64.random(in: 0..<end, using: &generator) }
        let timestamps = offsets.map { SparseSegment.firstTimestamp + $0 }
        if isWanted(byOffset) {
            report(
                try await rounds.run(
                    Figure(byOffset, .microseconds(of: Double(lookups))),
                    limit: {
                        try LimitFailure.check(limit_find_offsets(mapped, baseOffsets.count, offsets, lookups))
                    },
                    measured: { try await seconds { try await Self.find(offsets, in: log) } }
                )
            )
        }
        if isWanted(byTimestamp) {
            report(
                try await rounds.run(
                    Figure(byTimestamp, .microseconds(of: Double(lookups))),
                    limit: {
                        try LimitFailure.check(limit_find_timestamps(mapped, baseOffsets.count, timestamps, lookups))
                    },
                    measured: {
                        try await seconds { try await Self.findTimestamps(of: offsets, in: log) }
                    }
                )
            )
        }
        try await directory.close()
    }

    static func find(_ offsets: [Int64], in log: PartitionLog) async throws {
        for offset in offsets {
            let slice = try await log.slice(from: Offset(offset), maxBytes: 1)
            guard (0..<SparseSegment.recordsPerBatch).contains(offset - slice.baseOffset.rawValue) else {
                throw WrongOffset(found: slice.baseOffset, expected: Offset(offset))
            }
        }
    }

    static func findTimestamps(of offsets: [Int64], in log: PartitionLog) async throws {
        for offset in offsets {
            let timestamp = Timestamp(SparseSegment.firstTimestamp + offset)
            let found = try await log.offset(for: .timestamp(timestamp))
            guard found?.offset == Offset(offset) else {
                throw WrongOffset(found: found?.offset ?? Offset(-1), expected: Offset(offset))
            }
        }
    }
}

/// A lookup that found something else.
struct WrongOffset: Error, CustomStringConvertible {
    var found: Offset
    var expected: Offset
    var description: String { "Offset \(found) was found where \(expected) is" }
}
