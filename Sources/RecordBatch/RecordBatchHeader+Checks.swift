/// The checks that a parse of the header, a scan for batches and an assignment of offsets have in common.
extension RecordBatchHeader {
    /// Bytes behind the length field in a batch without records.
    static var minimumBatchLength: Int32 { Int32(byteCount - lengthPrefixByteCount) }

    /// The smallest length that any message format has ever had: that of a v0 message without key and value.
    private static var minimumLegacyLength: Int32 { 14 }

    /// Checks the length and the magic, as far as `bytes` reaches.
    ///
    /// They come first because they say whether the other fields are fields at all: the magic of a v0 or v1 message
    /// stands at the same byte, and a preallocated tail is zeros.
    static func checkPrefix(of bytes: RawSpan) throws(RecordBatchError) {
        guard bytes.byteCount >= lengthPrefixByteCount else {
            throw .truncatedHeader(bytes.byteCount)
        }
        let baseOffset = Offset(bytes.integer(at: Position.baseOffset, as: Int64.self))
        let length = bytes.integer(at: Position.batchLength, as: Int32.self)
        guard length >= minimumLegacyLength else {
            throw .invalidLength(length, baseOffset)
        }
        if bytes.byteCount > Position.magic {
            let magic = bytes.integer(at: Position.magic, as: Int8.self)
            guard magic == supportedMagic else {
                throw .unsupportedMagic(magic, baseOffset)
            }
        }
        guard length >= minimumBatchLength else {
            throw .invalidLength(length, baseOffset)
        }
    }

    /// Checks that all offsets of a batch, and the one after it, are offsets.
    static func checkOffsets(baseOffset: Offset, lastOffsetDelta: Int32) throws(RecordBatchError) {
        guard baseOffset.rawValue >= 0 else {
            throw .header(.invalidHeader, "base offset \(baseOffset) is negative", Position.baseOffset, baseOffset)
        }
        guard baseOffset.rawValue < Int64.max - Int64(lastOffsetDelta) else {
            let message = "base offset \(baseOffset) and last offset delta \(lastOffsetDelta) pass the largest offset"
            throw .header(.invalidHeader, message, Position.baseOffset, baseOffset)
        }
    }
}

extension RecordBatchError {
    static func header(_ code: Code, _ message: String, _ position: Int, _ baseOffset: Offset) -> RecordBatchError {
        let location = Location(bytePosition: position, baseOffset: baseOffset)
        return RecordBatchError(code: code, message: message, location: location)
    }

    static func truncatedHeader(_ byteCount: Int) -> RecordBatchError {
        RecordBatchError(
            code: .truncated,
            message: "\(byteCount) bytes are too few for a batch header of \(RecordBatchHeader.byteCount)",
            location: Location(bytePosition: byteCount)
        )
    }

    static func invalidLength(_ length: Int32, _ baseOffset: Offset) -> RecordBatchError {
        .header(
            .invalidLength,
            "batch length \(length) is below the minimum of \(RecordBatchHeader.minimumBatchLength)",
            RecordBatchHeader.Position.batchLength,
            baseOffset
        )
    }

    static func unsupportedMagic(_ magic: Int8, _ baseOffset: Offset) -> RecordBatchError {
        let reason =
            switch magic {
            case 0, 1: "message format v\(magic) is not supported: use a client of Kafka 0.11 or later, which writes v2"
            default: "magic \(magic) is not a known message format; v2 is supported"
            }
        return .header(.unsupportedMagic, reason, RecordBatchHeader.Position.magic, baseOffset)
    }
}
