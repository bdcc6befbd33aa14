public import RecordBatch

/// What an append did.
public struct AppendResult: Hashable, Sendable {
    /// The offset given to the first record.
    public var baseOffset: Offset
    /// The offset given to the last record.
    public var lastOffset: Offset
    /// The time given to all records where the log keeps the time of the append, otherwise `nil`.
    public var logAppendTime: Timestamp?
    /// The first offset that can be read, at the time of the append.
    public var logStartOffset: Offset
    /// Whether nothing was appended, since the log has the producer's batch already: the offsets are those of then.
    public var isDuplicate = false
}

/// Who appends, which decides what is allowed.
public enum AppendOrigin: Hashable, Sendable {
    /// A producer: no control batches.
    case client
    /// The node itself: control batches as well.
    case coordinator
}
