import KafkaProtocol

extension [UInt8] {
    /// The bytes that a hexadecimal text stands for; nil if it is none.
    init?(hex: some StringProtocol) {
        let digits = hex.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count == hex.utf8.count, digits.count.isMultiple(of: 2) else { return nil }
        self = stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    /// The bytes as the view that readers take.
    var rawSpan: RawSpan {
        @_lifetime(borrow self)
        get { RawSpan(_elements: span) }
    }
}

extension MessageWriter {
    /// What was written, with record batches in the gaps.
    func filled(with records: [[UInt8]]) -> [UInt8] {
        let records = records.filter { !$0.isEmpty }
        precondition(gaps.map(\.byteCount) == records.map(\.count), "The gaps are not those of the records")
        var filled: [UInt8] = []
        var start = 0
        for (gap, records) in zip(gaps, records) {
            filled += bytes[start..<gap.position] + records
            start = gap.position
        }
        return filled + bytes[start...]
    }
}
