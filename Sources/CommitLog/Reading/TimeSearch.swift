import LinuxIO
import RecordBatch

/// Walks a segment from about the batch of a time index entry on, if the entry agrees with that batch; from its start
/// otherwise.
struct TimeSearch {
    let handle: FileHandle
    /// The entry, if its batch bears it out: then no record before that batch has a larger timestamp.
    private(set) var believed: TimeIndexEntry?
    private var walk: OffsetWalk
    /// What was walked to check the entry.
    private var seen: ArraySlice<BatchScan.Element> = []

    init(
        _ segment: Segment,
        from time: TimeIndexEntry?,
        upTo end: FilePosition,
        below limit: OffsetWalk.Limit,
        _ reader: ResidentReader
    ) async throws {
        handle = try segment.log.open()
        guard let time, let offset = time.offset(from: segment.baseOffset) else {
            walk = try await OffsetWalk(segment, handle, at: nil, upTo: end, below: limit, reader)
            return
        }
        let entry = try await segment.offsetIndex.floor(
            of: Int64(time.relativeOffset),
            by: { Int64($0.relativeOffset) },
            reader: reader
        )
        walk = try await OffsetWalk(segment, handle, at: entry, upTo: end, below: limit, reader)
        while let element = try await walk.next() {
            seen.append(element)
            guard element.header.lastOffset >= offset else { continue }
            if element.header.baseOffset <= offset, element.header.maxTimestamp == time.timestamp { believed = time }
            break
        }
        if believed == nil {
            walk = try await OffsetWalk(segment, handle, at: nil, upTo: end, below: limit, reader)
            seen = []
        }
    }

    /// The next batch; see ``OffsetWalk/next()``.
    mutating func next() async throws(LogError) -> BatchScan.Element? {
        if let element = seen.popFirst() { return element }
        return try await walk.next()
    }
}
