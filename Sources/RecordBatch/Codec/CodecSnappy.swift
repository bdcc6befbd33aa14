import CSystemShims

/// How snappy blocks are packed in a batch.
///
/// Kafka's Java client writes the framing of the xerial library, librdkafka writes one raw block; both read both.
public enum SnappyFraming: Hashable, Sendable {
    /// Blocks of 32 KiB behind a header:
    ///
    ///     0x82 'S' 'N' 'A' 'P' 'P' 'Y' 0x00 | version (1) | compatible version (1) | blocks ...
    ///     8 bytes                           | 4 bytes     | 4 bytes                | 4 bytes of length, raw block
    ///
    /// Integers are big-endian. Framed streams may stand one behind the other.
    case xerial
    /// One block, bare.
    case raw
}

enum XerialFrame {
    static let magic: [UInt8] = [0x82, 0x53, 0x4E, 0x41, 0x50, 0x50, 0x59, 0x00]
    static let version: Int32 = 1
    static let headerByteCount = 16
    /// Bytes of content in a block, as the Java client writes it.
    static let blockByteCount = 32 * 1024

    static func begins(_ bytes: RawSpan) -> Bool {
        guard bytes.byteCount >= headerByteCount else { return false }
        return bytes.integer(at: 0, as: UInt64.self) == magic.reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// The raw snappy blocks of a batch's payload, whichever way it is framed.
struct SnappyBlocks: ~Escapable {
    private var cursor: ByteCursor
    private let isFramed: Bool

    @_lifetime(copy payload)
    init(_ payload: RawSpan) {
        isFramed = XerialFrame.begins(payload)
        cursor = ByteCursor(payload, from: 0, to: payload.byteCount)
    }

    /// The next block, or nil after the last.
    @_lifetime(copy self)
    mutating func next() throws(RecordBatchError) -> RawSpan? {
        guard cursor.remaining > 0 else { return nil }
        guard isFramed else {
            let block = rest
            _ = cursor.skip(block.byteCount)
            return block
        }
        while XerialFrame.begins(rest) {
            _ = cursor.skip(XerialFrame.headerByteCount)
            if cursor.remaining == 0 { return nil }
        }
        let position = cursor.position
        guard let count = cursor.readInteger(Int32.self), count > 0 else {
            throw .corrupt(.snappy, "a block's length is missing or not positive", at: position)
        }
        let block = rest
        guard cursor.skip(Int(count)) else {
            let message = "a block of \(count) bytes is cut after \(block.byteCount)"
            throw .corrupt(.snappy, message, at: position)
        }
        return block.extracting(first: Int(count))
    }

    private var rest: RawSpan {
        @_lifetime(copy self) get { cursor.bytes.extracting(droppingFirst: cursor.position) }
    }
}

enum SnappyBlock {
    /// The length of the content as the block claims it, if the block can have that much.
    ///
    /// The densest element is a copy of 64 bytes in 3, hence a factor of less than 22.
    static func decodedByteCount(_ block: RawSpan) -> Int? {
        // Reads at most the five bytes of a varint, and no more than there are.
        let claimed = unsafe block.withUnsafeBytes { unsafe csys_snappy_decoded_count($0.baseAddress, $0.count) }
        return claimed >= 0 && claimed / 22 <= block.byteCount ? claimed : nil
    }

    /// Decodes a block; anything but its exact length as a result is an error.
    static func decode(_ block: RawSpan, into output: UnsafeMutableRawBufferPointer) -> Int {
        unsafe block.withUnsafeBytes {
            unsafe csys_snappy_decode($0.baseAddress, $0.count, output.baseAddress, output.count)
        }
    }
}
