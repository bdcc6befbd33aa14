import LinuxIO
import RecordBatch

/// Takes note of all batches of a part of a log, as they stand in its files.
///
/// Waits for the disk.
struct ProducerReplay {
    /// All segments of the log, ordered by base offset.
    let segments: [Segment]

    /// The most bytes that are read of a control batch, which has one small record.
    private static let controlBatchLimit = 64 << 10

    init(_ segments: [Segment]) { self.segments = segments }

    /// Brings what is known at `start` up to `end`.
    ///
    /// - Throws: ``LogError/Code/corruptMessage`` where there is no batch; what the operating system says.
    func advance(_ states: inout ProducerStates, from start: Offset, to end: Offset) throws(LogError) {
        guard start < end else { return }
        for segment in segments[(SegmentList(segments).floorIndex(of: start) ?? 0)...] where segment.baseOffset < end {
            try advance(&states, in: segment, from: start, to: end)
        }
    }

    private func advance(
        _ states: inout ProducerStates,
        in segment: Segment,
        from start: Offset,
        to end: Offset
    ) throws(LogError) {
        do {
            let handle = try segment.log.open()
            // No batch of it was appended later than this.
            let modified = Timestamp(try handle.file.status().modificationTime / 1_000_000)
            let written = segment.writtenEnd
            var scan = BatchScan(handle, from: try position(of: start, in: segment, handle), to: written)
            while let (header, position) = try scan.next() {
                if header.baseOffset >= end { return }
                guard header.producerID != .none, header.baseOffset >= start else { continue }
                let batch = try header.isControl ? controlBatch(header, at: position, handle) : ProducerBatch(header)
                states.note(batch, at: max(header.maxTimestamp, modified))
            }
            guard scan.position == written else {
                throw LogError(
                    .corruptMessage,
                    "The batch at position \(scan.position) of \(segment.log.path) goes past the end of what was written",
                    at: .init(path: segment.log.path, position: scan.position)
                )
            }
        } catch {
            throw LogError(error, at: .init(path: segment.log.path))
        }
    }

    /// Where to begin in a segment: at the last index entry below `offset` that names a batch, else at the start.
    private func position(of offset: Offset, in segment: Segment, _ handle: FileHandle) throws -> FilePosition {
        guard offset > segment.baseOffset else { return .start }
        let relativeOffset = offset.rawValue - segment.baseOffset.rawValue
        let entries = try segment.offsetIndex.all()
        let index = entries.partitioningIndex { Int64($0.relativeOffset) >= relativeOffset }
        guard index > 0 else { return .start }
        let position = FilePosition(Int64(entries[index - 1].position))
        guard position > .start, position < segment.writtenEnd else { return .start }
        var scan = BatchScan(handle, from: position, to: segment.writtenEnd)
        guard let (header, _) = try? scan.next(), entries[index - 1].names(header, from: segment.baseOffset) else {
            return .start
        }
        return position
    }

    private func controlBatch(
        _ header: RecordBatchHeader,
        at position: FilePosition,
        _ handle: FileHandle
    ) throws -> ProducerBatch {
        let count = min(header.byteCount, Self.controlBatchLimit)
        let buffer = IOBuffer(count: count)
        let filled = try buffer.fill(from: handle.file, count: count, at: position.rawValue)
        return try buffer.withBytes { (bytes) throws(RecordBatchError) in
            try ProducerBatch(RecordBatchView(bytes.extracting(0..<filled)))
        }
    }
}
