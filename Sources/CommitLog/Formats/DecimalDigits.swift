extension FixedWidthInteger {
    /// A decimal integer in the one form in which Kafka writes it: digits without leading zeros, after `-` if negative.
    ///
    /// Stricter than `init(_: String)`, which takes `+7` and `007` too: of two spellings of one number one would not
    /// come back as it was.
    /// - Returns: `nil` when the text has another form or the number does not fit the type.
    init?(decimalDigits text: some BidirectionalCollection<UInt8>) {
        let isNegative = text.first == UInt8(ascii: "-")
        let digits = isNegative ? text.dropFirst() : text[...]
        guard let first = digits.first else { return nil }
        if first == UInt8(ascii: "0") && (isNegative || digits.count > 1) { return nil }

        var value: Self = 0
        for byte in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            let digit = Self(truncatingIfNeeded: byte &- UInt8(ascii: "0"))
            // Built on the side of its sign, so that the least value of the type is reached without overflow.
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
            let (next, carry) =
                isNegative ? shifted.subtractingReportingOverflow(digit) : shifted.addingReportingOverflow(digit)
            guard !overflow, !carry else { return nil }
            value = next
        }
        self = value
    }
}
