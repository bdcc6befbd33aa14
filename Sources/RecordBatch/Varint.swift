/// Variable-length integers, as records have them (KIP-98; the encoding of Protocol Buffers' sint32 and sint64).
///
///     zigzag:    0 -> 0, -1 -> 1, 1 -> 2, -2 -> 3, ... so that small magnitudes are short
///     bytes:     seven bits each, the lowest first; the top bit is set on all but the last
///
///     -300  ->  zigzag 599  ->  1101_0111 0000_0100
///
/// A varint is at most 5 bytes and a varlong at most 10. Longer ones, and bits beyond the 32nd or 64th, are rejected;
/// zeros on top (1000_0000 0000_0000 for 0) are not, as Kafka reads them too.
enum Varint {
    static let maximumByteCount = 5
    static let maximumLongByteCount = 10

    static func zigzag(_ value: Int32) -> UInt32 {
        UInt32(bitPattern: (value &<< 1) ^ (value &>> 31))
    }

    static func zigzag(_ value: Int64) -> UInt64 {
        UInt64(bitPattern: (value &<< 1) ^ (value &>> 63))
    }

    /// Length of `value` as a varint: 1...5 bytes.
    static func byteCount(of value: Int32) -> Int {
        byteCount(ofZigzag: UInt64(zigzag(value)))
    }

    /// Length of `value` as a varlong: 1...10 bytes.
    static func byteCount(of value: Int64) -> Int {
        byteCount(ofZigzag: zigzag(value))
    }

    static func byteCount(ofZigzag bits: UInt64) -> Int {
        // ceil(significant bits / 7), and one byte for 0.
        max(1, (UInt64.bitWidth - bits.leadingZeroBitCount + 6) / 7)
    }
}

extension ByteCursor {
    /// A varint, or nil if it is longer than its five bytes or than the bytes at hand.
    @inlinable
    @inline(__always)
    @_lifetime(self: copy self)
    mutating func readVarint() -> Int32? {
        // Nearly all deltas fit in one byte, and nearly all lengths in two.
        guard let first = peek() else { return nil }
        var bits = UInt32(first)
        if first & 0x80 == 0 {
            position &+= 1
        } else {
            guard let second = peek(after: 1), second & 0x80 == 0 else { return readVarintSlowly() }
            position &+= 2
            bits = bits & 0x7F | UInt32(second) &<< 7
        }
        return Int32(bitPattern: bits &>> 1) ^ -Int32(bitPattern: bits & 1)
    }

    /// A varlong, or nil if it is longer than its ten bytes or than the bytes at hand.
    @inlinable
    @inline(__always)
    @_lifetime(self: copy self)
    mutating func readVarlong() -> Int64? {
        guard let byte = peek() else { return nil }
        guard byte & 0x80 == 0 else { return readVarlongSlowly() }
        position &+= 1
        return Int64(byte &>> 1) ^ -Int64(byte & 1)
    }

    /// A varint without zigzag, as the wire protocol has lengths and tags; nil as for ``readVarint()``.
    @_lifetime(self: copy self)
    package mutating func readUnsignedVarint() -> UInt32? {
        readVarintBits(maximumByteCount: Varint.maximumByteCount, significantBits: 32).map { UInt32($0) }
    }

    @usableFromInline
    @inline(never)
    @_lifetime(self: copy self)
    mutating func readVarintSlowly() -> Int32? {
        guard let bits = readVarintBits(maximumByteCount: Varint.maximumByteCount, significantBits: 32) else {
            return nil
        }
        let word = UInt32(bits)
        return Int32(bitPattern: word &>> 1) ^ -Int32(bitPattern: word & 1)
    }

    @usableFromInline
    @inline(never)
    @_lifetime(self: copy self)
    mutating func readVarlongSlowly() -> Int64? {
        guard let bits = readVarintBits(maximumByteCount: Varint.maximumLongByteCount, significantBits: 64) else {
            return nil
        }
        return Int64(bitPattern: bits &>> 1) ^ -Int64(bitPattern: bits & 1)
    }

    @inline(__always)
    @_lifetime(self: copy self)
    private mutating func readVarintBits(maximumByteCount: Int, significantBits: Int) -> UInt64? {
        var bits: UInt64 = 0
        for index in 0..<maximumByteCount {
            guard let byte = readByte() else { return nil }
            let shift = 7 * index
            let low = UInt64(byte & 0x7F)
            // Only the last byte can hold bits that do not fit.
            guard shift + 7 <= significantBits || low >> UInt64(significantBits - shift) == 0 else { return nil }
            bits |= low &<< UInt64(shift)
            if byte & 0x80 == 0 { return bits }
        }
        return nil
    }
}
