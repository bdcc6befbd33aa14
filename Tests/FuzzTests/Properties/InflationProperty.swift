@testable import RecordBatch

/// Inflated bytes are never more than allowed, are the same each time, and compress to what gives them again.
enum InflationProperty {
    static func check(_ input: [UInt8]) throws {
        var input = FuzzInput(input)
        let codecs = CompressionCodec.allCases.filter { $0 != .none }
        let codec = codecs[Int(input.byte()) % codecs.count]
        let limit = 1 << (4 + Int(input.byte()) % 16)  // to 512 KiB
        let payload = Array(input.rest)

        var decompressor = Decompressor(limit: limit)
        let inflated = [UInt8](copying: try decompressor.inflate(RawSpan(payload), codec: codec))
        try expect(inflated.count <= limit || payload.isEmpty, "the limit of \(limit) holds: \(inflated.count)")
        do {
            let again = [UInt8](copying: try decompressor.inflate(RawSpan(payload), codec: codec))
            try expect(again == inflated, "a used decompressor gives the same")
            if !inflated.isEmpty {
                var exact = Decompressor(limit: inflated.count)
                let same = try exact.inflate(RawSpan(payload), codec: codec)
                try expect([UInt8](copying: same) == inflated, "a limit that is just enough is enough")
            }
            var compressor = Compressor()
            let compressed = [UInt8](copying: try compressor.compress(RawSpan(inflated), codec: codec))
            let back = [UInt8](copying: try decompressor.inflate(RawSpan(compressed), codec: codec))
            try expect(back == inflated, "what is compressed comes back")
        } catch let error as RecordBatchError {
            throw Violation("what was inflated once cannot be again: \(error)")
        }
        try checkBound(payload, codec, inflated.count)
    }

    private static func checkBound(_ payload: [UInt8], _ codec: CompressionCodec, _ count: Int) throws {
        guard count > 1 else { return }
        var tooSmall = Decompressor(limit: count - 1)
        do {
            _ = try tooSmall.inflate(RawSpan(payload), codec: codec)
        } catch {
            return try expect(error.code == .inflatesBeyondBound, "one byte too many is beyond the bound: \(error)")
        }
        throw Violation("\(count) bytes were inflated in spite of a limit of \(count - 1)")
    }
}
