public import RecordBatch
public import SystemPackage

/// Something in a log directory that is not as it should be, found by a ``LogVerifier``.
public struct VerificationFault: Hashable, Sendable {
    /// How bad it is.
    public enum Severity: String, Hashable, Sendable {
        /// Something is damaged, missing, or contradicts something else.
        case fault
        /// Nothing that was durable is damaged: what a crash leaves, and the next opening mends; or something that
        /// could not be looked at.
        case note
    }

    /// How bad it is.
    public var severity: Severity
    /// What kind of trouble it is; for code to act on.
    public var kind: Kind
    /// The file, or the directory, in which it is.
    public var path: FilePath
    /// Where in the file: the first byte of the batch or entry.
    public var position: FilePosition?
    /// The offset of the batch or record.
    public var offset: Offset?
    /// What is wrong, with the values found and expected; for people, and without path and position.
    public var message: String

    /// Describes one trouble.
    public init(
        _ severity: Severity,
        _ kind: Kind,
        _ path: FilePath,
        position: FilePosition? = nil,
        offset: Offset? = nil,
        _ message: String
    ) {
        self.severity = severity
        self.kind = kind
        self.path = path
        self.position = position
        self.offset = offset
        self.message = message
    }

    /// Describes one trouble that is a fault.
    init(
        _ kind: Kind,
        _ path: FilePath,
        position: FilePosition? = nil,
        offset: Offset? = nil,
        _ message: String
    ) {
        self.init(.fault, kind, path, position: position, offset: offset, message)
    }
}

extension VerificationFault {
    /// The kinds of trouble.
    ///
    /// More may come.
    public struct Kind: Hashable, Sendable, CustomStringConvertible {
        private enum Name: String {
            case unreadable, missing, malformed
            case batchStructure, batchChecksum, record, notChecked
            case offsetOrder, leaderEpoch, segmentOrder, tornTail
            case offsetIndex, timeIndex, transactionIndex, checkpoint, interrupted
        }

        private let name: Name

        private init(_ name: Name) { self.name = name }

        /// The operating system could not read a file.
        public static let unreadable = Kind(.unreadable)
        /// A file, or a partition's directory, is not there.
        public static let missing = Kind(.missing)
        /// A small file cannot be parsed, or its checksum is not that of its bytes.
        public static let malformed = Kind(.malformed)
        /// Bytes of a log are no batch, or only a part of one.
        public static let batchStructure = Kind(.batchStructure)
        /// A batch's CRC is not that of its bytes.
        public static let batchChecksum = Kind(.batchChecksum)
        /// The records of a sound batch do not inflate, or do not decode.
        public static let record = Kind(.record)
        /// Records were not looked at, because they take more memory than is allowed.
        public static let notChecked = Kind(.notChecked)
        /// A batch's offsets do not follow from those before it, or from its segment's name.
        public static let offsetOrder = Kind(.offsetOrder)
        /// A batch's leader epoch falls, or is not the one that the leader epoch checkpoint has for its offset.
        public static let leaderEpoch = Kind(.leaderEpoch)
        /// Segments overlap, or one is missing between two others.
        public static let segmentOrder = Kind(.segmentOrder)
        /// What a crash has left behind the last batch that is known to be on disk.
        public static let tornTail = Kind(.tornTail)
        /// An entry of an offset index does not lead to its batch.
        public static let offsetIndex = Kind(.offsetIndex)
        /// An entry of a time index does not agree with the batches.
        public static let timeIndex = Kind(.timeIndex)
        /// An entry of a transaction index does not agree with the batches.
        public static let transactionIndex = Kind(.transactionIndex)
        /// A checkpoint names an offset, a position, or a partition that does not exist.
        public static let checkpoint = Kind(.checkpoint)
        /// Something was going on when the log was last in use that was not brought to its end.
        public static let interrupted = Kind(.interrupted)

        /// The name of the kind.
        public var description: String { name.rawValue }
    }
}

extension VerificationFault: CustomStringConvertible {
    /// Everything in one line: place, kind, and what is wrong.
    public var description: String {
        var text = path.string
        if let position { text += ": position \(position)" }
        if let offset { text += " (offset \(offset))" }
        return "\(text): \(kind): \(message)"
    }
}
