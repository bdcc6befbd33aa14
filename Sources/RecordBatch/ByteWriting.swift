/// What builders of bytes write with, beside the standard library's own.
extension [UInt8] {
    /// Appends an integer in big-endian order.
    @inlinable
    package mutating func appendInteger<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value) {
        // The bytes of an integer, for as long as the call takes.
        unsafe Swift.withUnsafeBytes(of: value.bigEndian) { unsafe append(contentsOf: $0) }
    }

    mutating func appendVarint(_ value: Int32) {
        appendVarint(bits: UInt64(Varint.zigzag(value)))
    }

    mutating func appendVarlong(_ value: Int64) {
        appendVarint(bits: Varint.zigzag(value))
    }

    /// Appends an integer in 1 to 5 bytes, without zigzag, as the wire protocol has lengths and tags.
    package mutating func appendUnsignedVarint(_ value: UInt32) {
        appendVarint(bits: UInt64(value))
    }

    private mutating func appendVarint(bits: UInt64) {
        var bits = bits
        while bits >= 0x80 {
            append(UInt8(truncatingIfNeeded: bits) | 0x80)
            bits >>= 7
        }
        append(UInt8(truncatingIfNeeded: bits))
    }
}
