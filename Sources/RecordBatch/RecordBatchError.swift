/// Bytes that are not a valid record batch, or records that cannot be made into one.
public struct RecordBatchError: Error, Hashable, Sendable {
    /// What kind of defect it is; for code to act on.
    public var code: Code
    /// What is wrong, with the values found and expected; for people.
    public var message: String
    /// Where it is, if the error is about bytes.
    public var location: Location?

    /// Makes an error.
    public init(code: Code, message: String, location: Location? = nil) {
        self.code = code
        self.message = message
        self.location = location
    }

    /// A place in the bytes that were being read.
    public struct Location: Hashable, Sendable {
        /// Byte position within the bytes that were given to the throwing type: the batch for a view, the (inflated)
        /// records for a record iterator, all batches for a batch iterator.
        public var bytePosition: Int
        /// Base offset of the batch, if so much of it could be read.
        public var baseOffset: Offset?

        /// Makes a location.
        public init(bytePosition: Int, baseOffset: Offset? = nil) {
            self.bytePosition = bytePosition
            self.baseOffset = baseOffset
        }
    }

    /// The kinds of defect, of which there may be more in later versions.
    public struct Code: Hashable, Sendable {
        private enum Kind: String {
            case truncated, unsupportedMagic, invalidLength, invalidHeader, invalidCount, crcMismatch, invalidRecord
            case unsupportedCodec, compressed, decompressionFailed, inflatesBeyondBound
            case compressionFailed, outOfMemory, batchTooLarge, invalidControlRecord
        }

        private var kind: Kind

        private init(_ kind: Kind) {
            self.kind = kind
        }

        /// The bytes end before the batch does.
        public static var truncated: Code { Code(.truncated) }
        /// The message format is older than v2 (magic 0 or 1), or newer.
        public static var unsupportedMagic: Code { Code(.unsupportedMagic) }
        /// The batch's length field cannot be right.
        public static var invalidLength: Code { Code(.invalidLength) }
        /// A field of the batch header has a value that it cannot have.
        public static var invalidHeader: Code { Code(.invalidHeader) }
        /// The record count is negative, or not the number of records present.
        public static var invalidCount: Code { Code(.invalidCount) }
        /// The batch is not what its writer took the CRC of.
        public static var crcMismatch: Code { Code(.crcMismatch) }
        /// A record does not decode, or does not fit into its batch.
        public static var invalidRecord: Code { Code(.invalidRecord) }
        /// The attributes name a compression codec that does not exist (5, 6, 7).
        public static var unsupportedCodec: Code { Code(.unsupportedCodec) }
        /// The records are compressed, and were asked for without a decompressor.
        public static var compressed: Code { Code(.compressed) }
        /// The compressed records are not in the format of the codec, or end early.
        public static var decompressionFailed: Code { Code(.decompressionFailed) }
        /// The records would inflate to more than the decompressor's limit.
        public static var inflatesBeyondBound: Code { Code(.inflatesBeyondBound) }
        /// The compression library refused.
        public static var compressionFailed: Code { Code(.compressionFailed) }
        /// A compression library could not allocate its tables.
        public static var outOfMemory: Code { Code(.outOfMemory) }
        /// The batch being built would be larger than the format can express.
        public static var batchTooLarge: Code { Code(.batchTooLarge) }
        /// The key or value of a control record does not decode.
        public static var invalidControlRecord: Code { Code(.invalidControlRecord) }
    }
}

extension RecordBatchError.Code: CustomStringConvertible {
    /// The name of the code.
    public var description: String { kind.rawValue }
}

extension RecordBatchError: CustomStringConvertible {
    /// The code, the message and the place.
    public var description: String {
        var text = "\(code): \(message)"
        if let location {
            text += " (at byte \(location.bytePosition)"
            if let baseOffset = location.baseOffset {
                text += ", batch at offset \(baseOffset)"
            }
            text += ")"
        }
        return text
    }
}

extension RecordBatchError {
    /// The same error, as seen by one to whom the bytes begin `distance` bytes earlier.
    func shifted(by distance: Int) -> RecordBatchError {
        var shifted = self
        shifted.location?.bytePosition += distance
        return shifted
    }
}
