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
            return LogSlice(baseOffset: offset, position: .start, byteCount: 0, file: nil)
        }
        while index < segments.count {
            let segment = segments[index]
            let readable = readableEnd(of: segment)
            if let (header, position, handle) = try await firstBatch(at: offset, in: segment, upTo: readable) {
                let bytes = min(readable - position, max(maxBytes, header.byteCount))
                return LogSlice(baseOffset: header.baseOffset, position: position, byteCount: bytes, file: handle)
            }
            // The segment ends with a gap that compaction left.
            index += 1
        }
        throw error(.corruptMessage, "No batch is found at or after offset \(offset), though the log goes on to \(end)")
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
    func firstBatch(
        at offset: Offset,
        in segment: Segment,
        upTo readable: FilePosition
    ) async throws(LogError) -> (RecordBatchHeader, FilePosition, FileHandle)? {
        guard readable > .start else { return nil }
        do {
            let handle = try segment.log.open()
            let entry = try await segment.offsetIndex.floor(
                of: offset.rawValue - segment.baseOffset.rawValue,
                by: { Int64($0.relativeOffset) },
                reader: services.reader
            )
            if let entry,
                let found = try await scan(
                    handle,
                    from: FilePosition(Int64(entry.position)),
                    to: readable,
                    for: offset,
                    in: segment
                )
            {
                return (found.header, found.position, handle)
            }
            // Without a fitting entry the segment is searched from its start; an index is never trusted beyond the log.
            guard let found = try await scan(handle, from: .start, to: readable, for: offset, in: segment) else {
                return nil
            }
            return (found.header, found.position, handle)
        } catch let error as IOError {
            if error.isNotFound { throw outOfRange(offset, "The segment of offset \(offset) was deleted") }
            throw LogError(error, topicPartition)
        } catch let error as LogError {
            throw error
        } catch {
            throw self.error(.storage, "\(error)", cause: error)
        }
    }

    /// Walks batches from `position`; `nil` if it does not lead to one that ends at or after `offset`, or if no batch of this
    /// segment from which `offset` can be reached begins there.
    private func scan(
        _ handle: FileHandle,
        from position: FilePosition,
        to end: FilePosition,
        for offset: Offset,
        in segment: Segment
    ) async throws(LogError) -> BatchScan.Element? {
        var scan = BatchScan(handle, from: position, to: end)
        var isFirst = true
        do {
            while let element = try await scan.next(services.reader) {
                let header = element.header
                if isFirst, position != .start, header.baseOffset < segment.baseOffset || header.baseOffset > offset {
                    return nil
                }
                isFirst = false
                if header.lastOffset >= offset { return element }
            }
        } catch  where isFirst && position != .start && error.code == .corruptMessage {
            return nil
        }
        return nil
    }
}
