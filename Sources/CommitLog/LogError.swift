import LinuxIO
public import RecordBatch
public import SystemPackage

/// What went wrong with a log, where, and whether trying again can help.
///
/// A value type with an extensible code rather than an enum, so that codes can be added without breaking callers.
public struct LogError: Error, Sendable {
    /// What kind of failure it is; callers switch on this.
    public var code: Code
    /// A sentence for a human: what was attempted, what was found, what to do about it.
    public var message: String
    /// Where it happened, as far as that is known.
    public var location: Location
    /// The error beneath this one, typically an `IOError` or a `RecordBatchError`.
    public var cause: (any Error)?
    /// For ``Code-swift.struct/offsetOutOfRange``: the first offset that can be read and the end of what can be read.
    public var availableOffsets: Range<Offset>?

    /// Makes an error.
    public init(
        _ code: Code,
        _ message: String,
        at location: Location = Location(),
        cause: (any Error)? = nil,
        availableOffsets: Range<Offset>? = nil
    ) {
        self.code = code
        self.message = message
        self.location = location
        self.cause = cause
        self.availableOffsets = availableOffsets
    }

    /// The place in a log that an error speaks of.
    public struct Location: Hashable, Sendable {
        /// The partition.
        public var topicPartition: TopicPartition?
        /// The file.
        public var path: FilePath?
        /// The byte within the file.
        public var position: FilePosition?
        /// The offset of the batch or record.
        public var offset: Offset?

        /// Makes a location out of what is known.
        public init(
            _ topicPartition: TopicPartition? = nil,
            path: FilePath? = nil,
            position: FilePosition? = nil,
            offset: Offset? = nil
        ) {
            self.topicPartition = topicPartition
            self.path = path
            self.position = position
            self.offset = offset
        }
    }
}

extension LogError {
    /// The kinds of failure.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String {
            case offsetOutOfRange, corruptMessage, invalidRecord, invalidTimestamp, messageTooLarge
            case recordListTooLarge, unsupportedFormat, storage, outOfSpace, outOfDescriptors, readOnly, fenced
            case outOfOrderSequence, producerFenced, coordinatorFenced, invalidTransactionState
            case closed, deleted, cancelled, locked, notFound, alreadyExists, invalidArgument, invalidDirectory
        }
        private var kind: Kind
        private init(_ kind: Kind) { self.kind = kind }

        /// The offset asked for lies below the log start offset or past the end of what can be read.
        public static let offsetOutOfRange = Code(.offsetOutOfRange)
        /// A batch's CRC or structure is wrong.
        ///
        /// Sent by a producer: resend it. On disk: see ``fenced``.
        public static let corruptMessage = Code(.corruptMessage)
        /// A batch is well formed but breaks a rule of appends.
        public static let invalidRecord = Code(.invalidRecord)
        /// A record's timestamp is outside of what the topic allows.
        public static let invalidTimestamp = Code(.invalidTimestamp)
        /// A batch is larger than `max.message.bytes`.
        public static let messageTooLarge = Code(.messageTooLarge)
        /// The batches of one append do not fit into one segment: they are larger than `segment.bytes`, or claim more offsets
        /// than 32 bits count.
        public static let recordListTooLarge = Code(.recordListTooLarge)
        /// A batch has a magic other than 2, or a codec that does not exist.
        public static let unsupportedFormat = Code(.unsupportedFormat)
        /// A call to the operating system failed; the cause says which.
        public static let storage = Code(.storage)
        /// The file system is full.
        ///
        /// Nothing was appended; appends work again when there is room.
        public static let outOfSpace = Code(.outOfSpace)
        /// The process or the system ran out of file descriptors.
        public static let outOfDescriptors = Code(.outOfDescriptors)
        /// An fsync, or a cut of the log's tail, failed, so the log takes no more appends until it is reopened.
        public static let readOnly = Code(.readOnly)
        /// Data that was durable has changed on disk, or the log could not be read when the directory was opened.
        ///
        /// The partition is closed to appends and reads, and what lies there was left as it was.
        public static let fenced = Code(.fenced)
        /// A producer's batch does not follow the last one that the log has of it: batches were lost in between, or it is older
        /// than what is remembered of it.
        public static let outOfOrderSequence = Code(.outOfOrderSequence)
        /// A batch or marker has an older epoch than the producer's last: another instance of the producer has taken over.
        public static let producerFenced = Code(.producerFenced)
        /// A marker comes from a transaction coordinator that is not in office any more.
        public static let coordinatorFenced = Code(.coordinatorFenced)
        /// A batch belongs to a transaction where it must not, or to none where it must.
        public static let invalidTransactionState = Code(.invalidTransactionState)
        /// The log or its directory was closed.
        public static let closed = Code(.closed)
        /// The log was deleted.
        public static let deleted = Code(.deleted)
        /// The task that waited was cancelled.
        public static let cancelled = Code(.cancelled)
        /// Another process, or this one, has the directory open.
        public static let locked = Code(.locked)
        /// There is no such log.
        public static let notFound = Code(.notFound)
        /// There is such a log already.
        public static let alreadyExists = Code(.alreadyExists)
        /// A caller's argument or configuration value is out of range.
        public static let invalidArgument = Code(.invalidArgument)
        /// A file of the log directory cannot be understood.
        public static let invalidDirectory = Code(.invalidDirectory)

        /// The code's name.
        public var description: String { kind.rawValue }
    }

    /// Whether the same call may succeed later without anybody repairing anything.
    public var isRetryable: Bool {
        switch code {
        case .outOfSpace, .outOfDescriptors: true
        case .storage: (cause as? IOError)?.isRetryable ?? false
        default: false
        }
    }

    /// Whether the log refuses every further append until it is reopened or repaired.
    public var isFatal: Bool {
        switch code {
        case .readOnly, .fenced, .closed, .deleted: true
        default: false
        }
    }

    /// Makes one error of those that the layers of an opening or a lookup throw: errors of this type stay as they are.
    init(_ error: any Error, at location: Location) {
        switch error {
        case let error as LogError: self = error
        case let error as IOError: self.init(error, location.topicPartition)
        default: self.init(.storage, "\(error)", at: location, cause: error)
        }
    }

    /// Wraps an error of the operating system, keeping what a caller can act on as the code.
    init(_ error: IOError, _ topicPartition: TopicPartition? = nil) {
        // A failed sync is final even if it was for lack of space.
        let code: Code =
            if error.isFailedSync {
                .storage
            } else if error.isOutOfSpace {
                .outOfSpace
            } else if error.isOutOfDescriptors {
                .outOfDescriptors
            } else {
                .storage
            }
        self.init(code, error.description, at: Location(topicPartition, path: error.path), cause: error)
    }
}

extension LogError: CustomStringConvertible {
    /// Code, message and place, in one line.
    public var description: String {
        var text = "\(code): \(message)"
        if let topicPartition = location.topicPartition { text += " [\(topicPartition)]" }
        if let path = location.path, !message.contains(path.string) { text += " (\(path))" }
        return text
    }
}

/// A byte position within a file, counted from its start.
///
/// Kafka's index files hold positions in 32 bits, so a `.log` file never grows past `Int32.max` bytes.
public struct FilePosition: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The number of bytes before this position.
    public var rawValue: Int64

    /// Makes a position.
    @inlinable
    public init(_ rawValue: Int64) { self.rawValue = rawValue }

    /// The start of a file.
    public static let start = FilePosition(0)

    /// Whether `a` lies before `b`.
    @inlinable
    public static func < (a: FilePosition, b: FilePosition) -> Bool { a.rawValue < b.rawValue }

    /// The position `bytes` further on.
    @inlinable
    public static func + (position: FilePosition, bytes: Int) -> FilePosition {
        FilePosition(position.rawValue + Int64(bytes))
    }

    /// The number of bytes from `b` to `a`.
    @inlinable
    public static func - (a: FilePosition, b: FilePosition) -> Int { Int(a.rawValue - b.rawValue) }

    /// The number of bytes.
    public var description: String { "\(rawValue)" }
}
