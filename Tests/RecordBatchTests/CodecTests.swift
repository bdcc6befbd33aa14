import TestSupport
import Testing

@testable import RecordBatch

@Suite("Compression codecs")
struct CodecTests {
    private static let compressing: [CompressionCodec] = [.gzip, .snappy, .lz4, .zstd]

    private func compressed(
        _ bytes: [UInt8],
        _ codec: CompressionCodec,
        level: Int? = nil,
        framing: SnappyFraming = .xerial
    ) throws(RecordBatchError) -> [UInt8] {
        var compressor = Compressor(snappyFraming: framing)
        return [UInt8](copying: try compressor.compress(bytes.span.bytes, codec: codec, level: level))
    }

    private func inflated(
        _ bytes: [UInt8],
        _ codec: CompressionCodec,
        limit: Int = Decompressor.defaultLimit
    ) throws(RecordBatchError) -> [UInt8] {
        var decompressor = Decompressor(limit: limit)
        return [UInt8](copying: try decompressor.inflate(bytes.span.bytes, codec: codec))
    }

    private func failure(_ bytes: [UInt8], _ codec: CompressionCodec, limit: Int = 1 << 20) -> RecordBatchError.Code? {
        do {
            _ = try inflated(bytes, codec, limit: limit)
            return nil
        } catch {
            return error.code
        }
    }

    @Test("bytes of every kind and size come back", arguments: CompressionCodec.allCases, Seed.all)
    func roundTrip(codec: CompressionCodec, seed: Seed) throws {
        var generator = seed.generator
        var compressor = Compressor()
        var decompressor = Decompressor()
        for size in [0, 1, 15, 16, 17, 1000, 32_767, 32_768, 32_769, 65_536, 65_537, 300_000] {
            for bytes in [generator.bytes(size), generator.text(size)] {
                let small = [UInt8](copying: try compressor.compress(bytes.span.bytes, codec: codec))
                let back = [UInt8](copying: try decompressor.inflate(small.span.bytes, codec: codec))
                #expect(back == bytes, "\(codec), \(size) bytes, \(seed)")
            }
        }
    }

    @Test(
        "every level compresses to something that inflates",
        arguments: [
            (.gzip, [1, 6, 9]), (.lz4, [1, 3, 9, 12, 17]), (.zstd, [-5, 1, 3, 19]),
        ] as [(CompressionCodec, [Int])]
    )
    func levels(codec: CompressionCodec, levels: [Int]) throws {
        var generator = SplitMix64(seed: 1)
        let bytes = generator.text(100_000)
        var compressor = Compressor()
        for level in levels {
            let small = [UInt8](copying: try compressor.compress(bytes.span.bytes, codec: codec, level: level))
            #expect(small.count < bytes.count / 2, "level \(level)")
            #expect(try inflated(small, codec) == bytes, "level \(level)")
        }
    }

    @Test("members and frames one behind the other are one content", arguments: compressing)
    func concatenated(codec: CompressionCodec) throws {
        var generator = SplitMix64(seed: 2)
        let parts = [generator.text(70_000), [], generator.bytes(10), generator.text(100)]
        var whole: [UInt8] = []
        for part in parts {
            whole += try compressed(part, codec)
        }
        #expect(try inflated(whole, codec) == parts.flatMap { $0 })
    }

    @Test("snappy is read raw as well as in xerial framing")
    func snappyFramings() throws {
        var generator = SplitMix64(seed: 3)
        let bytes = generator.text(100_000)
        let raw = try compressed(bytes, .snappy, framing: .raw)
        let framed = try compressed(bytes, .snappy, framing: .xerial)
        #expect(Array(framed.prefix(16)) == [0x82, 0x53, 0x4E, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1])
        #expect(!raw.starts(with: XerialFrame.magic))
        #expect(try inflated(raw, .snappy) == bytes)
        #expect(try inflated(framed, .snappy) == bytes)
    }

    @Test("LZ4 frames have independent blocks of 64 KiB and no content checksum")
    func lz4Frame() throws {
        let bytes = try compressed([UInt8](repeating: 7, count: 200_000), .lz4)
        // Magic, then FLG: version 01, independent blocks, no checksums, no size; BD: 64 KiB.
        #expect(Array(bytes.prefix(6)) == [0x04, 0x22, 0x4D, 0x18, 0b0110_0000, 0b0100_0000])
    }

    @Test("content of exactly the limit is inflated, and one byte more is not", arguments: compressing)
    func limit(codec: CompressionCodec) throws {
        for size in [1000, 100_000] {
            let bytes = try compressed([UInt8](repeating: 1, count: size), codec)
            #expect(failure(bytes, codec, limit: size) == nil, "\(size)")
            #expect(failure(bytes, codec, limit: size - 1) == .inflatesBeyondBound, "\(size)")
        }
    }

    @Test("a small input that inflates without end is stopped at the limit", arguments: compressing)
    func bomb(codec: CompressionCodec) throws {
        let bytes = try compressed([UInt8](repeating: 0, count: 16 << 20), codec)
        #expect(bytes.count < 1 << 20)
        var decompressor = Decompressor(limit: 1 << 20)
        do {
            _ = try decompressor.inflate(bytes.span.bytes, codec: codec)
            Issue.record("16 MiB passed a limit of 1")
        } catch {
            #expect(error.code == .inflatesBeyondBound)
        }
        // And the decompressor is as good as new.
        let small = try compressed(Array("after".utf8), codec)
        #expect([UInt8](copying: try decompressor.inflate(small.span.bytes, codec: codec)) == Array("after".utf8))
    }

    @Test("a snappy block that claims more than it can have is refused before any memory is taken for it")
    func snappyClaim() {
        // The varint 2^31 - 1, and a single literal.
        let block: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0x00, 0x41]
        #expect(failure(block, .snappy, limit: Int(Int32.max)) == .decompressionFailed)
    }

    @Test("a zstd frame that claims more than it has is not believed")
    func zstdClaim() {
        // Frame header with an 8-byte content size of 2^62 in a single segment, and an empty last block.
        let frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0xE0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0x01, 0, 0]
        #expect(failure(frame, .zstd) != nil)
    }

    @Test("compressed bytes cut at any length are refused", arguments: compressing)
    func truncated(codec: CompressionCodec) throws {
        var generator = SplitMix64(seed: 4)
        let bytes = try compressed(generator.text(400), codec)
        // No bytes at all are no content; the 16 bytes of xerial's header are an empty frame.
        let complete = codec == .snappy ? [0, 16] : [0]
        for count in 0..<bytes.count {
            let cut = Array(bytes.prefix(count))
            #expect(failure(cut, codec) == (complete.contains(count) ? nil : .decompressionFailed), "\(count) bytes")
        }
    }

    @Test("bytes behind the end are refused", arguments: compressing)
    func trailing(codec: CompressionCodec) throws {
        var generator = SplitMix64(seed: 5)
        let bytes = try compressed(generator.text(400), codec)
        #expect(failure(bytes + [0x55], codec) == .decompressionFailed)
        #expect(failure(bytes + [UInt8](repeating: 0x55, count: 40), codec) == .decompressionFailed)
    }

    @Test("random bytes are refused or inflate within the limit", arguments: compressing)
    func garbage(codec: CompressionCodec) {
        var generator = SplitMix64(seed: 6)
        var refused = 0
        for _ in 0..<300 {
            let bytes = generator.bytes(Int.random(in: 1...200, using: &generator))
            if let code = failure(bytes, codec) {
                #expect([.decompressionFailed, .inflatesBeyondBound].contains(code))
                refused += 1
            }
        }
        #expect(refused > 250)
    }

    @Test("a decompressor keeps its buffer from batch to batch")
    func reuse() throws {
        var generator = SplitMix64(seed: 8)
        let text = generator.text(50_000)
        let bytes = try compressed(text, .zstd)
        var decompressor = Decompressor()
        func address(_ span: RawSpan) -> UInt { span.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) } }
        let first = address(try decompressor.inflate(bytes.span.bytes, codec: .zstd))
        for _ in 0..<5 {
            #expect(address(try decompressor.inflate(bytes.span.bytes, codec: .zstd)) == first)
        }
    }

    @Test("without a codec the bytes are passed through, not copied")
    func none() throws {
        let bytes: [UInt8] = [1, 2, 3]
        var decompressor = Decompressor()
        func address(_ span: RawSpan) -> UInt { span.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) } }
        #expect(address(try decompressor.inflate(bytes.span.bytes, codec: .none)) == address(bytes.span.bytes))
    }

    @Test("a level that the codec does not have is a mistake of the caller")
    func badLevel() async {
        await #expect(processExitsWith: .failure) {
            var compressor = Compressor()
            let bytes: [UInt8] = [1]
            _ = try compressor.compress(bytes.span.bytes, codec: .gzip, level: 10).byteCount
        }
    }
}
