import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import CommitLog

@Suite("A verifier, over damaged batches", .temporaryDirectory)
struct DamagedBatchTests {
    /// Which kinds of fault a wrong byte of a batch's header may be told as.
    private static func kinds(ofByte index: Int) -> Set<VerificationFault.Kind> {
        switch index {
        case 0..<8: [.offsetOrder, .batchStructure]  // base offset; negative in the first byte's highest bit
        case 8..<12: [.batchStructure, .batchChecksum]  // length
        case 12..<16: [.leaderEpoch]
        case 16: [.batchStructure]  // magic
        default: [.batchChecksum, .batchStructure]  // the CRC, and what it covers; some values no header can have
        }
    }

    /// The first and the last byte of each field, and some in between.
    private static let bytes = [
        0, 3, 7, 8, 10, 11, 12, 15, 16, 17, 20, 21, 22, 23, 26, 27, 34, 35, 42, 43, 50, 51, 52, 53, 56, 57, 60,
    ]

    /// Bits, and batches of a segment in which they are changed: the first one, one in the middle, and the last one, which
    /// nothing follows.
    private static let places = [(bit: 6, batch: 0), (bit: 0, batch: 1), (bit: 3, batch: 2)]

    @Test("a wrong bit in any field of a batch's header is told at that batch", arguments: places)
    func header(bit: Int, batch: Int) async throws {
        let log = try await VerifiedLog.make()
        let segment = log.segments[1]
        let batches = try log.batches(segment)
        #expect(batches.count == 3)
        let position = batches[batch].position
        for index in Self.bytes {
            let found = try log.with(log.path(segment)) {
                $0[position + index] ^= 1 << UInt8(bit)
            } _: {
                try log.verify(log.directory).faults
            }
            let place: Comment = "bit \(bit) of byte \(index) of the batch at \(position): \(found)"
            let first = try #require(found.first, place)
            #expect(first.path == log.path(segment), place)
            #expect(first.position == FilePosition(Int64(position)), place)
            #expect(Self.kinds(ofByte: index).contains(first.kind), place)
            // Nothing that is sound is blamed along with it.
            #expect(found.allSatisfy { $0.path == first.path && $0.position == first.position }, place)
        }
    }

    @Test("every wrong byte of the records is told as a checksum", arguments: CompressionCodec.allCases)
    func records(codec: CompressionCodec) async throws {
        let log = try await VerifiedLog.make(codec: codec)
        let segment = log.segments[0]
        let batch = try log.batches(segment)[1]
        for index in stride(from: RecordBatchHeader.byteCount, to: batch.header.byteCount, by: 41) {
            let found = try log.with(log.path(segment)) {
                $0[batch.position + index] ^= 0x40
            } _: {
                try log.verify()
            }
            #expect(found.map(\.kind) == [.batchChecksum], "byte \(index): \(found)")
            #expect(found.first?.position == FilePosition(Int64(batch.position)))
            #expect(found.first?.offset == batch.header.baseOffset)
        }
    }

    @Test("a batch with a right CRC whose records are wrong is told")
    func wrongRecords() async throws {
        let log = try await VerifiedLog.make()
        let segment = log.segments[0]
        let batch = try log.batches(segment)[1]
        let found = try log.with(log.path(segment)) { bytes in
            // The first record's length: longer than the batch.
            bytes[batch.position + RecordBatchHeader.byteCount] = 0xfe
            let body = Array(
                bytes[(batch.position + RecordBatchHeader.checksumStart)..<(batch.position + batch.header.byteCount)]
            )
            var crc: [UInt8] = []
            crc.appendInteger(CRC32C.checksum(of: body.rawSpan))
            bytes.replaceSubrange((batch.position + 17)..<(batch.position + 21), with: crc)
        } _: {
            try log.verify()
        }
        #expect(found.map(\.kind) == [.record], "\(found)")
        #expect(found.first?.position == FilePosition(Int64(batch.position)))
    }

    @Test("several damaged batches are told one by one, in their order")
    func several() async throws {
        let log = try await VerifiedLog.make()
        let places = try log.segments.flatMap { try log.batches($0) }
        let damaged = [places[1], places[2], places[places.count - 2]]
        for place in damaged {
            var bytes = try Fixtures.bytes(of: log.path(place.segment))
            bytes[place.position + 100] ^= 1
            try log.write(bytes, to: log.path(place.segment))
        }
        let found = try log.verify()
        #expect(found.map(\.path) == damaged.map { log.path($0.segment) })
        #expect(found.map(\.position) == damaged.map { FilePosition(Int64($0.position)) })
        #expect(found.allSatisfy { $0.kind == .batchChecksum })
    }

    @Test("a segment that was cut short is told, within a batch and between two")
    func truncated() async throws {
        let log = try await VerifiedLog.make()
        for segment in log.segments {
            let batches = try log.batches(segment)
            let last = batches[batches.count - 1]
            for kept in [
                last.position, last.position + 10, last.position + 61, last.position + last.header.byteCount - 1,
            ] {
                let found = try log.with(log.path(segment)) {
                    $0.removeLast($0.count - kept)
                } _: {
                    try log.verify().faults
                }
                let place: Comment = "segment \(segment) cut at \(kept): \(found)"
                #expect(!found.isEmpty, place)
                if kept > last.position {
                    #expect(found.first?.path == log.path(segment), place)
                    #expect(found.first?.position == FilePosition(Int64(last.position)), place)
                    #expect(found.first?.kind == .batchStructure, place)
                }
            }
        }
    }

    @Test("records beyond the limit are not looked at, which is noted")
    func limit() async throws {
        let log = try await VerifiedLog.make()
        let found = try log.verify(batchLimit: 100)
        #expect(found.faults == [])
        #expect(found.count == 12)
        #expect(found.allSatisfy { $0.kind == .notChecked })
    }
}
