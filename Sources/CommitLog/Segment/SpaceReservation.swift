import RecordBatch

/// Decides how far ahead of the end of a segment space is reserved.
///
/// Reserved space lies behind the end of the file (`FALLOC_FL_KEEP_SIZE`), so it shows in no size and holds no stale bytes.
/// Reserving lets a full disk be met before a write rather than in one, and keeps a file in long extents. A step is ten
/// seconds at the recent rate, no more than the log has taken lately, lest a burst counts for a rate, and never goes past
/// what the segment can still take; a log that is hardly written to reserves nothing.
struct SpaceReservation: Hashable, Sendable {
    /// What a log has to write before it counts as busy, and the least that a call is made for.
    static let leastStepBytes: Int64 = 256 << 10
    private static let secondsAhead = 10.0

    /// When the segment has grown to here it is time to ask again.
    private(set) var nextDue = FilePosition(leastStepBytes)
    private var segment: Offset?
    private var reservedEnd = FilePosition.start
    private var bytesPerSecond = 0.0
    /// What was written since the log was opened, or put to rest.
    private var busyBytes: Int64 = 0
    private var measuredEnd: FilePosition
    private var countedEnd: FilePosition
    private var measuredAt: Double

    /// - Parameters:
    ///   - segment: the base offset of the active segment, of which nothing is reserved.
    ///   - written: its size.
    ///   - seconds: the time, on any clock that does not go backwards.
    init(segment: Offset, written: FilePosition, at seconds: Double) {
        self.segment = segment
        nextDue = written + Int(Self.leastStepBytes)
        measuredEnd = written
        countedEnd = written
        measuredAt = seconds
    }

    /// What to reserve now, if anything.
    ///
    /// Whether that succeeds makes no difference to what is asked for next.
    ///
    /// - Parameters:
    ///   - segment: the base offset of the active segment.
    ///   - written: its size.
    ///   - limit: how large it can become.
    mutating func due(
        segment: Offset,
        written: FilePosition,
        limit: FilePosition,
        at seconds: Double
    ) -> Range<FilePosition>? {
        if segment != self.segment {
            self.segment = segment
            reservedEnd = .start
            measuredEnd = .start
            measuredAt = seconds
            countedEnd = .start
            // A busy log's new segment gets its space at once.
            nextDue =
                bytesPerSecond * Self.secondsAhead >= Double(Self.leastStepBytes)
                ? .start : written + Int(Self.leastStepBytes)
        }
        guard written >= nextDue else { return nil }
        busyBytes += Int64(written - countedEnd)
        countedEnd = written
        // What comes within less than a second is a burst, and counts as that second's.
        let elapsed = seconds - measuredAt
        let bytes = Double(written - measuredEnd)
        if elapsed < 1 {
            bytesPerSecond = max(bytesPerSecond, bytes)
        } else {
            bytesPerSecond = bytes / elapsed
            measuredEnd = written
            measuredAt = seconds
        }
        let wanted = Int64(min(bytesPerSecond * Self.secondsAhead, Double(limit.rawValue)))
        let ahead = max(min(wanted, busyBytes), Self.leastStepBytes)
        let from = max(reservedEnd, written)
        let to = min(limit, FilePosition(written.rawValue + ahead))
        // Once half of it is used, or, at the segment's end, never again.
        nextDue = to < limit ? FilePosition(written.rawValue + ahead / 2) : FilePosition(.max)
        guard from < to else { return nil }
        reservedEnd = to
        return from..<to
    }
}
