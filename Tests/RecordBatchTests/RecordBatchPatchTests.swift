import TestSupport
import Testing

@testable import RecordBatch

@Suite("Patching in place")
struct RecordBatchPatchTests {
    private static func batch(seed: UInt64, codec: CompressionCodec = .none) throws -> [UInt8] {
        var generator = SplitMix64(seed: seed)
        return try RecordBatchBuilder(codec: codec).batch(of: generator.records(count: 6))
    }

    @Test("base offset and leader epoch change, and the CRC holds", arguments: Seed.all)
    func assign(seed: Seed) throws {
        let original = try Self.batch(seed: seed.rawValue)
        var bytes = original
        var elements = bytes.mutableSpan
        var span = elements.mutableBytes
        try RecordBatchPatch.assign(baseOffset: Offset(1 << 40), partitionLeaderEpoch: LeaderEpoch(17), in: &span)
        let before = try decode(original)
        let after = try decode(bytes)
        #expect(after.header.baseOffset == Offset(1 << 40))
        #expect(after.header.partitionLeaderEpoch == LeaderEpoch(17))
        #expect(after.header.crc == before.header.crc)
        #expect(after.records.map(\.value) == before.records.map(\.value))
        #expect(after.records.map(\.offset) == (0..<6).map { Offset(1 << 40) + $0 })
        // Twelve bytes, and no others.
        let changed = zip(original, bytes).enumerated().filter { $1.0 != $1.1 }.map(\.offset)
        #expect(changed.allSatisfy { (0..<8).contains($0) || (12..<16).contains($0) })
    }

    @Test("offsets that would be negative or pass the largest are refused, and nothing changes")
    func assignOutOfRange() throws {
        let original = try Self.batch(seed: 0)
        for offset in [Offset(-1), Offset(.min), Offset(.max), Offset(.max - 5)] {
            var bytes = original
            var elements = bytes.mutableSpan
            var span = elements.mutableBytes
            do {
                try RecordBatchPatch.assign(baseOffset: offset, partitionLeaderEpoch: LeaderEpoch(1), in: &span)
                Issue.record("base offset \(offset) was taken")
            } catch {
                #expect(error.code == .invalidHeader)
            }
            #expect(bytes == original)
        }
    }

    @Test("timestamps change, and the CRC is made anew", arguments: CompressionCodec.allCases)
    func timestamps(codec: CompressionCodec) throws {
        var bytes = try Self.batch(seed: 5, codec: codec)
        let before = try decode(bytes)
        var elements = bytes.mutableSpan
        var span = elements.mutableBytes
        try RecordBatchPatch.setTimestamps(type: .logAppendTime, maxTimestamp: Timestamp(123_456), in: &span)
        let after = try decode(bytes)
        #expect(after.header.timestampType == .logAppendTime)
        #expect(after.header.codec == codec)
        #expect(after.records.allSatisfy { $0.timestamp == Timestamp(123_456) })
        #expect(after.records.map(\.value) == before.records.map(\.value))
    }

    @Test("setting timestamps back restores the batch to the byte")
    func timestampsBack() throws {
        let original = try Self.batch(seed: 6)
        let header = try decode(original).header
        var bytes = original
        var elements = bytes.mutableSpan
        var span = elements.mutableBytes
        try RecordBatchPatch.setTimestamps(type: .logAppendTime, maxTimestamp: Timestamp(1), in: &span)
        try RecordBatchPatch.setTimestamps(type: .createTime, maxTimestamp: header.maxTimestamp, in: &span)
        #expect(bytes == original)
    }

    @Test("a batch among others is patched at its position, and the others are left alone")
    func position() throws {
        let batches = try (0..<3).map { try Self.batch(seed: $0) }
        var bytes = batches.flatMap { $0 }
        var elements = bytes.mutableSpan
        var span = elements.mutableBytes
        let start = batches[0].count
        try RecordBatchPatch.assign(baseOffset: Offset(50), partitionLeaderEpoch: LeaderEpoch(2), in: &span, at: start)
        try RecordBatchPatch.setTimestamps(type: .logAppendTime, maxTimestamp: Timestamp(9), in: &span, at: start)
        #expect(bytes.prefix(start).elementsEqual(batches[0]))
        #expect(bytes.suffix(batches[2].count).elementsEqual(batches[2]))
        let patched = try decode(Array(bytes.dropFirst(start)))
        #expect(patched.header.baseOffset == Offset(50))
        #expect(patched.header.maxTimestamp == Timestamp(9))
    }

    @Test("batches that follow one another get offsets that do, as if each were patched by itself")
    func run() throws {
        let batches = try (0..<3).map { try Self.batch(seed: $0) }
        var bytes = batches.flatMap { $0 }
        var elements = bytes.mutableSpan
        var span = elements.mutableBytes
        RecordBatchPatch.assign(offsetsFrom: Offset(70), partitionLeaderEpoch: LeaderEpoch(3), toChecked: &span)

        var expected: [UInt8] = []
        var next = Offset(70)
        for var batch in batches {
            var elements = batch.mutableSpan
            var span = elements.mutableBytes
            try RecordBatchPatch.assign(baseOffset: next, partitionLeaderEpoch: LeaderEpoch(3), in: &span)
            let header = try RecordBatchHeader(parsing: span.bytes)
            let outline = BatchOutline(ofChecked: (expected + batch).span.bytes, at: expected.count)
            #expect(outline == BatchOutline(header))
            next = header.nextOffset
            expected += batch
        }
        #expect(bytes == expected)
    }

    @Test("an incomplete batch is not patched")
    func incomplete() throws {
        let original = try Self.batch(seed: 1)
        var bytes = Array(original.dropLast())
        var elements = bytes.mutableSpan
        var span = elements.mutableBytes
        do {
            try RecordBatchPatch.setTimestamps(type: .createTime, maxTimestamp: Timestamp(1), in: &span)
            Issue.record("an incomplete batch was patched")
        } catch {
            #expect(error.code == .truncated)
        }
        do {
            try RecordBatchPatch.assign(
                baseOffset: Offset(1),
                partitionLeaderEpoch: .none,
                in: &span,
                at: original.count - 30
            )
            Issue.record("a batch was found where there is none")
        } catch {
            #expect(error.code == .truncated || error.code == .invalidLength || error.code == .unsupportedMagic)
        }
        #expect(bytes == Array(original.dropLast()))
    }
}
