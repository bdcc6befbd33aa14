import CSystemShims

/// Inflates the records of compressed batches, one batch at a time, into a buffer of its own.
///
/// The libraries' tables are made at first use, and they and the buffer are kept: inflating batch after batch allocates
/// nothing. The buffer stays as large as the largest batch was, so at most ``limit``.
///
/// Nothing is believed about the inflated size. The buffer begins at four times the compressed size and doubles while
/// the records do not fit, so that memory follows the bytes that are really there. Each doubling begins the work anew,
/// which costs about as much again in all, for the first batch of its size. More than `limit` is an error.
public struct Decompressor: ~Copyable {
    /// 64 MiB: sixty-four times the largest batch that brokers take unless configured otherwise (`max.message.bytes`).
    ///
    /// Real records stay below that ratio, and it is little enough to survive on a few connections of a small machine.
    public static var defaultLimit: Int { 64 * 1024 * 1024 }

    /// The most bytes that the records of one batch may inflate to.
    public let limit: Int

    /// Where the buffer begins for small batches: 16 KiB.
    private static var minimumCapacity: Int { 16 * 1024 }

    private var buffer = CodecBuffer()
    private var contexts = CodecContexts(CodecContext.decoder)

    /// Makes a decompressor; tables and buffer come with its first use.
    ///
    /// - Parameter limit: 1 to `Int32.max` bytes.
    public init(limit: Int = Decompressor.defaultLimit) {
        precondition(0 < limit && limit <= Int(Int32.max), "the limit must be in 1...2147483647 bytes, not \(limit)")
        self.limit = limit
    }

    /// The records of `batch`, ready for a ``RecordIterator``.
    ///
    /// They are inflated into this decompressor's buffer, where they stay until its next use; those of a batch without
    /// compression are returned as they are.
    ///
    /// - Throws: `unsupportedCodec`, and what ``inflate(_:codec:)`` throws, with positions in the batch.
    @_lifetime(&self, copy batch)
    public mutating func inflate(_ batch: RecordBatchView) throws(RecordBatchError) -> RawSpan {
        guard let codec = batch.header.codec else {
            let message = "codec id \(batch.header.attributes.codecID) is not known; 0...4 are"
            let position = RecordBatchHeader.Position.attributes
            throw .header(.unsupportedCodec, message, position, batch.header.baseOffset)
        }
        do {
            return try inflate(batch.payload, codec: codec)
        } catch {
            var error = error.shifted(by: RecordBatchHeader.byteCount)
            error.location?.baseOffset = batch.header.baseOffset
            throw error
        }
    }

    /// The content of `payload`, which is compressed as Kafka's clients do.
    ///
    /// That is: gzip members, zstd frames or LZ4 frames, any number of them one behind the other; snappy raw or in
    /// xerial framing. No bytes are no content.
    ///
    /// - Throws: `decompressionFailed` if it is not, `inflatesBeyondBound` if the content is larger than ``limit``,
    ///   `outOfMemory` if a library cannot allocate its tables.
    @_lifetime(&self, copy payload)
    public mutating func inflate(
        _ payload: RawSpan,
        codec: CompressionCodec
    ) throws(RecordBatchError) -> RawSpan {
        guard codec != .none, payload.byteCount > 0 else { return payload }
        let count =
            switch codec {
            case .snappy: try inflateSnappy(payload)
            default: try inflateGrowing(payload, with: contexts.context(for: codec), codec: codec)
            }
        return buffer.bytes(count)
    }

    /// Decodes until the buffer is large enough, and returns the length of the content.
    private mutating func inflateGrowing(
        _ payload: RawSpan,
        with context: CodecContext,
        codec: CompressionCodec
    ) throws(RecordBatchError) -> Int {
        let guess = payload.byteCount <= limit / 4 ? payload.byteCount * 4 : limit
        buffer.reserve(min(max(guess, Self.minimumCapacity), limit))
        while true {
            // Both pointers are good for the call, and the library writes within the count it is given.
            let result = unsafe buffer.write { output in
                unsafe payload.withUnsafeBytes { input in
                    unsafe context.decode(input, into: output, codec: codec)
                }
            }
            switch result {
            case 0...:
                return result
            case CSYS_CODEC_NEEDS_MORE:
                guard buffer.capacity < limit else { throw .inflatesBeyondBound(codec, limit: limit) }
                buffer.reserve(buffer.capacity <= limit / 2 ? buffer.capacity * 2 : limit)
            case CSYS_CODEC_NO_MEMORY:
                throw RecordBatchError(code: .outOfMemory, message: "no memory for the tables of \(codec)")
            default:
                throw .corrupt(codec, "the data is damaged, ends early, or goes on after its end", at: 0)
            }
        }
    }

    /// Snappy blocks tell their length, and cannot tell much too large a one; so the buffer is sized once.
    private mutating func inflateSnappy(_ payload: RawSpan) throws(RecordBatchError) -> Int {
        var total = 0
        var blocks = SnappyBlocks(payload)
        while let block = try blocks.next() {
            guard let count = SnappyBlock.decodedByteCount(block) else {
                throw .corrupt(.snappy, "a block claims more content than it can have", at: 0)
            }
            guard count <= limit - total else { throw .inflatesBeyondBound(.snappy, limit: limit) }
            total += count
        }
        buffer.reserve(max(total, 1))  // a library may want an address even for nothing
        var written = 0
        blocks = SnappyBlocks(payload)
        while let block = try blocks.next() {
            let result = unsafe buffer.write(from: written) { unsafe SnappyBlock.decode(block, into: $0) }
            guard result >= 0 else { throw .corrupt(.snappy, "a block is damaged", at: 0) }
            written += result
        }
        return written
    }
}

/// Unchecked for the pointers to the contexts: they are reached only through `mutating` calls on this sole owner, and
/// the libraries bind them to no thread. So it may move between threads, and cannot be used by two at once.
extension Decompressor: @unchecked Sendable {}

extension CodecContext {
    /// Decodes all of `input`, and returns the length of the content or one of `CSYS_CODEC_…`.
    fileprivate func decode(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer,
        codec: CompressionCodec
    ) -> Int {
        let decode =
            switch codec {
            case .gzip: unsafe csys_gzip_decode
            case .lz4: unsafe csys_lz4_decode
            case .zstd: unsafe csys_zstd_decode
            case .none, .snappy: preconditionFailure("Cannot decode \(codec) with a context")
            }
        return unsafe decode(handle, input.baseAddress, input.count, output.baseAddress, output.count)
    }
}

extension RecordBatchError {
    // The position is in the compressed payload.
    static func corrupt(_ codec: CompressionCodec, _ what: String, at position: Int) -> RecordBatchError {
        RecordBatchError(
            code: .decompressionFailed,
            message: "the records do not decompress with \(codec): \(what)",
            location: Location(bytePosition: position)
        )
    }

    static func inflatesBeyondBound(_ codec: CompressionCodec, limit: Int) -> RecordBatchError {
        RecordBatchError(
            code: .inflatesBeyondBound,
            message: "the \(codec) records inflate to more than the limit of \(limit) bytes",
            location: Location(bytePosition: 0)
        )
    }
}
