/// What the builder writes with, beside the standard library's own.
extension [UInt8] {
    mutating func appendInteger<Value: FixedWidthInteger>(_ value: Value) {
        for shift in stride(from: Value.bitWidth - 8, through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: value >> Value(shift)))
        }
    }

    mutating func appendVarint(_ value: Int32) {
        appendVarint(bits: UInt64(Varint.zigzag(value)))
    }

    mutating func appendVarlong(_ value: Int64) {
        appendVarint(bits: Varint.zigzag(value))
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
