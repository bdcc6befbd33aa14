import RecordBatch
import TestSupport

extension SplitMix64 {
    /// Bytes that do not compress.
    mutating func bytes(_ count: Int) -> [UInt8] {
        bytes(count: count...count)
    }

    /// Bytes that compress: words of a small vocabulary.
    mutating func text(_ count: Int) -> [UInt8] {
        var text: [UInt8] = []
        while text.count < count {
            text += Array("word\(Int.random(in: 0..<20, using: &self)) ".utf8)
        }
        return Array(text.prefix(count))
    }

    /// Records with null, empty, small and large keys and values, and zero to three headers.
    mutating func records(count: Int, firstOffset: Offset = Offset(0)) -> [Record] {
        (0..<count).map { index in
            Record(
                offset: firstOffset + index,
                timestamp: timestamp(),
                key: field(),
                value: field(),
                headers: (0..<Int.random(in: 0...3, using: &self)).map { _ in header() }
            )
        }
    }

    private mutating func timestamp() -> Timestamp {
        switch Int.random(in: 0..<10, using: &self) {
        case 0: Timestamp(Int64.random(in: .min ... .max, using: &self))
        case 1: Timestamp(Int64.random(in: 0...1000, using: &self))
        default: Timestamp(1_700_000_000_000 + Int64.random(in: -100_000...100_000, using: &self))
        }
    }

    private mutating func field() -> [UInt8]? {
        switch Int.random(in: 0..<8, using: &self) {
        case 0: nil
        case 1: []
        case 2: text(Int.random(in: 1...9000, using: &self))
        case 3: bytes(Int.random(in: 1...300, using: &self))
        default: text(Int.random(in: 1...120, using: &self))
        }
    }

    private mutating func header() -> RecordHeader {
        let key = ["", "h", "content-type", "größe", "trace"].randomElement(using: &self) ?? ""
        return RecordHeader(key: key, value: field())
    }
}
