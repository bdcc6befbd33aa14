import TestSupport
import Testing

@testable import RecordBatch

@Suite("Varints")
struct VarintTests {
    private func varint(_ bytes: [UInt8]) -> Int32? {
        var cursor = ByteCursor(bytes.span.bytes, from: 0, to: bytes.count)
        guard let value = cursor.readVarint(), cursor.remaining == 0 else { return nil }
        return value
    }

    private func varlong(_ bytes: [UInt8]) -> Int64? {
        var cursor = ByteCursor(bytes.span.bytes, from: 0, to: bytes.count)
        guard let value = cursor.readVarlong(), cursor.remaining == 0 else { return nil }
        return value
    }

    @Test(
        "values have the encodings of Protocol Buffers' sint32",
        arguments: zip(
            [0, -1, 1, -2, 63, -64, 64, -300, 8191, -8192, 8192, Int32.max, Int32.min],
            [
                [0x00], [0x01], [0x02], [0x03], [0x7E], [0x7F], [0x80, 0x01], [0xD7, 0x04], [0xFE, 0x7F], [0xFF, 0x7F],
                [0x80, 0x80, 0x01], [0xFE, 0xFF, 0xFF, 0xFF, 0x0F], [0xFF, 0xFF, 0xFF, 0xFF, 0x0F],
            ] as [[UInt8]]
        )
    )
    func knownVarints(value: Int32, bytes: [UInt8]) {
        var encoded: [UInt8] = []
        encoded.appendVarint(value)
        #expect(encoded == bytes)
        #expect(varint(bytes) == value)
        #expect(varlong(bytes) == Int64(value))
    }

    @Test("the extremes of a varlong take ten bytes")
    func extremeVarlongs() {
        let ones = [UInt8](repeating: 0xFF, count: 9)
        #expect(varlong([0xFE] + ones.dropLast() + [0x01]) == Int64.max)
        #expect(varlong(ones + [0x01]) == Int64.min)
        #expect(Varint.byteCount(of: Int64.min) == 10)
    }

    @Test("values around every power of two are read as written, in the announced number of bytes")
    func powersOfTwo() {
        for shift in 0..<64 {
            for magnitude in [(1 << shift) &- 1, 1 << shift, (1 << shift) &+ 1] as [Int64] {
                for value in [magnitude, 0 &- magnitude] {
                    var long: [UInt8] = []
                    long.appendVarlong(value)
                    #expect(varlong(long) == value)
                    #expect(long.count == Varint.byteCount(of: value))
                    if let value = Int32(exactly: value) {
                        var short: [UInt8] = []
                        short.appendVarint(value)
                        #expect(varint(short) == value)
                        #expect(short.count == Varint.byteCount(of: value))
                    }
                }
            }
        }
    }

    @Test("random values are read as written", arguments: Seed.all)
    func randomValues(seed: Seed) {
        var generator = seed.generator
        for _ in 0..<2000 {
            let shift = Int64.random(in: 0..<64, using: &generator)
            let value = Int64.random(in: .min ... .max, using: &generator) >> shift
            var long: [UInt8] = []
            long.appendVarlong(value)
            #expect(varlong(long) == value)
        }
    }

    @Test("a varint that ends early, at every length, is none")
    func truncated() {
        var long: [UInt8] = []
        long.appendVarlong(.min)
        for count in 0..<long.count {
            #expect(varlong(Array(long.prefix(count))) == nil)
            #expect(varint(Array(long.prefix(count))) == nil)
        }
    }

    @Test("more bytes or bits than the type has are rejected; zeros on top are not")
    func overlong() {
        #expect(varint([0x80, 0x80, 0x80, 0x80, 0x80, 0x00]) == nil)
        #expect(varint([0xFF, 0xFF, 0xFF, 0xFF, 0x1F]) == nil)
        #expect(varlong([UInt8](repeating: 0x80, count: 10) + [0x00]) == nil)
        #expect(varlong([UInt8](repeating: 0xFF, count: 9) + [0x03]) == nil)
        #expect(varint([0x80, 0x00]) == 0)
        #expect(varint([0x82, 0x80, 0x80, 0x80, 0x00]) == 1)
        #expect(varlong([UInt8](repeating: 0x80, count: 9) + [0x00]) == 0)
    }
}
