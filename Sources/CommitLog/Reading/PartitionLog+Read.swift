import LinuxIO
public import RecordBatch
import Synchronization

extension PartitionLog {
    /// The stretch of the log that begins with the batch that holds `offset`.
    ///
    /// No record is read or copied. Index pages and batch headers are looked at, in the page cache where they are there,
    /// otherwise while the task is suspended.
    ///
    /// - Parameters:
    ///   - offset: from the log start offset to the high watermark; at the high watermark the slice is empty.
    ///   - maxBytes: how long the slice may be, at least 0. Its first batch is whole even if it is longer than that.
    /// - Throws: ``LogError/Code/offsetOutOfRange`` with the bounds; ``LogError/Code/corruptMessage`` where the file does not
    ///   hold batches; errors of the operating system.
    public func slice(from offset: Offset, maxBytes: Int) async throws(LogError) -> LogSlice {
        precondition(maxBytes >= 0, "A slice of \(maxBytes) bytes was asked for")
        let end = try checkRange(offset)
        let segments = self.segments
        guard offset < end, var index = SegmentList(segments).floorIndex(of: offset) else {
            return LogSlice(baseOffset: offset, position: .start, byteCount: 0, file: nil, isInActiveSegment: true)
        }
        while index < segments.count {
            let segment = segments[index]
            let readable = readableEnd(of: segment)
            let limit = limit(of: segment, before: index + 1 < segments.count ? segments[index + 1] : nil, or: end)
            if let (header, position, handle) = try await firstBatch(at: offset, in: segment, upTo: readable, limit) {
                let bytes = min(readable - position, max(maxBytes, header.byteCount))
                return LogSlice(
                    baseOffset: header.baseOffset,
                    position: position,
                    byteCount: bytes,
                    file: handle,
                    isInActiveSegment: index + 1 == segments.count
                )
            }
            // The segment ends with a gap that compaction left.
            index += 1
        }
        throw error(.corruptMessage, "No batch is found at or after offset \(offset), though the log goes on to \(end)")
    }

    /// Where the offsets of a segment end at the latest.
    /// - Parameters:
    ///   - next: the segment behind it.
    ///   - end: where the log was found to end, if there is none.
    func limit(of segment: Segment, before next: Segment?, or end: Offset) -> OffsetWalk.Limit {
        if let next { return .init(offset: next.baseOffset) { _ in false } }
        // Of the batches that an append has just published the log may not say so yet, but the appender does.
        return .init(offset: end) { offset in
            offset <= self.logEnd.current || self.appender.withLock { offset <= $0.nextOffset }
        }
    }

    /// Checks an offset against what can be read.
    ///
    /// Returns the high watermark.
    func checkRange(_ offset: Offset) throws(LogError) -> Offset {
        if let failure, failure.code != .readOnly { throw failure }
        var end = highWatermark
        if offset > end, offset <= logEndOffset {
            // A commit publishes positions before the offset, under this lock: whoever was given batches in between asks
            // for what follows them.
            end = durableState.withLock { _ in highWatermark }
        }
        guard offset >= logStartOffset, offset <= end else {
            throw outOfRange(offset, "Offset \(offset) cannot be read")
        }
        return end
    }

    /// The first batch of `segment` that ends at or after `offset`; `nil` if there is none below `readable`.
    private func firstBatch(
        at offset: Offset,
        in segment: Segment,
        upTo readable: FilePosition,
        _ limit: OffsetWalk.Limit
    ) async throws(LogError) -> (RecordBatchHeader, FilePosition, FileHandle)? {
        guard readable > .start else { return nil }
        do {
            let handle = try segment.log.open()
            let entry = try await segment.offsetIndex.floor(
                of: offset.rawValue - segment.baseOffset.rawValue,
                by: { Int64($0.relativeOffset) },
                reader: services.reader
            )
            var walk = try await OffsetWalk(segment, handle, at: entry, upTo: readable, below: limit, services.reader)
            while let (header, position) = try await walk.next() {
                if header.lastOffset >= offset { return (header, position, handle) }
            }
            try await walk.checkEnd()
            return nil
        } catch let error as IOError {
            if error.isNotFound { throw outOfRange(offset, "The segment of offset \(offset) was deleted") }
            throw LogError(error, topicPartition)
        } catch let error as LogError {
            throw error
        } catch {
            throw self.error(.storage, "\(error)", cause: error)
        }
    }
}
