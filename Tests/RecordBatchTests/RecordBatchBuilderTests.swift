import TestSupport
import Testing

@testable import RecordBatch

@Suite("Building batches")
struct RecordBatchBuilderTests {
    @Test("records are read as they were appended", arguments: CompressionCodec.allCases, Seed.all)
    func roundTrip(codec: CompressionCodec, seed: Seed) throws {
        var generator = seed.generator
        var compressor = Compressor(snappyFraming: seed.rawValue % 2 == 0 ? .xerial : .raw)
        var decompressor = Decompressor()
        var builder = RecordBatchBuilder(codec: codec)
        // The same builder, compressor and decompressor for all: nothing of one batch may be left in the next.
        for batchIndex in 0..<8 {
            let base = Offset(Int64.random(in: 0...1 << 40, using: &generator))
            let records = generator.records(count: Int.random(in: 1...30, using: &generator), firstOffset: base)
            builder.baseOffset = base
            for record in records {
                try builder.append(
                    key: record.key,
                    value: record.value,
                    timestamp: record.timestamp,
                    headers: record.headers
                )
            }
            let batch = try builder.finish(with: &compressor)
            let decoded = try decode(RecordBatchView(batch.span.bytes), with: &decompressor)
            #expect(decoded.records == records, "\(seed), batch \(batchIndex)")
            #expect(decoded.header.codec == codec)
            #expect(decoded.header.baseTimestamp == records.first?.timestamp)
            #expect(decoded.header.maxTimestamp == records.map(\.timestamp).max())
            #expect(decoded.header.lastOffset == records.last?.offset)
            #expect(decoded.header.recordCount == Int32(records.count))
            #expect(builder.isEmpty)
        }
    }

    @Test("the settings are in the header")
    func settings() throws {
        let builder = RecordBatchBuilder(
            codec: .zstd,
            level: 1,
            timestampType: .logAppendTime,
            producerID: ProducerID(7),
            producerEpoch: ProducerEpoch(2),
            baseSequence: SequenceNumber(.max),
            isTransactional: true,
            partitionLeaderEpoch: LeaderEpoch(5),
            baseOffset: Offset(99)
        )
        let batch = try builder.batch(of: [
            Record(offset: Offset(99), timestamp: Timestamp(1), key: nil, value: nil),
            Record(offset: Offset(100), timestamp: Timestamp(2), key: nil, value: nil),
        ])
        let header = try decode(batch).header
        #expect(header.codec == .zstd)
        #expect(header.timestampType == .logAppendTime)
        #expect(header.producerID == ProducerID(7))
        #expect(header.producerEpoch == ProducerEpoch(2))
        #expect(header.baseSequence == SequenceNumber(.max))
        #expect(header.lastSequence == SequenceNumber(0))
        #expect(header.isTransactional && !header.isControl)
        #expect(header.partitionLeaderEpoch == LeaderEpoch(5))
        #expect(header.deleteHorizon == nil)
    }

    @Test("the estimate is the size of a batch without compression")
    func estimate() throws {
        var generator = SplitMix64(seed: 3)
        var builder = RecordBatchBuilder()
        #expect(builder.estimatedByteCount == 61)
        for record in generator.records(count: 20) {
            try builder.append(record)
        }
        let estimate = builder.estimatedByteCount
        var compressor = Compressor()
        #expect(try builder.finish(with: &compressor).count == estimate)
        #expect(builder.estimatedByteCount == 61)
    }

    @Test("borrowed bytes make the same record as arrays")
    func borrowed() throws {
        let key: [UInt8] = Array("key".utf8)
        let value: [UInt8] = Array("value".utf8)
        var compressor = Compressor()
        var builder = RecordBatchBuilder()
        try builder.append(key: key, value: nil, timestamp: Timestamp(5), headers: [RecordHeader(key: "h", value: [1])])
        try builder.append(key: nil, value: value, timestamp: Timestamp(6))
        let fromArrays = try builder.finish(with: &compressor)
        try builder.append(
            key: key.span.bytes,
            value: nil,
            timestamp: Timestamp(5),
            headers: [RecordHeader(key: "h", value: [1])]
        )
        try builder.append(key: nil, value: value.span.bytes, timestamp: Timestamp(6))
        #expect(try builder.finish(with: &compressor) == fromArrays)
    }

    @Test("batches can be written one behind the other")
    func appending() throws {
        var compressor = Compressor()
        var builder = RecordBatchBuilder(codec: .gzip)
        var bytes: [UInt8] = []
        for index in 0..<3 {
            builder.baseOffset = Offset(Int64(index))
            try builder.append(key: nil, value: [UInt8(index)], timestamp: Timestamp(0))
            try builder.finish(with: &compressor, appendingTo: &bytes)
        }
        var iterator = RecordBatchIterator(bytes.span.bytes)
        var decompressor = Decompressor()
        for index in 0..<3 {
            let batch = try #require(try decodedNext(&iterator, &decompressor))
            #expect(batch.records.map(\.value) == [[UInt8(index)]])
            #expect(batch.header.baseOffset == Offset(Int64(index)))
        }
        #expect(iterator.trailingBytes == 0)
    }

    private func decodedNext(
        _ iterator: inout RecordBatchIterator,
        _ decompressor: inout Decompressor
    ) throws(RecordBatchError) -> DecodedBatch? {
        guard let batch = try iterator.next() else { return nil }
        return try decode(batch, with: &decompressor)
    }

    @Test("a compacted batch keeps gaps, its last offset and its delete horizon")
    func compacted() throws {
        var builder = RecordBatchBuilder(baseSequence: SequenceNumber(40), baseOffset: Offset(100))
        builder.lastOffset = Offset(109)
        builder.deleteHorizon = Timestamp(5000)
        let records = [102, 107].map {
            Record(offset: Offset($0), timestamp: Timestamp(1000 + $0), key: [1], value: nil)
        }
        let decoded = try decode(try builder.batch(of: records))
        #expect(decoded.records == records)
        #expect(decoded.header.lastOffset == Offset(109))
        #expect(decoded.header.deleteHorizon == Timestamp(5000))
        #expect(decoded.header.maxTimestamp == Timestamp(1107))
        #expect(decoded.header.lastSequence == SequenceNumber(49))
    }

    @Test("a batch that compaction has emptied is a header that still spans its offsets")
    func emptied() throws {
        var builder = RecordBatchBuilder(
            producerID: ProducerID(1),
            baseSequence: SequenceNumber(3),
            baseOffset: Offset(7)
        )
        builder.lastOffset = Offset(9)
        let batch = try builder.batch(of: [])
        #expect(batch.count == 61)
        let decoded = try decode(batch)
        #expect(decoded.records.isEmpty)
        #expect(decoded.header.lastOffset == Offset(9))
        #expect(decoded.header.lastSequence == SequenceNumber(5))
        #expect(decoded.header.maxTimestamp == .none)
    }

    @Test("offsets that one batch cannot span are refused, and nothing is added")
    func offsetRange() throws {
        var builder = RecordBatchBuilder()
        try builder.append(key: nil, value: [1], timestamp: Timestamp(0))
        let before = builder.estimatedByteCount
        let far = Offset(Int64(Int32.max) + 1)
        do {
            try builder.append(key: nil, value: [2], timestamp: Timestamp(0), offset: far)
            Issue.record("a record 2^31 offsets away was taken")
        } catch {
            #expect(error.code == .batchTooLarge)
        }
        #expect(builder.estimatedByteCount == before)
        #expect(builder.recordCount == 1)
    }

    @Test("a base offset without a successor for the last record is refused")
    func largestOffset() {
        let records = [Record(offset: Offset(.max), timestamp: Timestamp(0), key: nil, value: nil)]
        let error = #expect(throws: RecordBatchError.self) {
            _ = try RecordBatchBuilder(baseOffset: Offset(.max)).batch(of: records)
        }
        #expect(error?.code == .invalidHeader)
    }

    @Test("records out of the order of their offsets are a mistake of the caller")
    func disorder() async {
        await #expect(processExitsWith: .failure) {
            var builder = RecordBatchBuilder()
            try builder.append(key: nil, value: nil, timestamp: Timestamp(0), offset: Offset(5))
            try builder.append(key: nil, value: nil, timestamp: Timestamp(0), offset: Offset(5))
        }
    }
}
