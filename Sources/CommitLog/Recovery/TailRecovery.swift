import LinuxIO
import Logging
import RecordBatch
import SystemPackage

/// Recovers the tail of a log that was not closed cleanly.
///
/// From the recovery point on, batches are walked: below the durable position to complete the indexes, above it with
/// their CRCs. Nothing is changed until all is read and a ``RecoveryDecision`` made. What is kept is written once more and
/// synced before it is served; what is cut off is kept in `.torn` files.
///
/// Written once more, because an fsync may have failed before the crash: then pages count as clean that are not on the
/// disk, and a sync alone would pass over them. A sync that fails here is not repeated: the log cannot be opened.
struct TailRecovery {
    private let loader: LogLoader
    private let believesIndexes: Bool
    /// How far the log is known to be on disk, if Millrace wrote it last.
    private var durable: DurableCheckpoint.Entry?
    private(set) var report = RecoveryReport()

    /// - Parameter believesIndexes: whether entries of index files may be kept; not where an fsync is known to have failed.
    init(_ loader: LogLoader, believesIndexes: Bool) {
        self.loader = loader
        self.believesIndexes = believesIndexes
        durable = loader.durable
    }

    /// A log with one empty segment.
    func empty(at offset: Offset) throws(IOError) -> (segments: [Segment], nextOffset: Offset) {
        let segment = try Segment.create(at: offset, in: loader.directory, cache: loader.cache)
        try FileSystem.synchronizeDirectory(loader.directory)
        return ([segment], offset)
    }

    /// - Parameter baseOffsets: of all segments, ascending; at least one.
    mutating func run(
        _ baseOffsets: [Offset],
        _ epochs: inout LeaderEpochCache
    ) throws -> (segments: [Segment], nextOffset: Offset) {
        let first = baseOffsets.lastIndex { $0 <= loader.recoveryPoint } ?? 0
        var segments = try baseOffsets[..<first].map { try loader.segment(at: $0, isSettled: true) }
        let tail = try baseOffsets[first...].map { try loader.segment(at: $0, isSettled: false) }
        if loader.isUnknown, try epoch(of: tail[0]) == loader.highestEpoch {
            durable = .nothing(by: loader.highestEpoch)
        }
        var scans: [SegmentScan] = []
        for segment in tail {
            let durable = self.durable?.segment == segment.baseOffset ? self.durable : nil
            let rules = SegmentScan.Rules(
                intervalBytes: loader.configuration.indexIntervalBytes,
                durableEnd: durableEnd(of: segment),
                durableOffset: durable?.offset,
                times: believesIndexes ? durable?.times ?? .unknown : .unknown,
                epochs: self.durable.map {
                    EpochBounds(
                        latest: $0.latestEpoch,
                        writer: $0.writer > .none ? $0.writer : nil,
                        highest: loader.highestEpoch
                    )
                }
            )
            let scan = try SegmentScan(segment, rules)
            report.scannedSegments += 1
            report.checkedBytes += scan.checkedBytes
            scans.append(scan)
        }
        switch RecoveryDecision(scans: scans, durable: durable, recoveryPoint: loader.recoveryPoint) {
        case .corrupt(let corruption):
            throw error(corruption)
        case .keep(let count, let tear):
            if let tear {
                loader.logger.warning("\(loader.topicPartition): \(tear); what follows is kept in .torn files")
            }
            for segment in tail[count...].reversed() { try setAside(segment) }
            for (segment, scan) in zip(tail, scans).prefix(count) {
                for entry in scan.epochs where entry.epoch > epochs.latest?.epoch ?? .none {
                    epochs.assign(entry.epoch, startOffset: entry.startOffset)
                }
                segments.append(try keep(segment, scan))
            }
            try FileSystem.synchronizeDirectory(loader.directory)
            return (segments, scans[count - 1].nextOffset)
        }
    }

    /// The epoch of a segment's first batch; `nil` if it has none.
    private func epoch(of segment: Segment) throws(IOError) -> LeaderEpoch? {
        let end = segment.writtenEnd
        guard end > .start else { return nil }
        var reader = SequentialReader(try segment.log.open(), from: .start, to: end, checkingFrom: end)
        guard case .batch(let header, at: _) = try reader.next() else { return nil }
        return header.partitionLeaderEpoch
    }

    /// The position in a segment up to which it is known to be on disk.
    private func durableEnd(of segment: Segment) -> FilePosition {
        guard let durable else { return .start }
        if segment.baseOffset < durable.segment { return segment.writtenEnd }
        return segment.baseOffset == durable.segment ? durable.position : .start
    }

    /// Cuts a segment behind its last sound batch, completes its indexes, and makes both durable.
    private mutating func keep(_ segment: Segment, _ scan: SegmentScan) throws -> Segment {
        let handle = try segment.log.open()
        if scan.soundEnd < scan.size { try copyTorn(handle, scan) }
        // Where nothing is torn too: a file system may have written blocks behind the end that the file had on the disk. What
        // they hold would come back, whole and of an earlier epoch, when the file has grown over them and a second crash comes
        // before they are written again.
        try handle.file.truncate(to: scan.soundEnd.rawValue)
        try rewrite(handle, from: min(durableEnd(of: segment), scan.soundEnd), to: scan.soundEnd)
        report.rebuiltIndexEntries += scan.newOffsets.count + scan.newTimes.count
        if scan.surplusBytes > 0 {
            try segment.offsetIndex.replace(with: scan.kept.offsets + scan.newOffsets)
            try segment.timeIndex.replace(with: scan.kept.times + scan.newTimes)
        } else {
            try segment.offsetIndex.rewrite(with: scan.kept.offsets + scan.newOffsets)
            try segment.timeIndex.rewrite(with: scan.kept.times + scan.newTimes)
        }
        // All is on disk: nothing needs to stay open for a log that may never be used.
        segment.discardFiles()
        return Segment(
            baseOffset: scan.baseOffset,
            in: loader.directory,
            cache: loader.cache,
            size: scan.soundEnd,
            isSettled: true,
            indexCounts: (scan.kept.offsets.count + scan.newOffsets.count, scan.kept.times.count + scan.newTimes.count)
        )
    }

    /// Writes what was just checked once more, from the page cache, and makes the file durable.
    private func rewrite(_ handle: FileHandle, from start: FilePosition, to end: FilePosition) throws(IOError) {
        let buffer = IOBuffer(count: max(1, min(1 << 20, end - start)))
        var position = start
        while position < end {
            let count = try buffer.fill(
                from: handle.file,
                count: min(buffer.count, end - position),
                at: position.rawValue
            )
            guard count > 0 else { break }
            try buffer.withBytes { (bytes) throws(IOError) in
                try handle.file.write(bytes.extracting(0..<count), at: position.rawValue)
            }
            position = position + count
        }
        try handle.file.synchronizeData()
    }

    /// Keeps what lies behind a file's last sound batch.
    private mutating func copyTorn(_ handle: FileHandle, _ scan: SegmentScan) throws(IOError) {
        let path = try unusedTornPath(scan.baseOffset)
        let torn = try File.open(path, .readWrite, create: .mustNotExist)
        let count = scan.size - scan.soundEnd
        do {
            try handle.file.copy(from: scan.soundEnd.rawValue, bytes: Int64(count), to: torn, at: 0)
            try torn.synchronizeData()
        } catch {
            // It is still in its place.
            try? FileSystem.removeFile(path)
            throw error
        }
        report.tornBytes += count
    }

    /// Renames a log file that lies beyond a tear, and removes its indexes.
    private mutating func setAside(_ segment: Segment) throws(IOError) {
        report.tornBytes += segment.writtenEnd - .start
        try FileSystem.rename(from: segment.log.path, to: try unusedTornPath(segment.baseOffset))
        for file in [segment.offsetIndex.file, segment.timeIndex.file] where try FileSystem.status(file.path) != nil {
            try FileSystem.removeFile(file.path)
        }
        segment.discardFiles()
    }

    /// A `.torn` name that is not taken by what an earlier crash left.
    private func unusedTornPath(_ baseOffset: Offset) throws(IOError) -> FilePath {
        let name = SegmentFileName(baseOffset: baseOffset, kind: .log, suffix: .torn).description
        var path = loader.directory.appending(name)
        var number = 1
        while try FileSystem.status(path) != nil {
            number += 1
            path = loader.directory.appending("\(name).\(number)")
        }
        return path
    }

    private func error(_ corruption: RecoveryDecision.Corruption) -> LogError {
        let path = loader.directory.appending(SegmentFileName(baseOffset: corruption.segment, kind: .log).description)
        return LogError(
            .fenced,
            """
            Durable data is damaged: \(path) is not sound at position \(corruption.position) (\(corruption.reason)). The log \
            reads back up to offset \(corruption.offset), but was durable up to \(corruption.durableOffset). Nothing was \
            changed; restore the file from a copy, or cut it there by hand if the records can be spared
            """,
            at: .init(
                loader.topicPartition,
                path: path,
                position: corruption.position,
                offset: corruption.offset
            )
        )
    }
}
