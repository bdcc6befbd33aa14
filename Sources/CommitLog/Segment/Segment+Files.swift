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

    /// Takes the segment's files away: first out of the log, then for good.
    ///
    /// Whoever has one of them open is not disturbed. May be repeated after a failure.
    func remove(from directory: FilePath) throws(IOError) {
        try takeOut(of: directory)
        try removeTakenOut(from: directory)
    }

    /// Takes the segment's files out of the log, by Kafka's `.deleted` suffix.
    func takeOut(of directory: FilePath) throws(IOError) {
        for kind in Self.kindsInOrderOfRemoval {
            do throws(IOError) {
                try takeOut(path(of: kind, in: directory), as: path(of: kind, .deleted, in: directory))
            } catch  where error.isNotFound {
                // No such index was ever written, or it is gone already.
            }
        }
        discardFiles()
    }

    private func takeOut(_ path: FilePath, as deleted: FilePath) throws(IOError) {
        do {
            try FileSystem.rename(from: path, to: deleted)
        } catch  where error.isOutOfSpace {
            // A full directory may have no room for another name, and room is what this is to make.
            try FileSystem.removeFile(path)
        }
    }

    /// Removes for good what was taken out of the log.
    func removeTakenOut(from directory: FilePath) throws(IOError) {
        for kind in Self.kindsInOrderOfRemoval {
            do {
                try FileSystem.removeFile(path(of: kind, .deleted, in: directory))
            } catch  where error.isNotFound {
                // It was never there, or is gone already.
            }
        }
    }

    /// The log file last: as long as it is there, the others are not stray.
    ///
    /// A snapshot of producers may be needed beyond the segment.
    private static var kindsInOrderOfRemoval: [SegmentFileName.Kind] { [.timeindex, .index, .txnindex, .log] }

    private func path(
        of kind: SegmentFileName.Kind,
        _ suffix: SegmentFileName.Suffix? = nil,
        in directory: FilePath
    ) -> FilePath {
        directory.appending(SegmentFileName(baseOffset: baseOffset, kind: kind, suffix: suffix).description)
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

    /// The first bytes of a segment in a file of their own, and the index entries that go with them.
    struct Prefix: ~Copyable {
        /// Synced, under a temporary name.
        fileprivate var file: File
        fileprivate let size: FilePosition
        fileprivate let offsets: [OffsetIndexEntry]
        fileprivate let times: [TimeIndexEntry]
    }

    /// Copies the segment's first bytes; changes nothing of the segment.
    func copyPrefix(upTo end: Boundary, in directory: FilePath) throws(IOError) -> Prefix {
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
        let temporary = path(of: .log, .prepared, in: directory)
        let source = try log.open()
        let copy = try File.open(temporary, .readWrite, create: .ifMissing)
        do {
            try copy.truncate(to: 0)
            try source.file.copy(from: 0, bytes: end.position.rawValue, to: copy, at: 0)
            try copy.synchronizeData()
        } catch {
            try? FileSystem.removeFile(temporary)
            throw error
        }
        return Prefix(file: copy, size: end.position, offsets: Array(offsets), times: times)
    }

    /// Makes a segment of this one's first bytes, which takes the names of this one's files.
    func replace(
        with prefix: consuming Prefix,
        in directory: FilePath,
        _ cache: FileCache
    ) throws(IOError) -> Segment {
        try prefix.file.rename(to: log.path)
        try offsetIndex.replace(with: prefix.offsets)
        try timeIndex.replace(with: prefix.times)
        discardFiles()
        return Segment(
            baseOffset: baseOffset,
            in: directory,
            cache: cache,
            size: prefix.size,
            isSettled: false,
            indexCounts: (prefix.offsets.count, prefix.times.count)
        )
    }
}
