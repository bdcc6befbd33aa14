import LinuxIO
public import RecordBatch
import Synchronization
import SystemPackage

extension PartitionLog {
    /// Appends record batches.
    ///
    /// One write, whatever the number of batches. When this returns, the batches are in the page cache: a crash of the
    /// process does not lose them, a power loss may. For the durable level wait with ``waitUntilDurable(_:)``.
    ///
    /// - Parameters:
    ///   - batches: whole batches of magic 2, one after another. They are patched in place: base offset and leader epoch,
    ///     and the timestamps where the log keeps the time of the append.
    ///   - origin: who appends; control batches are the coordinator's alone.
    ///   - now: the wall clock, for checking timestamps and for the time of the append.
    /// - Returns: the offsets given out; where the log has a producer's batch already, those that it has (see
    ///   ``AppendResult/isDuplicate``).
    /// - Throws: why nothing was appended. The log is then as it was before. What a retry may mend says
    ///   ``LogError/isRetryable``.
    /// - Complexity: one pass over the bytes for the CRC, one over uncompressed records, one `pwrite`. May create a file if
    ///   the segment is full and housekeeping had no time to prepare the next one.
    public func append(
        _ batches: inout MutableRawSpan,
        origin: AppendOrigin = .client,
        at now: Timestamp = .now
    ) throws(LogError) -> AppendResult {
        try append(&batches, origin, at: now, asksForCommit: true)
    }

    /// Appends record batches and blocks the calling thread until they are on disk; see ``append(_:origin:at:)``.
    ///
    /// For writers that are threads. Whoever finds no commit of the log under way carries it out itself, for all who have
    /// appended until then: for a lone writer that saves two changes of threads an append.
    ///
    /// - Returns: the offsets given out, all of which are durable.
    /// - Throws: what ``append(_:origin:at:)`` throws; or, after the append, what ``waitUntilDurable(_:)`` throws: then the
    ///   batches are in the log, and may be on disk.
    @available(*, noasync, message: "This blocks the thread: use append(_:origin:at:) and waitUntilDurable(_:)")
    public func appendAndCommit(
        _ batches: inout MutableRawSpan,
        origin: AppendOrigin = .client,
        at now: Timestamp = .now
    ) throws(LogError) -> AppendResult {
        let result = try append(&batches, origin, at: now, asksForCommit: false)
        try commit(through: result.lastOffset)
        return result
    }

    private func append(
        _ batches: inout MutableRawSpan,
        _ origin: AppendOrigin,
        at now: Timestamp,
        asksForCommit: Bool
    ) throws(LogError) -> AppendResult {
        let summary: AppendValidator.Summary
        let configuration = configuration
        do {
            summary = try AppendValidator(configuration: configuration, origin: origin, now: now).validate(&batches)
        } catch {
            var error = error
            error.location.topicPartition = topicPartition
            throw error
        }
        let bytes = batches.byteCount
        var (result, wanted) = try appender.withLock { (appender) throws(LogError) -> (AppendResult, Wanted) in
            try append(&batches, summary, origin, at: now, &appender)
        }
        if result.isDuplicate { return result }
        if configuration.timestampType == .logAppendTime { result.logAppendTime = now }
        services.exposure.add(bytes)
        if wanted.contains(.commit), asksForCommit { requestCommit() }
        if wanted.contains(.commitInTime) { scheduleCommit() }
        if wanted.contains(.maintenance) { requestMaintenance() }
        if !isActive.load(ordering: .relaxed), !isActive.exchange(true, ordering: .acquiringAndReleasing) {
            services.housekeeper.noteActivity(of: self)
        }
        return result
    }

    /// Appends record batches held in an array; see ``append(_:origin:at:)``.
    public func append(
        _ batches: consuming [UInt8],
        origin: AppendOrigin = .client,
        at now: Timestamp = .now
    ) throws(LogError) -> AppendResult {
        var batches = batches
        return try batches.withMutableBytes { (bytes) throws(LogError) in
            try append(&bytes, origin: origin, at: now)
        }
    }

    /// What is to be done after an append, outside of the lock.
    private struct Wanted: OptionSet {
        var rawValue: Int
        static let commit = Wanted(rawValue: 1)
        /// A commit once `flush.ms` have passed.
        static let commitInTime = Wanted(rawValue: 2)
        static let maintenance = Wanted(rawValue: 4)
    }

    /// The part of an append that runs under the lock.
    private func append(
        _ batches: inout MutableRawSpan,
        _ summary: AppendValidator.Summary,
        _ origin: AppendOrigin,
        at now: Timestamp,
        _ appender: inout Appender
    ) throws(LogError) -> (AppendResult, Wanted) {
        if let failure { throw failure }
        // Under the lock it does not change. What the batches were checked by may be older.
        let configuration = configuration
        if appender.hasPartialWrite { try cutPartialWrite(&appender) }
        if summary.hasProducers {
            if let duplicate = try judge(batches.bytes, from: origin, appender) { return (duplicate, []) }
            try prepareForProducers(&appender)
        }
        let first = appender.nextOffset
        let (end, overflow) = first.rawValue.addingReportingOverflow(summary.offsetCount)
        guard !overflow else { throw error(.invalidRecord, "The log has no offsets left") }
        let last = Offset(end) + -1

        if appender.progress == nil {
            appender.progress =
                appender.active.writtenEnd == .start
                ? ActiveProgress(emptyAt: appender.active.baseOffset, configuration, at: now)
                : try ActiveProgress(continuing: appender.active, configuration)
            // From now on its indexes run ahead of their files.
            appender.active.isSettled = false
        }
        let size = RollPolicy.Append(
            bytes: batches.byteCount,
            lastOffset: last,
            maxTimestamp: summary.maxTimestamp,
            now: now
        )
        var wanted: Wanted = []
        if let progress = appender.progress, progress.policy.reason(toRoll: progress.fill, before: size) != nil {
            try roll(&appender, to: first, at: now)
            // A sealed segment is synced whatever `flush.messages` is, as in Kafka: the recovery point can then pass it, and
            // its file be closed.
            wanted.formUnion([.maintenance, .commit])
        }

        // Both lie outside the CRC.
        RecordBatchPatch.assign(offsetsFrom: first, partitionLeaderEpoch: services.leaderEpoch, toChecked: &batches)
        let start = appender.active.writtenEnd
        try write(batches.bytes, at: start, &appender)
        if summary.hasProducers { noteProducers(of: batches.bytes, at: now, &appender) }
        let unflushedIndexEntries = index(batches.bytes, at: start, in: &appender)
        if !appender.hasAssignedEpoch {
            _ = epochs.withLock { $0.assign(services.leaderEpoch, startOffset: first) }
            epochsChanged.store(true, ordering: .releasing)
            appender.hasAssignedEpoch = true
        }

        let segment = appender.active
        segment.publish(writtenEnd: start + batches.byteCount)
        appender.nextOffset = Offset(end)
        logEnd.move(to: Offset(end))
        if !isHeldToDurable.load(ordering: .acquiring) { readable.move(to: Offset(end)) }

        switch appender.unflushed.append(summary.offsetCount, configuration) {
        case .nothing: break
        case .commit: wanted.insert(.commit)
        case .timer: wanted.insert(.commitInTime)
        }
        if unflushedIndexEntries >= Maintenance.indexTailEntries
            || segment.writtenEnd.rawValue >= maintenanceDue.load(ordering: .relaxed)
        {
            wanted.insert(.maintenance)
        }
        let result = AppendResult(
            baseOffset: first,
            lastOffset: last,
            logAppendTime: nil,
            logStartOffset: logStartOffset
        )
        return (result, wanted)
    }

    /// Writes at the end of the active segment.
    ///
    /// After a failure the file ends where it did before.
    private func write(
        _ bytes: RawSpan,
        at position: FilePosition,
        _ appender: inout Appender
    ) throws(LogError) {
        let segment = appender.active
        do throws(IOError) {
            let handle = try segment.log.openForWriting()
            defer { segment.log.endWriting() }
            do throws(IOError) {
                try handle.file.write(bytes, at: position.rawValue)
            } catch {
                // What was written in part was never readable, and recovery takes it for the torn tail that it is.
                appender.hasPartialWrite = true
                try? cutPartialWrite(&appender)
                throw error
            }
        } catch {
            throw LogError(error, topicPartition)
        }
    }

    /// Cuts off what a failed write has left.
    private func cutPartialWrite(_ appender: inout Appender) throws(LogError) {
        do {
            try appender.active.log.open().file.truncate(to: appender.active.writtenEnd.rawValue)
            appender.hasPartialWrite = false
        } catch {
            throw LogError(error, topicPartition)
        }
    }

    /// Enters the batches into the indexes.
    ///
    /// Returns how many entries wait to be written out.
    private func index(_ bytes: RawSpan, at start: FilePosition, in appender: inout Appender) -> Int {
        guard var progress = appender.progress.take() else { return 0 }
        let segment = appender.active
        var waiting = 0
        var position = 0
        while position < bytes.byteCount {
            let batch = BatchOutline(ofChecked: bytes, at: position)
            if let entries = progress.append(batch, at: start + position) {
                waiting = segment.offsetIndex.append(entries.offset)
                if let time = entries.time { waiting = max(waiting, segment.timeIndex.append(time)) }
            }
            position += batch.byteCount
        }
        // What an index tells of a segment's earlier batches is for those who search to check.
        if let largest = progress.indexer.largest, segment.knownLargestTimestamp != nil {
            segment.publish(largestTimestamp: largest.timestamp)
        }
        appender.progress = progress
        return waiting
    }

    /// Seals the active segment and begins the next one at `baseOffset`.
    private func roll(_ appender: inout Appender, to baseOffset: Offset, at now: Timestamp) throws(LogError) {
        let name = SegmentFileName(baseOffset: baseOffset, kind: .log)
        let path = directory.appending(name.description)
        let file: File
        do throws(IOError) {
            if let prepared = try appender.takePrepared(as: path) {
                file = prepared
            } else {
                file = try File.open(path, .readWrite, create: .mustNotExist)
            }
        } catch {
            throw LogError(error, topicPartition)
        }
        if appender.hasProducerSnapshot { appender.snapshotToWrite = (baseOffset, appender.producers) }
        let sealed = appender.active
        if let entry = appender.progress?.indexer.closingTimeEntry() { _ = sealed.timeIndex.append(entry) }
        let segment = Segment(
            baseOffset: baseOffset,
            in: directory,
            cache: services.cache,
            handle: FileHandle(file),
            size: .start,
            isSettled: false,
            indexCounts: (0, 0)
        )
        appender.active = segment
        appender.progress = ActiveProgress(emptyAt: baseOffset, configuration, at: now)
        isDirectoryUnsynced.store(true, ordering: .releasing)
        segmentList.withLock { $0.append(segment) }
    }
}
