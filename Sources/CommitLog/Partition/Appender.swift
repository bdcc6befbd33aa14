import LinuxIO
import RecordBatch
import SystemPackage

/// The state of a log's one writer; whoever appends, rolls, truncates or closes holds its lock.
struct Appender: ~Copyable {
    /// The segment that is appended to: the last of the log's list.
    var active: Segment
    /// What is known of the active segment's indexes; `nil` until the first append after the log was opened, so that a
    /// log that is not written to reads none of its files.
    var progress: ActiveProgress?
    var nextOffset: Offset
    /// The file of the next segment, made ahead under a temporary name.
    var prepared: File?
    /// Whether the active segment's file may hold part of a write that failed, behind its end: cut off before anything else
    /// is written, since in a sealed segment it would be damage.
    var hasPartialWrite = false
    /// Whether the epoch of this opening has its entry in the log's list of epochs.
    var hasAssignedEpoch = false
    /// What is known of those who have appended with a producer id.
    var producers: ProducerStates
    /// Whether the directory has a snapshot of producers: before the first one's batch it gets one.
    var hasProducerSnapshot: Bool
    /// What was known at the last roll, until housekeeping has written it.
    var snapshotToWrite: (offset: Offset, states: ProducerStates)?
    /// The records that `flush.messages` and `flush.ms` let wait.
    var unflushed = UnflushedRecords()

    var hasPrepared: Bool {
        switch prepared {
        case .some: true
        case .none: false
        }
    }

    /// The file of the next segment, renamed to `path`; `nil` if there is none.
    ///
    /// If it cannot be renamed it is kept.
    mutating func takePrepared(as path: FilePath) throws(IOError) -> File? {
        guard var file = prepared.take() else { return nil }
        do {
            try file.rename(to: path)
        } catch {
            prepared = consume file
            throw error
        }
        return file
    }

    /// Gives up the file of the next segment.
    ///
    /// Returns its path, if there was one.
    mutating func dropPrepared() -> FilePath? {
        switch prepared.take() {
        case .some(let file): file.path
        case .none: nil
        }
    }

    /// The name that the file of the next segment is made under.
    ///
    /// Of its name to come only this is known: that there is no such segment yet, so it is made under that of the
    /// active one.
    var preparedName: SegmentFileName {
        SegmentFileName(baseOffset: active.baseOffset, kind: .log, suffix: .prepared)
    }

    init(_ loaded: LoadedLog) {
        active = loaded.active
        nextOffset = loaded.nextOffset
        producers = loaded.producers
        hasProducerSnapshot = loaded.hasProducerSnapshot
    }
}

/// The active segment, as far as the next append depends on it.
struct ActiveProgress {
    var indexer: SparseIndexer
    var fill: RollPolicy.Fill
    private(set) var policy: RollPolicy

    /// For a segment without batches.
    init(emptyAt baseOffset: Offset, _ configuration: LogConfiguration, at now: Timestamp) {
        indexer = SparseIndexer(baseOffset: baseOffset, intervalBytes: configuration.indexIntervalBytes)
        fill = RollPolicy.Fill(baseOffset: baseOffset, created: now)
        policy = RollPolicy(configuration, jitterMs: Self.jitter(configuration))
    }

    /// For a segment with batches: reads its first batch's header and the ends of its indexes.
    init(continuing segment: Segment, _ configuration: LogConfiguration) throws(LogError) {
        do {
            let handle = try segment.log.open()
            let lastTimeEntry = try segment.timeIndex.last()
            indexer = SparseIndexer(
                baseOffset: segment.baseOffset,
                intervalBytes: configuration.indexIntervalBytes,
                largest: lastTimeEntry.map {
                    .init(timestamp: $0.timestamp, offset: segment.baseOffset + Int($0.relativeOffset))
                },
                lastTimeEntry: lastTimeEntry
            )
            let modified = try handle.file.status().modificationTime / 1_000_000
            fill = RollPolicy.Fill(baseOffset: segment.baseOffset, created: Timestamp(modified))
            fill.bytes = segment.writtenEnd - .start
            fill.offsetIndexEntries = try segment.offsetIndex.count()
            fill.timeIndexEntries = try segment.timeIndex.count()
            fill.firstTimestamp = try Self.firstTimestamp(handle, size: segment.writtenEnd)
        } catch {
            throw LogError(error)
        }
        policy = RollPolicy(configuration, jitterMs: Self.jitter(configuration))
    }

    /// Goes on by another configuration.
    mutating func adopt(_ configuration: LogConfiguration) {
        indexer.intervalBytes = configuration.indexIntervalBytes
        policy = RollPolicy(configuration, jitterMs: Self.jitter(configuration))
    }

    private static func jitter(_ configuration: LogConfiguration) -> Int64 {
        Int64.random(in: 0..<RollPolicy.jitterBound(configuration))
    }

    private static func firstTimestamp(_ handle: FileHandle, size: FilePosition) throws(IOError) -> Timestamp? {
        guard size - .start >= RecordBatchHeader.byteCount else { return nil }
        let count = RecordBatchHeader.byteCount
        let buffer = IOBuffer(count: count)
        guard try buffer.fill(from: handle.file, count: count, at: 0) == count else { return nil }
        // A log that was opened has whole batches below its size; if this one rots, readers report it.
        guard let header = buffer.withBytes({ try? RecordBatchHeader(parsing: $0) }) else { return nil }
        return header.maxTimestamp >= Timestamp(0) ? header.maxTimestamp : nil
    }

    /// Takes note of a batch that was written at `position`.
    ///
    /// Returns its index entries, if it gets any.
    mutating func append(_ batch: BatchOutline, at position: FilePosition) -> SparseIndexer.Entries? {
        if fill.bytes == 0, batch.maxTimestamp >= Timestamp(0) { fill.firstTimestamp = batch.maxTimestamp }
        fill.bytes += batch.byteCount
        let entries = indexer.append(batch, at: position)
        if let entries {
            fill.offsetIndexEntries += 1
            if entries.time != nil { fill.timeIndexEntries += 1 }
        }
        return entries
    }
}
