import TestSupport
import Testing

@testable import RecordBatch

@Suite("Views over batches")
struct RecordBatchViewTests {
    private static let records = [
        Record(offset: Offset(10), timestamp: Timestamp(1000), key: Array("k".utf8), value: Array("value".utf8)),
        Record(
            offset: Offset(11),
            timestamp: Timestamp(900),
            key: nil,
            value: nil,
            headers: [RecordHeader(key: "h", value: []), RecordHeader(key: "", value: nil)]
        ),
        Record(offset: Offset(12), timestamp: Timestamp(1100), key: [], value: [0]),
    ]

    private static func batch() throws -> [UInt8] {
        try RecordBatchBuilder(partitionLeaderEpoch: LeaderEpoch(1), baseOffset: Offset(10)).batch(of: records)
    }

    @Test("a view is exactly its batch, whatever follows")
    func extent() throws {
        let batch = try Self.batch()
        let bytes = batch + [1, 2, 3]
        let view = try RecordBatchView(bytes.span.bytes)
        #expect(view.bytes.byteCount == batch.count)
        #expect(view.payload.byteCount == batch.count - 61)
        #expect(view.computedCRC == view.header.crc)
        #expect(try decode(bytes).records == Self.records)
    }

    @Test("a record tells its place, its deltas and its size")
    func recordView() throws {
        let batch = try Self.batch()
        let view = try RecordBatchView(batch.span.bytes)
        var iterator = try view.records()
        var sizes = 0
        var deltas: [Int64] = []
        while let record = try iterator.next() {
            sizes += record.byteCount
            deltas.append(record.timestampDelta)
            #expect(record.offset == Offset(10) + Int(record.offsetDelta))
            #expect(record.attributes == 0)
        }
        #expect(deltas == [0, -100, 100])
        #expect(sizes == view.payload.byteCount)
    }

    @Test("with LogAppendTime every record has the batch's maximum timestamp")
    func logAppendTime() throws {
        let builder = RecordBatchBuilder(timestampType: .logAppendTime, baseOffset: Offset(10))
        let batch = try builder.batch(of: Self.records)
        let records = try decode(batch).records
        #expect(records.map(\.timestamp) == [Timestamp](repeating: Timestamp(1100), count: 3))
        #expect(records.allSatisfy { $0.timestampType == .logAppendTime })
    }

    @Test("a batch cut at any length is reported as truncated")
    func truncated() throws {
        let batch = try Self.batch()
        for count in 0..<batch.count {
            #expect(decodingError(Array(batch.prefix(count)))?.code == .truncated, "\(count) bytes")
        }
    }

    @Test("a changed bit is detected wherever the CRC covers it, and in the length, the magic and the CRC itself")
    func bitFlips() throws {
        let batch = try Self.batch()
        let original = try decode(batch)
        for bit in 0..<batch.count * 8 {
            var flipped = batch
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            switch bit / 8 {
            case 0..<8, 12..<16:
                // The broker assigns base offset and leader epoch after the CRC was taken: the log around the batch has
                // to vouch for them. What can be asked is that nothing else changes with them.
                guard let decoded = try? decode(flipped) else { continue }
                #expect(decoded.header != original.header, "bit \(bit)")
                #expect(decoded.records.map(\.value) == original.records.map(\.value), "bit \(bit)")
            default:
                #expect(decodingError(flipped) != nil, "bit \(bit)")
            }
        }
    }

    @Test("a compressed batch is not read as records without a decompressor")
    func compressed() throws {
        let batch = try RecordBatchBuilder(codec: .lz4, baseOffset: Offset(10)).batch(of: Self.records)
        let error = #expect(throws: RecordBatchError.self) {
            _ = try RecordBatchView(batch.span.bytes).records()
        }
        #expect(error?.code == .compressed)
    }

    @Test("a codec id that is not assigned is refused", arguments: 5...7 as ClosedRange<UInt8>)
    func unknownCodec(id: UInt8) throws {
        var batch = try Self.batch()
        batch[22] = id
        #expect(decodingError(try withUpdatedCRC(batch))?.code == .unsupportedCodec)
    }
}

@Suite("Batches one behind the other")
struct RecordBatchIteratorTests {
    private static func batches() throws -> [[UInt8]] {
        var generator = SplitMix64(seed: 7)
        return try (0..<3).map { index in
            let base = Offset(Int64(index) * 10)
            return try RecordBatchBuilder(baseOffset: base).batch(of: generator.records(count: 4, firstOffset: base))
        }
    }

    @Test("complete batches are returned, and the bytes of an incomplete one counted, at every cut")
    func cuts() throws {
        let batches = try Self.batches()
        let bytes = batches.flatMap { $0 }
        for count in 0...bytes.count {
            let cut = Array(bytes.prefix(count))
            var iterator = RecordBatchIterator(cut.span.bytes)
            var complete = 0
            while let batch = try iterator.next() {
                #expect(batch.header.baseOffset == Offset(Int64(complete) * 10))
                complete += 1
            }
            let whole = batches.prefix(complete).reduce(0) { $0 + $1.count }
            #expect(iterator.position == whole)
            #expect(iterator.trailingBytes == count - whole)
            #expect(complete == batches.count || count - whole < batches[complete].count)
        }
    }

    @Test("a batch that is none is reported with its position among all bytes")
    func position() throws {
        let batches = try Self.batches()
        var bytes = batches.flatMap { $0 }
        bytes[batches[0].count + 16] = 1
        var iterator = RecordBatchIterator(bytes.span.bytes)
        _ = try iterator.next()
        do {
            _ = try iterator.next()
            Issue.record("a batch of message format v1 was returned")
        } catch {
            #expect(error.code == .unsupportedMagic)
            #expect(error.location == .init(bytePosition: batches[0].count + 16, baseOffset: Offset(10)))
        }
    }

    @Test("a preallocated tail of zeros is reported, not skipped")
    func zeros() throws {
        let bytes = try Self.batches()[0] + [UInt8](repeating: 0, count: 4096)
        var iterator = RecordBatchIterator(bytes.span.bytes)
        _ = try iterator.next()
        do {
            _ = try iterator.next()
            Issue.record("zeros were passed over")
        } catch {
            #expect(error.code == .invalidLength)
        }
    }
}
