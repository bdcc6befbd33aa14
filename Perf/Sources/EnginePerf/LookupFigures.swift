import CommitLog
import Limits
import Measuring
import SystemPackage

/// Lookups of random offsets and timestamps in a log of 10 GB, against mapped indexes.
struct LookupFigures {
    let workplace: Workplace
    let rounds: InterleavedRounds
    let lookups: Int

    private static let segments = 10
    private static let batchesPerSegment = 16_000

    func run(_ report: (Outcome) -> Void, where isWanted: (String) -> Bool) async throws {
        let byOffset = "lookup of a random offset in 10 GB"
        let byTimestamp = "lookup of a random timestamp in 10 GB"
        guard isWanted(byOffset) || isWanted(byTimestamp) else { return }
        let path = try workplace.freshDirectory("lookup")
        let segments = try SparseDirectory.makeLarge(
            path,
            segments: Self.segments,
            batchesPerSegment: Self.batchesPerSegment
        )
        let directory = try await workplace.open(path, .durable)
        let baseOffsets = segments.map(\.baseOffset)
        guard let log = directory.log(for: try TopicPartition(topic: SparseDirectory.large, partition: 0)),
            let mapped = limit_segments_open(
                path.appending("\(SparseDirectory.large)-0").string,
                baseOffsets,
                baseOffsets.count
            )
        else { throw WrongCount(counted: 0, expected: Self.segments) }
        defer { limit_segments_close(mapped, baseOffsets.count) }
        // Offsets and timestamps both go up by one from record to record.
        let end = log.highWatermark.rawValue
        let offsets = (0..<lookups).map { _ in Int64.random(in: 0..<end) }
        let firstTimestamp = segments[0].lastTimestamp + 1 - segments[0].nextOffset
        let timestamps = offsets.map { firstTimestamp + $0 }
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
                        try await seconds { try await Self.find(timestamps, finding: offsets, in: log) }
                    }
                )
            )
        }
        try await directory.close()
        try workplace.remove(path)
    }

    static func find(_ offsets: [Int64], in log: PartitionLog) async throws {
        for offset in offsets {
            let slice = try await log.slice(from: Offset(offset), maxBytes: 1)
            guard (0..<SparseSegment.recordsPerBatch).contains(offset - slice.baseOffset.rawValue) else {
                throw WrongOffset(found: slice.baseOffset, expected: Offset(offset))
            }
        }
    }

    static func find(_ timestamps: [Int64], finding offsets: [Int64], in log: PartitionLog) async throws {
        for (timestamp, offset) in zip(timestamps, offsets) {
            let found = try await log.offset(for: .timestamp(Timestamp(timestamp)))
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
