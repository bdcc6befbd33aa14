import TestSupport
import Testing

@testable import RecordBatch

@Suite("CRC-32C")
struct CRC32CTests {
    @Test(
        "known answers come out (RFC 3720, B.4)",
        arguments: zip(
            [
                [], Array("123456789".utf8), [UInt8](repeating: 0, count: 32), [UInt8](repeating: 0xFF, count: 32),
                Array(0...31), Array((0...31).reversed()),
            ] as [[UInt8]],
            [0, 0xE306_9283, 0x8A91_36AA, 0x62A8_AB43, 0x46DD_794E, 0x113F_DB5C] as [UInt32]
        )
    )
    func knownAnswers(bytes: [UInt8], checksum: UInt32) {
        #expect(CRC32C.checksum(of: bytes.span.bytes) == checksum)
        #expect(CRC32C.portableChecksum(of: bytes.span.bytes) == checksum)
    }

    @Test(
        "the chosen implementation agrees with the portable one at any length and alignment",
        arguments: Seed.all
    )
    func agreement(seed: Seed) {
        var generator = seed.generator
        let bytes = generator.bytes(40_000)
        for _ in 0..<200 {
            let start = Int.random(in: 0..<64, using: &generator)
            // Half of the lengths are short; the long ones reach both lane lengths.
            let bound = Bool.random(using: &generator) ? 1000 : bytes.count - start
            let span = bytes.span.bytes.extracting(start..<start + Int.random(in: 0...bound, using: &generator))
            let before = UInt32.random(in: 0 ... .max, using: &generator)
            let checksum = CRC32C.checksum(of: span, continuing: before)
            let portable = CRC32C.portableChecksum(of: span, continuing: before)
            #expect(checksum == portable, "\(span.byteCount) bytes from \(start)")
        }
    }

    @Test("a checksum taken in two pieces is that of the whole", arguments: Seed.all)
    func pieces(seed: Seed) {
        var generator = seed.generator
        let bytes = generator.bytes(10_000)
        let whole = CRC32C.checksum(of: bytes.span.bytes)
        for _ in 0..<50 {
            let cut = Int.random(in: 0...bytes.count, using: &generator)
            let first = CRC32C.checksum(of: bytes.span.bytes.extracting(0..<cut))
            let both = CRC32C.checksum(of: bytes.span.bytes.extracting(cut..<bytes.count), continuing: first)
            #expect(both == whole, "cut at \(cut)")
        }
    }

    @Test("the processor's instructions are used where it has them")
    func implementation() {
        #expect(["sse4.2", "armv8-crc", "portable"].contains(CRC32C.implementation))
    }
}
