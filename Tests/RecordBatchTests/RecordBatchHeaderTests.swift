import Testing

@testable import RecordBatch

@Suite("Record batch header")
struct RecordBatchHeaderTests {
    /// A header with a different value in every field, byte by byte.
    private static let bytes: [UInt8] = [
        0, 0, 0, 0, 0, 0, 0x01, 0x00,  // base offset 256
        0, 0, 0x01, 0x31,  // batch length 305
        0, 0, 0, 9,  // partition leader epoch
        2,  // magic
        0xFE, 0xDC, 0xBA, 0x98,  // CRC
        0, 0b0111_1100,  // attributes
        0, 0, 0, 4,  // last offset delta
        0, 0, 0x01, 0x8B, 0xCF, 0xE5, 0x68, 0x00,  // base timestamp 1700000000000
        0, 0, 0x01, 0x8B, 0xCF, 0xE5, 0x68, 0x63,  // max timestamp, 99 ms later
        0, 0, 0, 0, 0, 0, 0x10, 0x01,  // producer id 4097
        0, 3,  // producer epoch
        0x7F, 0xFF, 0xFF, 0xFE,  // base sequence
        0, 0, 0, 5,  // record count
    ]

    private func error(_ position: Int, _ replacement: [UInt8]) -> RecordBatchError? {
        var bytes = Self.bytes
        bytes.replaceSubrange(position..<position + replacement.count, with: replacement)
        do {
            _ = try RecordBatchHeader(parsing: bytes.span.bytes)
            return nil
        } catch {
            return error
        }
    }

    @Test("every field is read from its place")
    func fields() throws {
        let header = try RecordBatchHeader(parsing: Self.bytes.span.bytes)
        #expect(header.baseOffset == Offset(256))
        #expect(header.batchLength == 305)
        #expect(header.partitionLeaderEpoch == LeaderEpoch(9))
        #expect(header.magic == 2)
        #expect(header.crc == 0xFEDC_BA98)
        #expect(header.attributes.rawValue == 0b0111_1100)
        #expect(header.lastOffsetDelta == 4)
        #expect(header.baseTimestamp == Timestamp(1_700_000_000_000))
        #expect(header.maxTimestamp == Timestamp(1_700_000_000_099))
        #expect(header.producerID == ProducerID(4097))
        #expect(header.producerEpoch == ProducerEpoch(3))
        #expect(header.baseSequence == SequenceNumber(.max - 1))
        #expect(header.recordCount == 5)
    }

    @Test("what follows from the fields is computed")
    func computed() throws {
        let header = try RecordBatchHeader(parsing: Self.bytes.span.bytes)
        #expect(header.lastOffset == Offset(260))
        #expect(header.nextOffset == Offset(261))
        #expect(header.byteCount == 317)
        #expect(header.codec == .zstd)
        #expect(header.timestampType == .logAppendTime)
        #expect(header.isTransactional && header.isControl && header.hasProducerID)
        #expect(header.deleteHorizon == header.baseTimestamp)
        #expect(header.lastSequence == SequenceNumber(2))
    }

    @Test("the attribute bits are told apart", arguments: 0..<128 as Range<Int16>)
    func attributes(bits: Int16) {
        let attributes = RecordBatchAttributes(rawValue: bits)
        #expect(attributes.codec.map { Int16($0.rawValue) } == (bits & 7 <= 4 ? bits & 7 : nil))
        #expect((attributes.timestampType == .logAppendTime) == (bits & 8 != 0))
        #expect(attributes.isTransactional == (bits & 16 != 0))
        #expect(attributes.isControl == (bits & 32 != 0))
        #expect(attributes.hasDeleteHorizon == (bits & 64 != 0))
    }

    @Test("too few bytes, at every length, are reported as truncated")
    func truncated() {
        for count in 0..<RecordBatchHeader.byteCount {
            let error = #expect(throws: RecordBatchError.self) {
                _ = try RecordBatchHeader(parsing: Array(Self.bytes.prefix(count)).span.bytes)
            }
            #expect(error?.code == .truncated, "\(count) bytes")
        }
    }

    @Test("message formats v0 and v1, and unknown ones, are refused by name", arguments: [0, 1, 3, 0xFF] as [UInt8])
    func magic(magic: UInt8) {
        let error = error(16, [magic])
        #expect(error?.code == .unsupportedMagic)
        #expect(error?.location == .init(bytePosition: 16, baseOffset: Offset(256)))
    }

    @Test("a v0 message shorter than a v2 header is refused for its format, not for its length")
    func shortLegacyMessage() {
        let none: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]
        let bytes: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 14, 1, 2, 3, 4, 0, 0] + none + none
        let error = #expect(throws: RecordBatchError.self) { _ = try RecordBatchHeader(parsing: bytes.span.bytes) }
        #expect(error?.code == .unsupportedMagic)
        #expect(error?.message.contains("v0") == true)
    }

    @Test("zeros are not a batch")
    func zeros() {
        let bytes = [UInt8](repeating: 0, count: 4096)
        let error = #expect(throws: RecordBatchError.self) { _ = try RecordBatchHeader(parsing: bytes.span.bytes) }
        #expect(error?.code == .invalidLength)
    }

    @Test("lengths too small for a header are refused", arguments: [Int32.min, -1, 0, 13, 14, 48])
    func length(length: Int32) {
        #expect(error(8, withUnsafeBytes(of: length.bigEndian) { Array($0) })?.code == .invalidLength)
    }

    @Test("negative offsets, deltas and counts are refused")
    func negatives() {
        #expect(error(0, [0x80])?.code == .invalidHeader)
        #expect(error(23, [0xFF])?.code == .invalidHeader)
        #expect(error(57, [0x80])?.code == .invalidCount)
    }

    @Test("offsets past the largest are refused, and the largest with a successor is not")
    func offsetOverflow() {
        let ones = [UInt8](repeating: 0xFF, count: 6)
        #expect(error(0, [0x7F] + ones + [0xFF])?.code == .invalidHeader)
        #expect(error(0, [0x7F] + ones + [0xFB])?.code == .invalidHeader)
        #expect(error(0, [0x7F] + ones + [0xFA]) == nil)
    }
}
