import KafkaProtocol
@testable import RecordBatch

/// What is read as a message can be written, and what was written is read and written as the same.
enum MessageProperty {
    static func check(_ input: [UInt8]) throws {
        var input = FuzzInput(input)
        let api = APIKey.allCases[Int(input.byte()) % APIKey.allCases.count]
        let choice = input.byte()
        let version = api.versions.lowerBound + Int16(choice & 0x7f) % Int16(api.versions.count)
        let bytes = Array(input.rest)
        let header = try? RequestHeader.read(RawSpan(bytes))
        if let header {
            try expect(header.bodyStart <= bytes.count, "a body begins within the bytes")
        }
        if choice & 0x80 == 0 {
            try check(api.messages.request, bytes, version)
        } else {
            try check(api.messages.response, bytes, version)
        }
    }

    private static func check<Value: Message>(_ type: Value.Type, _ bytes: [UInt8], _ version: Int16) throws {
        let message = try Value(reading: RawSpan(bytes), version: version)
        do {
            let written = try message.writtenWithZeros(version)
            let again = try Value(reading: RawSpan(written), version: version)
            let rewritten = try again.writtenWithZeros(version)
            try expect(rewritten == written, "\(message) of version \(version) comes back as \(again)")
        } catch let error as ProtocolError {
            // Text that is not UTF-8 grows as it is repaired, and can be too long then.
            guard error.code != .notRepresentable else { return }
            throw Violation("\(message) of version \(version) was read, but does not come back: \(error)")
        }
    }
}

extension Message {
    /// The message, with zeros in place of record batches.
    fileprivate func writtenWithZeros(_ version: Int16) throws(ProtocolError) -> [UInt8] {
        let writer = try written(version: version)
        var filled: [UInt8] = []
        var start = 0
        for gap in writer.gaps {
            filled += writer.bytes[start..<gap.position]
            filled += [UInt8](repeating: 0, count: gap.byteCount)
            start = gap.position
        }
        return filled + writer.bytes[start...]
    }
}
