public import RecordBatch

/// A question for an offset, as ListOffsets asks it.
public enum OffsetQuery: Hashable, Sendable {
    /// The log start offset.
    case earliest
    /// The high watermark.
    case latest
    /// The first record that has the largest timestamp.
    case maxTimestamp
    /// The first record whose timestamp is this one or later.
    case timestamp(Timestamp)
}

/// An answer to an ``OffsetQuery``.
public struct TimestampedOffset: Hashable, Sendable {
    /// The offset.
    public var offset: Offset
    /// The record's timestamp; `Timestamp.none` for ``OffsetQuery/earliest`` and ``OffsetQuery/latest``, which name no record.
    public var timestamp: Timestamp
    /// The leader epoch of the record, or of where the log starts or ends; `LeaderEpoch.none` if there is none.
    public var leaderEpoch: LeaderEpoch
}
