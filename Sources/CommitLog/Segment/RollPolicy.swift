import RecordBatch

/// Decides when the active segment is full and a new one begins.
///
/// The rules and their order are Kafka's (`LogSegment.shouldRoll`): size, age, a full index, and the reach of a relative
/// offset, which is stored in 32 bits.
struct RollPolicy: Hashable, Sendable {
    /// `segment.bytes`.
    var segmentBytes: Int
    /// `segment.ms` less this segment's share of `segment.jitter.ms`; at least 1.
    var maxAgeMs: Int64
    /// How many entries the offset index may hold.
    var offsetIndexCapacity: Int
    /// How many entries the time index may hold, the one reserved for the roll included.
    var timeIndexCapacity: Int

    init(_ configuration: LogConfiguration, jitterMs: Int64) {
        segmentBytes = configuration.segmentBytes
        maxAgeMs = configuration.segmentMs - jitterMs
        offsetIndexCapacity = configuration.segmentIndexBytes / OffsetIndexEntry.byteCount
        timeIndexCapacity = configuration.segmentIndexBytes / TimeIndexEntry.byteCount
    }

    /// What a segment's share of `segment.jitter.ms` is less than: no segment's life is jittered away, as in Kafka.
    static func jitterBound(_ configuration: LogConfiguration) -> Int64 {
        max(1, min(configuration.segmentJitterMs, configuration.segmentMs))
    }

    /// The state of the active segment, as far as rolling depends on it.
    struct Fill: Hashable, Sendable {
        var baseOffset: Offset
        var bytes = 0
        var offsetIndexEntries = 0
        var timeIndexEntries = 0
        /// The largest timestamp of the segment's first batch; `nil` if the segment is empty or its batch has none.
        var firstTimestamp: Timestamp?
        /// When the segment was made, for batches without timestamps.
        var created: Timestamp
    }

    /// What is about to be appended.
    struct Append: Hashable, Sendable {
        var bytes: Int
        var lastOffset: Offset
        var maxTimestamp: Timestamp
        var now: Timestamp
    }

    enum Reason: Hashable, Sendable {
        case size, age, offsetIndexFull, timeIndexFull, relativeOffset
    }

    /// Why a segment must be rolled before `append`, or `nil` if it need not be.
    func reason(toRoll fill: Fill, before append: Append) -> Reason? {
        // An empty segment takes anything: `segment.bytes` may have been lowered since the append was checked.
        if fill.bytes > 0 && fill.bytes > segmentBytes - append.bytes { return .size }
        if fill.bytes > 0 && age(of: fill, at: append) > maxAgeMs { return .age }
        if fill.offsetIndexEntries >= offsetIndexCapacity { return .offsetIndexFull }
        // The last slot is kept for the entry that closes the segment.
        if fill.timeIndexEntries >= timeIndexCapacity - 1 { return .timeIndexFull }
        if append.lastOffset.rawValue - fill.baseOffset.rawValue > Int64(Int32.max) { return .relativeOffset }
        return nil
    }

    /// By the batches' own time if the first has one, so that a log replayed from elsewhere is cut as it was there; an append
    /// without timestamps then finds no segment too old.
    private func age(of fill: Fill, at append: Append) -> Int64 {
        if let first = fill.firstTimestamp { return append.maxTimestamp.rawValue - first.rawValue }
        return append.now.rawValue - fill.created.rawValue
    }
}
