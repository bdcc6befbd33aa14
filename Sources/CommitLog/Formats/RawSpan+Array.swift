extension Array where Element == UInt8 {
    /// The bytes as the view that parsers take.
    package var rawSpan: RawSpan {
        @_lifetime(borrow self)
        get { RawSpan(_elements: span) }
    }

    /// Appends an integer in big-endian order, the one of all of Kafka's files.
    mutating func append<Value: FixedWidthInteger>(bigEndian value: Value) {
        for shift in stride(from: Value.bitWidth - 8, through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }
}
