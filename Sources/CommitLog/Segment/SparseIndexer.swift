import RecordBatch

/// Decides which batches of a segment get an index entry.
///
/// A batch gets one if more than `index.interval.bytes` were appended since the last one; the entry names the batch's last
/// offset and its position. The time index gets an entry then only if the segment's largest timestamp has grown. Decided
/// batch by batch, however batches were grouped into calls, so an index depends on the log alone and not on the callers.
/// For appends of one batch this is exactly what Kafka writes.
struct SparseIndexer: Hashable, Sendable {
    /// The largest timestamp of a segment, and the last offset of the first batch that has it.
    struct LargestTimestamp: Hashable, Sendable {
        var timestamp: Timestamp
        var offset: Offset
    }

    /// What is to be entered for a batch.
    struct Entries: Hashable, Sendable {
        var offset: OffsetIndexEntry
        var time: TimeIndexEntry?
    }

    let baseOffset: Offset
    var intervalBytes: Int
    private(set) var largest: LargestTimestamp?
    private var lastIndexedTimestamp: Timestamp
    /// From 0 also for a segment that was opened anew, as in Kafka.
    private var bytesSinceLastEntry = 0

    /// - Parameters:
    ///   - largest: the largest timestamp of what the segment already holds.
    ///   - lastTimeEntry: the last entry of the time index.
    init(
        baseOffset: Offset,
        intervalBytes: Int,
        largest: LargestTimestamp? = nil,
        lastTimeEntry: TimeIndexEntry? = nil
    ) {
        self.baseOffset = baseOffset
        self.intervalBytes = intervalBytes
        self.largest = largest
        self.lastIndexedTimestamp = lastTimeEntry?.timestamp ?? .none
    }

    /// Takes note of a batch at the end of the segment and returns its index entries, if it gets any.
    ///
    /// The caller has made sure, by rolling, that the offset and the position fit into 32 bits.
    mutating func append(_ batch: BatchOutline, at position: FilePosition) -> Entries? {
        if batch.maxTimestamp > (largest?.timestamp ?? .none) {
            largest = LargestTimestamp(timestamp: batch.maxTimestamp, offset: batch.lastOffset)
        }
        defer { bytesSinceLastEntry += batch.byteCount }
        guard bytesSinceLastEntry > intervalBytes else { return nil }
        bytesSinceLastEntry = 0
        let relativeOffset = Int32(truncatingIfNeeded: batch.lastOffset.rawValue - baseOffset.rawValue)
        return Entries(
            offset: OffsetIndexEntry(
                relativeOffset: relativeOffset,
                position: Int32(truncatingIfNeeded: position.rawValue)
            ),
            time: nextTimeEntry()
        )
    }

    /// The entry that a segment's time index ends with when the segment is rolled or closed, if it lacks it.
    mutating func closingTimeEntry() -> TimeIndexEntry? { nextTimeEntry() }

    private mutating func nextTimeEntry() -> TimeIndexEntry? {
        guard let largest, largest.timestamp > lastIndexedTimestamp else { return nil }
        lastIndexedTimestamp = largest.timestamp
        return TimeIndexEntry(
            timestamp: largest.timestamp,
            relativeOffset: Int32(truncatingIfNeeded: largest.offset.rawValue - baseOffset.rawValue)
        )
    }
}
