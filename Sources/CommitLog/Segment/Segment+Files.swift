import LinuxIO
import RecordBatch
import SystemPackage

extension Segment {
    /// Makes a segment without batches, whose log file must not exist.
    ///
    /// The directory is not synced.
    static func create(at baseOffset: Offset, in directory: FilePath, cache: FileCache) throws(IOError) -> Segment {
        let name = SegmentFileName(baseOffset: baseOffset, kind: .log).description
        let file = try File.open(directory.appending(name), .readWrite, create: .mustNotExist)
        return Segment(
            baseOffset: baseOffset,
            in: directory,
            cache: cache,
            handle: FileHandle(file),
            size: .start,
            isSettled: false,
            indexCounts: (0, 0)
        )
    }

    /// Lets go of the open files of a segment that is being taken away.
    func discardFiles() {
        for file in [log, offsetIndex.file, timeIndex.file] { file.discard() }
    }

    /// Takes the segment's files away: first out of the log, by Kafka's `.deleted` suffix, then for good.
    ///
    /// Whoever has one of them open is not disturbed.
    func remove(renamingIn directory: FilePath) throws(IOError) {
        var renamed: [FilePath] = []
        // The log file last: as long as it is there, the others are not stray.
        for kind in [SegmentFileName.Kind.timeindex, .index, .txnindex, .snapshot, .log] {
            let path = directory.appending(SegmentFileName(baseOffset: baseOffset, kind: kind).description)
            let deleted = directory.appending(
                SegmentFileName(baseOffset: baseOffset, kind: kind, suffix: .deleted).description
            )
            do {
                try FileSystem.rename(from: path, to: deleted)
                renamed.append(deleted)
            } catch  where error.isNotFound {
                // No such index was ever written.
            }
        }
        for path in renamed { try FileSystem.removeFile(path) }
        discardFiles()
    }

    /// Where a segment is cut: at the start of a batch.
    struct Boundary {
        var position: FilePosition
        /// The batch's base offset.
        var offset: Offset
        /// The largest timestamp between the last index entry below and the boundary.
        var largest: SparseIndexer.LargestTimestamp?
    }

    /// The start of the batch that holds `offset`, or the segment's end.
    ///
    /// Waits for the disk.
    func boundary(of offset: Offset) throws(LogError) -> Boundary {
        let relativeOffset = offset.rawValue - baseOffset.rawValue
        let handle: FileHandle
        let entries: [OffsetIndexEntry]
        do {
            handle = try log.open()
            entries = try offsetIndex.all()
        } catch {
            throw LogError(error)
        }
        let index = entries.partitioningIndex { Int64($0.relativeOffset) >= relativeOffset }
        let start = index > 0 ? FilePosition(Int64(entries[index - 1].position)) : .start
        var scan = BatchScan(handle, from: start, to: writtenEnd)
        var indexer = SparseIndexer(baseOffset: baseOffset, intervalBytes: .max)
        while let (header, position) = try scan.next() {
            if header.lastOffset >= offset {
                return Boundary(position: position, offset: header.baseOffset, largest: indexer.largest)
            }
            _ = indexer.append(BatchOutline(header), at: position)
        }
        return Boundary(position: writtenEnd, offset: offset, largest: indexer.largest)
    }

    /// Makes a segment of this one's first bytes, in files of its own that take the names of this one's.
    func prefix(upTo end: Boundary, in directory: FilePath, _ cache: FileCache) throws(IOError) -> Segment {
        let relativeEnd = end.offset.rawValue - baseOffset.rawValue
        let offsets = try offsetIndex.all().prefix { Int64($0.position) < end.position.rawValue }
        var times = Array(try timeIndex.all().prefix { Int64($0.relativeOffset) < relativeEnd })
        // As when a segment is closed: the time index ends with the largest timestamp.
        var indexer = SparseIndexer(
            baseOffset: baseOffset,
            intervalBytes: .max,
            largest: end.largest,
            lastTimeEntry: times.last
        )
        if let entry = indexer.closingTimeEntry() { times.append(entry) }
        let temporary = directory.appending(
            SegmentFileName(baseOffset: baseOffset, kind: .log, suffix: .prepared).description
        )
        let source = try log.open()
        var copy = try File.open(temporary, .readWrite, create: .ifMissing)
        try copy.truncate(to: 0)
        try source.file.copy(from: 0, bytes: end.position.rawValue, to: copy, at: 0)
        try copy.synchronizeData()
        try copy.rename(to: log.path)
        try offsetIndex.replace(with: Array(offsets))
        try timeIndex.replace(with: Array(times))
        discardFiles()
        return Segment(
            baseOffset: baseOffset,
            in: directory,
            cache: cache,
            handle: FileHandle(copy),
            size: end.position,
            isSettled: false,
            indexCounts: (offsets.count, times.count)
        )
    }
}
