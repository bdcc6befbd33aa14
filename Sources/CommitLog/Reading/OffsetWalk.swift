import LinuxIO
import RecordBatch

/// Walks the batches of a segment, and believes an offset only where two places tell it.
///
/// A batch's base offset and length lie outside of its CRC. Where no offsets are missing, a base offset is told by the end
/// of the batch before too, the first one by the segment's name, and that of an indexed batch by the index. Compaction
/// leaves gaps: behind one, the batch before has to have a right CRC, which covers what it ends with, and the batch
/// after has to begin no lower than the one between ends.
struct OffsetWalk {
    private let handle: FileHandle
    private let end: FilePosition
    private let limit: Limit
    private let reader: ResidentReader
    private var scan: BatchScan
    /// Elements that were looked at already.
    private var pending: ArraySlice<BatchScan.Element> = []
    /// The offset that the next batch begins with, unless some are missing.
    private var due: Offset
    private var previous: BatchScan.Element?

    /// Where the offsets of a segment end.
    struct Limit {
        /// The base offset of the next segment, or what the log was found to end at.
        var offset: Offset
        /// Whether the log has grown up to an offset meanwhile.
        var isReached: (Offset) -> Bool
    }

    /// Begins at an index entry's batch; at the segment's start if there is no entry, or none that agrees with a batch.
    ///
    /// - Parameters:
    ///   - end: where the whole batches of the file end.
    ///   - limit: where the segment's offsets end.
    init(
        _ segment: Segment,
        _ handle: FileHandle,
        at entry: OffsetIndexEntry?,
        upTo end: FilePosition,
        below limit: Limit,
        _ reader: ResidentReader
    ) async throws(LogError) {
        self.handle = handle
        self.end = end
        self.limit = limit
        self.reader = reader
        due = segment.baseOffset
        guard let entry else {
            scan = BatchScan(handle, from: .start, to: end)
            return
        }
        scan = BatchScan(handle, from: FilePosition(Int64(entry.position)), to: end)
        if !(try await begins(with: entry, of: segment)) { scan = BatchScan(handle, from: .start, to: end) }
    }

    /// Whether the batch at hand is the entry's.
    private mutating func begins(with entry: OffsetIndexEntry, of segment: Segment) async throws(LogError) -> Bool {
        guard entry.position > 0 else { return false }
        do {
            guard let first = try await scan.next(reader), entry.names(first.header, from: segment.baseOffset) else {
                return false
            }
            var elements = [first]
            if first.header.lastOffset != entry.offset(from: segment.baseOffset) {
                // The first of several that Kafka has appended together, if not a damaged one.
                guard let second = try await scan.next(reader), second.header.baseOffset >= first.header.nextOffset
                else {
                    return false
                }
                elements.append(second)
            }
            pending = elements[...]
            due = first.header.baseOffset
            return true
        } catch  where error.code == .corruptMessage {
            return false
        }
    }

    /// The next batch; `nil` at the end.
    /// - Throws: ``LogError/Code/corruptMessage`` where batches do not follow from each other; errors of the operating
    ///   system.
    mutating func next() async throws(LogError) -> BatchScan.Element? {
        guard let element = try await nextElement() else { return nil }
        let header = element.header
        if header.baseOffset < due {
            throw corrupt(
                "its base offset is \(header.baseOffset), but offset \(due) is due",
                at: element.position,
                due
            )
        }
        if header.baseOffset > due { try await checkGap(before: element) }
        if header.nextOffset > limit.offset, !limit.isReached(header.nextOffset) {
            throw corrupt("it ends at offset \(header.nextOffset), beyond \(limit.offset)", at: element.position, due)
        }
        due = header.nextOffset
        previous = element
        return element
    }

    private mutating func nextElement() async throws(LogError) -> BatchScan.Element? {
        if let element = pending.popFirst() { return element }
        if let element = try await scan.next(reader) { return element }
        guard scan.position == end else {
            throw corrupt("no batch fits between it and the end of what was written, \(end)", at: scan.position, due)
        }
        return nil
    }

    /// Checks that offsets are missing before a batch because they were compacted away.
    private func checkGap(before element: BatchScan.Element) async throws(LogError) {
        try await checkEnd()
        var ahead = BatchScan(handle, from: element.position + element.header.byteCount, to: end)
        guard let next = try await ahead.next(reader) else { return }
        if next.header.baseOffset < element.header.nextOffset {
            let found = "its base offset is \(element.header.baseOffset), that of the next \(next.header.baseOffset)"
            throw corrupt("\(found), but offset \(due) is due", at: element.position, due)
        }
    }

    /// Checks that the last batch given out ends where it says, since the next one begins elsewhere.
    func checkEnd() async throws(LogError) {
        guard let previous else { return }
        let count = previous.header.byteCount
        let buffer = IOBuffer(count: count)
        let read: Int
        do {
            read = try await reader.read(handle, into: buffer, count: count, at: previous.position)
        } catch {
            throw LogError(error)
        }
        do {
            try buffer.withBytes { (bytes) throws(RecordBatchError) in
                try RecordBatchView(bytes.extracting(first: read)).validateCRC()
            }
        } catch {
            throw corrupt(error.message, at: previous.position, previous.header.baseOffset)
        }
    }

    private func corrupt(_ reason: String, at position: FilePosition, _ offset: Offset) -> LogError {
        LogError(
            .corruptMessage,
            "The batch at position \(position) of \(handle.file.path) is damaged: \(reason)",
            at: .init(path: handle.file.path, position: position, offset: offset)
        )
    }
}
