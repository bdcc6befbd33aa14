import RecordBatch

/// Decides how much of a segment's indexes can be kept after a crash.
///
/// Index files are written without any order between their pages and the log's, so after a crash any page may be missing,
/// zero or stale. What is kept is the longest prefix that rises strictly and lies within the log; that its last entry really
/// names a batch is then checked against the log.
struct IndexPrefix: Hashable, Sendable {
    private(set) var offsets: [OffsetIndexEntry] = []
    private(set) var times: [TimeIndexEntry] = []

    /// No entries: everything is to be rebuilt.
    init() {}

    /// - Parameter end: entries of batches from here on are made anew in any case.
    init(offsets: [OffsetIndexEntry], times: [TimeIndexEntry], below end: FilePosition) {
        var last = (offset: Int32(-1), position: Int32(0))
        for entry in offsets {
            guard entry.relativeOffset > last.offset, entry.position > last.position,
                Int64(entry.position) < end.rawValue
            else { break }
            last = (entry.relativeOffset, entry.position)
            self.offsets.append(entry)
        }
        var lastTime = (timestamp: Timestamp.none, offset: Int32(-1))
        for entry in times {
            // An entry beyond the last offset entry is made anew by the scan that starts there.
            guard !entry.isZero, entry.timestamp > lastTime.timestamp,
                entry.relativeOffset >= max(lastTime.offset, 0), entry.relativeOffset <= last.offset
            else { break }
            lastTime = (entry.timestamp, entry.relativeOffset)
            self.times.append(entry)
        }
    }

    /// Gives up the last time entry, with the offset entries that it may go with.
    mutating func dropLastTime() {
        times.removeLast()
        dropOffsetsWithoutTimes()
    }

    /// Gives up the offset entries behind the last time entry, where larger timestamps are known to follow: which of these
    /// entries the missing time entries go with is not known.
    mutating func dropOffsetsWithoutTimes() {
        let last = times.last?.relativeOffset ?? -1
        offsets.removeAll { $0.relativeOffset > last }
    }
}
