public import RecordBatch

/// How one log behaves.
///
/// Names, defaults and meanings are those of Kafka's topic configuration, except ``flushMessages``, whose default is 1:
/// what is acknowledged is durable.
public struct LogConfiguration: Hashable, Sendable {
    /// `segment.bytes`: a segment is rolled before it would grow past this.
    ///
    /// 1 GiB by default; at most `Int32.max`, because an index entry holds a position in 32 bits.
    public var segmentBytes = 1 << 30
    /// `segment.ms`: a segment is rolled when a batch's timestamp is this much later than its first batch's.
    ///
    /// 7 days by default.
    public var segmentMs: Int64 = 7 * 24 * 60 * 60 * 1000
    /// `segment.jitter.ms`: up to this much is subtracted from ``segmentMs``, anew for each segment, so that many logs
    /// do not roll in the same moment.
    ///
    /// 0 by default.
    public var segmentJitterMs: Int64 = 0
    /// `segment.index.bytes`: how large an index file may become before the segment is rolled.
    ///
    /// 10 MiB by default.
    public var segmentIndexBytes = 10 << 20
    /// `index.interval.bytes`: how many bytes of log lie between two index entries, at least.
    ///
    /// 4,096 by default.
    public var indexIntervalBytes = 4096
    /// `max.message.bytes`: how large a batch may be, its header included.
    ///
    /// 1,048,588 by default.
    public var maxMessageBytes = 1_048_588
    /// `message.timestamp.type`: whether a record keeps its producer's time or gets the time of the append.
    public var timestampType = TimestampType.createTime
    /// `message.timestamp.before.max.ms`: how far a record's timestamp may lie in the past.
    ///
    /// Unbounded by default.
    public var timestampBeforeMaxMs = Int64.max
    /// `message.timestamp.after.max.ms`: how far a record's timestamp may lie in the future.
    ///
    /// One hour by default.
    public var timestampAfterMaxMs: Int64 = 60 * 60 * 1000
    /// `flush.messages`: after how many records an fsync is asked for.
    ///
    /// With the default of 1 every append asks for a commit and readers see nothing that a crash could take
    /// back; with any other value readers see the page cache. A segment that is rolled is synced in any case.
    public var flushMessages: Int64 = 1
    /// `flush.ms`: how long a record may wait for an fsync.
    ///
    /// Unbounded by default.
    public var flushMs = Int64.max
    /// `producer.id.expiration.ms`: how long a producer is remembered that writes nothing.
    ///
    /// One day by default. A producer may be known for longer, until there is reason to look for those who have expired.
    public var producerIDExpirationMs: Int64 = 24 * 60 * 60 * 1000

    /// Makes a configuration of defaults.
    public init() {}

    /// Whether readers are held to what is durable.
    var isDurableByDefault: Bool { flushMessages == 1 }

    /// Checks that every value is one that the engine can work with.
    ///
    /// The engine's bounds are wider than those of Kafka's wire: there `segment.bytes` starts at 1 MiB.
    func validate() throws(LogError) {
        func require(
            _ holds: Bool,
            _ name: String,
            _ value: some CustomStringConvertible,
            _ rule: String
        ) throws(LogError) {
            guard holds else { throw LogError(.invalidArgument, "\(name) is \(value), but it must be \(rule)") }
        }
        try require(
            (14...Int(Int32.max)).contains(segmentBytes),
            "segment.bytes",
            segmentBytes,
            "from 14 to \(Int32.max)"
        )
        try require(segmentMs >= 1, "segment.ms", segmentMs, "at least 1")
        try require(segmentJitterMs >= 0, "segment.jitter.ms", segmentJitterMs, "at least 0")
        // Two time index entries: one for a batch and the one that is reserved for the roll.
        try require(
            (24...Int(Int32.max)).contains(segmentIndexBytes),
            "segment.index.bytes",
            segmentIndexBytes,
            "from 24 to \(Int32.max)"
        )
        try require(indexIntervalBytes >= 0, "index.interval.bytes", indexIntervalBytes, "at least 0")
        try require(maxMessageBytes >= 0, "max.message.bytes", maxMessageBytes, "at least 0")
        try require(timestampBeforeMaxMs >= 0, "message.timestamp.before.max.ms", timestampBeforeMaxMs, "at least 0")
        try require(timestampAfterMaxMs >= 0, "message.timestamp.after.max.ms", timestampAfterMaxMs, "at least 0")
        try require(flushMessages >= 1, "flush.messages", flushMessages, "at least 1")
        try require(flushMs >= 0, "flush.ms", flushMs, "at least 0")
        try require(
            producerIDExpirationMs >= 1,
            "producer.id.expiration.ms",
            producerIDExpirationMs,
            "at least 1"
        )
    }
}
