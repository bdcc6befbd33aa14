import CSystemShims

/// Compresses the records of batches, one batch at a time, into a buffer of its own, in the forms that Kafka's Java
/// client writes.
///
/// The libraries' tables are made at first use, and they and the buffer are kept: compressing batch after batch
/// allocates nothing on the Swift side.
public struct Compressor: ~Copyable {
    /// How snappy blocks are packed.
    public let snappyFraming: SnappyFraming

    private var buffer = CodecBuffer()
    private var contexts = CodecContexts(CodecContext.encoder)

    /// Makes a compressor; tables and buffer come with its first use.
    ///
    /// - Parameter snappyFraming: Readers take either; the default is the Java client's.
    public init(snappyFraming: SnappyFraming = .xerial) {
        self.snappyFraming = snappyFraming
    }

    /// Compresses the records of a batch.
    ///
    /// - Parameters:
    ///   - bytes: Any number of bytes, up to some `Int32.max`.
    ///   - codec: What to compress with.
    ///   - level: One of ``CompressionCodec/levels``, or nil for the codec's default; snappy has none. As in Kafka,
    ///     LZ4's default is 9, which stands for its fast compressor; the other levels are for the high compressor,
    ///     whose own are 3 to 12.
    /// - Returns: The compressed bytes, in this compressor's buffer, where they stay until its next use; `bytes`
    ///   themselves for the codec `none`.
    /// - Throws: `batchTooLarge` if the result could exceed `Int32.max` bytes, `outOfMemory` if a library cannot
    ///   allocate.
    /// - Precondition: `level` is one of the codec's.
    @_lifetime(&self, copy bytes)
    public mutating func compress(
        _ bytes: RawSpan,
        codec: CompressionCodec,
        level: Int? = nil
    ) throws(RecordBatchError) -> RawSpan {
        if let level, let levels = codec.levels {
            precondition(levels.contains(level), "level \(level) of \(codec) is not in \(levels)")
        }
        let count: Int
        switch codec {
        case .none:
            return bytes
        case .gzip:
            try reserve(csys_gzip_encode_bound(bytes.byteCount), for: bytes)
            count = try encode(bytes, codec: codec, level: level ?? -1)
        case .snappy:
            try reserve(snappyBound(bytes.byteCount), for: bytes)
            count = try encodeSnappy(bytes)
        case .lz4:
            try reserve(csys_lz4_encode_bound(bytes.byteCount), for: bytes)
            count = try encode(bytes, codec: codec, level: Self.lz4Level(level))
        case .zstd:
            try reserve(csys_zstd_encode_bound(bytes.byteCount), for: bytes)
            count = try encode(bytes, codec: codec, level: level ?? 0)
        }
        return buffer.bytes(count)
    }

    /// Makes room for the worst case of `bytes`, so that no encoder can run out of it.
    private mutating func reserve(_ bound: Int, for bytes: RawSpan) throws(RecordBatchError) {
        guard bound <= Int(Int32.max) else {
            throw .batchTooLarge("\(bytes.byteCount) bytes of records are too many to compress into one batch")
        }
        buffer.reserve(bound)
    }

    /// Kafka's level in the library's terms, where 0 is the fast compressor.
    private static func lz4Level(_ level: Int?) -> Int {
        guard let level, level != 9 else { return 0 }
        return min(max(level, 3), 12)
    }

    private mutating func encode(
        _ bytes: RawSpan,
        codec: CompressionCodec,
        level: Int
    ) throws(RecordBatchError) -> Int {
        let context = try contexts.context(for: codec)
        let encode =
            switch codec {
            case .gzip: unsafe csys_gzip_encode
            case .lz4: unsafe csys_lz4_encode
            case .zstd: unsafe csys_zstd_encode
            case .none, .snappy: preconditionFailure("Cannot encode \(codec) with a context")
            }
        // Both pointers are good for the call, and the library writes within the count it is given.
        let result = unsafe buffer.write { output in
            unsafe bytes.withUnsafeBytes { input in
                unsafe encode(
                    context.handle,
                    Int32(level),
                    input.baseAddress,
                    input.count,
                    output.baseAddress,
                    output.count
                )
            }
        }
        return try Self.checked(result, codec)
    }

    /// - Returns: `result`, if it is a length.
    private static func checked(_ result: Int, _ codec: CompressionCodec) throws(RecordBatchError) -> Int {
        switch result {
        case 0...:
            return result
        case CSYS_CODEC_NO_MEMORY:
            throw RecordBatchError(code: .outOfMemory, message: "no memory for the tables of \(codec)")
        default:
            throw RecordBatchError(code: .compressionFailed, message: "\(codec) failed with code \(result)")
        }
    }
}

/// Snappy, in either framing.
extension Compressor {
    private func snappyBound(_ count: Int) -> Int {
        switch snappyFraming {
        case .raw:
            return csys_snappy_encode_bound(count)
        case .xerial:
            let blocks = count / XerialFrame.blockByteCount + 1
            let blockBound = MemoryLayout<Int32>.size + csys_snappy_encode_bound(XerialFrame.blockByteCount)
            return XerialFrame.headerByteCount + blocks * blockBound
        }
    }

    private mutating func encodeSnappy(_ bytes: RawSpan) throws(RecordBatchError) -> Int {
        switch snappyFraming {
        case .raw:
            return try encodeSnappyBlock(bytes, at: 0)
        case .xerial:
            unsafe buffer.write { output in
                unsafe output.copyBytes(from: XerialFrame.magic)
                for position in [8, 12] {
                    unsafe output.storeBytes(of: XerialFrame.version.bigEndian, toByteOffset: position, as: Int32.self)
                }
            }
            var written = XerialFrame.headerByteCount
            for start in stride(from: 0, to: bytes.byteCount, by: XerialFrame.blockByteCount) {
                let end = min(start + XerialFrame.blockByteCount, bytes.byteCount)
                let position = written + MemoryLayout<Int32>.size
                let count = try encodeSnappyBlock(bytes.extracting(start..<end), at: position)
                unsafe buffer.write { output in
                    unsafe output.storeBytes(of: Int32(count).bigEndian, toByteOffset: written, as: Int32.self)
                }
                written = position + count
            }
            return written
        }
    }

    /// Encodes one raw block to the buffer behind its first `position` bytes.
    private mutating func encodeSnappyBlock(_ block: RawSpan, at position: Int) throws(RecordBatchError) -> Int {
        let result = unsafe buffer.write(from: position) { output in
            unsafe block.withUnsafeBytes { input in
                unsafe csys_snappy_encode(input.baseAddress, input.count, output.baseAddress, output.count)
            }
        }
        return try Self.checked(result, .snappy)
    }
}

/// Unchecked for the pointers to the contexts: they are reached only through `mutating` calls on this sole owner, and
/// the libraries bind them to no thread. So it may move between threads, and cannot be used by two at once.
extension Compressor: @unchecked Sendable {}
