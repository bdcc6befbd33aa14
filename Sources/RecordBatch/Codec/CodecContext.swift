import CSystemShims

/// Owner of one context of a compression library, for one thread at a time.
///
/// A context is tables that are costly to make, and are reused from batch to batch.
@safe
final class CodecContext {
    let handle: OpaquePointer
    private let free: (OpaquePointer?) -> Void

    /// - Throws: `outOfMemory`
    private init(
        _ codec: CompressionCodec,
        create: () -> OpaquePointer?,
        free: @escaping (OpaquePointer?) -> Void
    ) throws(RecordBatchError) {
        guard let handle = unsafe create() else {
            throw RecordBatchError(code: .outOfMemory, message: "no memory for the tables of \(codec)")
        }
        unsafe self.handle = handle
        unsafe self.free = free
    }

    deinit {
        // Made by the matching `create`, and freed nowhere else.
        unsafe free(handle)
    }

    /// Makes a context that decompresses gzip, LZ4 or zstd.
    static func decoder(_ codec: CompressionCodec) throws(RecordBatchError) -> CodecContext {
        switch codec {
        case .gzip:
            try unsafe CodecContext(codec, create: csys_gzip_decoder_create, free: csys_gzip_decoder_free)
        case .lz4:
            try unsafe CodecContext(codec, create: csys_lz4_decoder_create, free: csys_lz4_decoder_free)
        case .zstd:
            try unsafe CodecContext(codec, create: csys_zstd_decoder_create, free: csys_zstd_decoder_free)
        case .none, .snappy:
            preconditionFailure("Cannot make a context for \(codec), which needs none")
        }
    }

    /// Makes a context that compresses with gzip, LZ4 or zstd.
    static func encoder(_ codec: CompressionCodec) throws(RecordBatchError) -> CodecContext {
        switch codec {
        case .gzip:
            try unsafe CodecContext(codec, create: csys_gzip_encoder_create, free: csys_gzip_encoder_free)
        case .lz4:
            try unsafe CodecContext(codec, create: csys_lz4_encoder_create, free: csys_lz4_encoder_free)
        case .zstd:
            try unsafe CodecContext(codec, create: csys_zstd_encoder_create, free: csys_zstd_encoder_free)
        case .none, .snappy:
            preconditionFailure("Cannot make a context for \(codec), which needs none")
        }
    }
}

/// The contexts of a compressor or a decompressor, each made when it is first asked for.
struct CodecContexts {
    private let make: (CompressionCodec) throws(RecordBatchError) -> CodecContext
    /// By codec id.
    private var contexts = [CodecContext?](repeating: nil, count: CompressionCodec.allCases.count)

    init(_ make: @escaping (CompressionCodec) throws(RecordBatchError) -> CodecContext) {
        self.make = make
    }

    /// - Throws: `outOfMemory`
    mutating func context(for codec: CompressionCodec) throws(RecordBatchError) -> CodecContext {
        if let context = contexts[Int(codec.rawValue)] { return context }
        let context = try make(codec)
        contexts[Int(codec.rawValue)] = context
        return context
    }
}
