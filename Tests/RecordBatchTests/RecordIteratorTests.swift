import TestSupport
import Testing

@testable import RecordBatch

@Suite("Malformed records")
struct RecordIteratorTests {
    /// A record's bytes from its fields, each given as it stands in the record.
    private static func record(length: Int? = nil, _ fields: [UInt8]...) -> [UInt8] {
        let body = fields.flatMap { $0 }
        var bytes: [UInt8] = []
        bytes.appendVarint(Int32(length ?? body.count))
        return bytes + body
    }

    /// Attributes, timestamp delta 0, offset delta 0, null key, value "v", no headers.
    private static let good: [[UInt8]] = [[0], [0], [0], [1], [2, 0x76], [0]]

    private static func join(_ fields: [[UInt8]], length: Int? = nil) -> [UInt8] {
        record(length: length, fields.flatMap { $0 })
    }

    /// The good record with one field replaced.
    private static func with(_ index: Int, _ field: [UInt8]) -> [UInt8] {
        var fields = good
        fields[index] = field
        return join(fields)
    }

    private func error(count: Int32 = 1, _ payload: [UInt8]) -> RecordBatchError? {
        let header = RecordBatchHeader(
            baseOffset: Offset(100),
            batchLength: 49,
            partitionLeaderEpoch: .none,
            crc: 0,
            attributes: RecordBatchAttributes(rawValue: 0),
            lastOffsetDelta: 2,
            baseTimestamp: Timestamp(0),
            maxTimestamp: Timestamp(0),
            producerID: .none,
            producerEpoch: .none,
            baseSequence: .none,
            recordCount: count
        )
        var iterator = RecordIterator(header: header, payload: payload.span.bytes)
        do {
            while try iterator.next() != nil {}
            return nil
        } catch {
            #expect(error.location?.baseOffset == Offset(100))
            return error
        }
    }

    @Test("the record that the others are made from is valid")
    func valid() {
        #expect(error(Self.join(Self.good)) == nil)
        #expect(error(count: 3, Self.join(Self.good) + Self.join(Self.good) + Self.join(Self.good)) == nil)
        #expect(error(count: 0, []) == nil)
    }

    @Test("records that the header counts are missed, and ones that it does not count are not passed over")
    func counts() {
        #expect(error(count: 2, Self.join(Self.good))?.code == .invalidCount)
        #expect(error(count: 1, [])?.code == .invalidCount)
        #expect(error(count: 1, Self.join(Self.good) + Self.join(Self.good))?.code == .invalidCount)
        #expect(error(count: 0, [0])?.code == .invalidCount)
        #expect(error(count: .max, Self.join(Self.good))?.code == .invalidCount)
    }

    @Test("a length that is negative or leaves the batch is reported", arguments: [-1, -100, 8, 1000, 2_147_483_647])
    func lengths(length: Int) {
        #expect(error(Self.join(Self.good, length: length))?.code == .invalidRecord)
    }

    @Test("a length that is no varint is reported")
    func malformedLength() {
        #expect(error([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])?.code == .invalidRecord)
        #expect(error([0x80])?.code == .invalidRecord)
    }

    @Test(
        "fields that leave the record are reported",
        arguments: [
            (3, [2]), (3, [0x7E]), (3, [3]), (3, [0xFE, 0xFF, 0xFF, 0xFF, 0x0F]), (3, [0xFF, 0xFF, 0xFF, 0xFF, 0x0F]),
            (4, [100]), (4, [3]), (4, [0x80]), (5, [2]), (5, [1]), (5, [0xFE, 0xFF, 0xFF, 0xFF, 0x0F]), (5, [0, 0]),
        ] as [(Int, [UInt8])]
    )
    func fields(index: Int, field: [UInt8]) {
        #expect(error(Self.with(index, field))?.code == .invalidRecord, "field \(index): \(field)")
    }

    @Test("offset deltas outside of what the header spans are reported", arguments: [1, 6, 0x7F] as [UInt8])
    func offsets(zigzag: UInt8) {
        #expect(error(Self.with(2, [zigzag]))?.code == .invalidRecord)
        #expect(error(Self.with(2, [4])) == nil)
    }

    @Test(
        "headers with a null name, or ones that do not fill the record, are reported",
        arguments: [
            [2, 1, 1], [2, 2, 0x68, 4, 0x76], [2, 2, 0x68, 3], [4, 2, 0x68, 1], [2, 2, 0x68, 1, 0],
        ] as [[UInt8]]
    )
    func headers(field: [UInt8]) {
        #expect(error(Self.with(5, field))?.code == .invalidRecord)
        #expect(error(Self.with(5, [2, 2, 0x68, 1])) == nil)
    }

    @Test("the record cut at any length, with its length made to fit, is reported")
    func cuts() {
        let body = Self.good.flatMap { $0 }
        for count in 0..<body.count {
            #expect(error(Self.record(Array(body.prefix(count))))?.code == .invalidRecord, "\(count) bytes")
        }
    }

    @Test("an error stays, however often one asks")
    func errorStays() throws {
        let record = Record(offset: Offset(0), timestamp: .none, key: nil, value: [1])
        let batch = try RecordBatchBuilder().batch(of: [record])
        var cut = Array(batch.dropLast())
        cut.replaceSubrange(8..<12, with: [0, 0, 0, UInt8(cut.count - 12)])
        var iterator = try RecordBatchView(cut.span.bytes).records()
        for _ in 0..<3 {
            do {
                _ = try iterator.next()
                Issue.record("a cut record was returned")
            } catch {
                #expect(error.code == .invalidRecord)
            }
        }
    }

    @Test(
        "batches with any bytes changed, under a correct CRC, are read or reported, and never trap",
        arguments: Seed.all
    )
    func mutations(seed: Seed) throws {
        var generator = seed.generator
        let codec = CompressionCodec.allCases[Int(seed.rawValue % UInt64(CompressionCodec.allCases.count))]
        let original = try RecordBatchBuilder(codec: codec).batch(of: generator.records(count: 5))
        var reported = 0
        for _ in 0..<400 {
            var mutated = original
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                // Length and magic are left alone: without them there is no batch to look into.
                let position = Int.random(in: 21..<mutated.count, using: &generator)
                mutated[position] = UInt8.random(in: 0...255, using: &generator)
            }
            guard let sealed = try? withUpdatedCRC(mutated) else { continue }
            if decodingError(sealed, limit: 1 << 20) != nil { reported += 1 }
        }
        #expect(reported > 0, "\(seed)")
    }
}
