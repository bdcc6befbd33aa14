import LinuxIO
import Logging
public import RecordBatch
import Synchronization
import SystemPackage

extension PartitionLog {
    /// Removes what lies below `offset`: moves the log start offset up to it, and deletes the segments that end there.
    ///
    /// The new start is durable when this returns. Slices of deleted segments that are in use stay valid.
    ///
    /// - Parameter offset: at most the high watermark. Below the log start offset nothing happens.
    /// - Throws: ``LogError/Code/offsetOutOfRange`` beyond the high watermark; what kept the new start from being written, and
    ///   then the log starts where it did; what kept the files from being deleted, which is tried again by the next call.
    public func truncateHead(to offset: Offset) async throws(LogError) {
        try await services.housekeeper.run { () throws(LogError) in
            try self.maintenance.withLock { (maintenance) throws(LogError) in
                try self.cutHead(to: offset, &maintenance)
            }
        }
    }

    private func cutHead(to offset: Offset, _ maintenance: inout Maintenance) throws(LogError) {
        if let failure { throw failure }
        guard offset <= highWatermark else {
            throw outOfRange(offset, "The log cannot start at offset \(offset), past what can be read of it")
        }
        // Behind it the segments' batches are not needed to know their producers. Without room for it, room is to be made.
        do {
            try writeProducerSnapshot()
        } catch {
            if error.isFailedSync { failSync(error) }
            guard error.isOutOfSpace else { throw commitRefusal.current ?? LogError(error, topicPartition) }
        }
        if offset > logStartOffset { try moveStart(to: offset, &maintenance) }
        try removeDelisted(&maintenance)
    }

    private func removeDelisted(_ maintenance: inout Maintenance) throws(LogError) {
        do {
            try finishRemovals(&maintenance)
        } catch {
            throw LogError(error, topicPartition)
        }
    }

    /// Moves the log start offset, durably, and takes the segments below it off the list.
    private func moveStart(to offset: Offset, _ maintenance: inout Maintenance) throws(LogError) {
        let start = logStartOffset
        startOffset.store(offset.rawValue, ordering: .releasing)
        // First the checkpoint, then the files: a crash in between must not bring records back.
        do {
            try services.checkpoints.writeStartOffsets()
        } catch {
            do throws(LogError) {
                guard error.code == .outOfSpace else { throw error }
                // The checkpoint has no room until segments are gone; meanwhile the first that stays tells the start by its
                // name, since they go in order.
                delistSegments(upTo: offset, &maintenance)
                try removeDelisted(&maintenance)
                try services.checkpoints.writeStartOffsets()
            } catch {
                let first = segments.first?.baseOffset ?? start
                startOffset.store(max(start, first).rawValue, ordering: .releasing)
                throw error
            }
        }
        delistSegments(upTo: offset, &maintenance)
        _ = epochs.withLock { $0.truncateFromStart(offset) }
        epochsChanged.store(true, ordering: .releasing)
    }

    /// Takes the segments that end at or below `offset` off the list, so that their files are removed.
    private func delistSegments(upTo offset: Offset, _ maintenance: inout Maintenance) {
        let removed = segmentList.withLock { $0.removeHead(upTo: offset) }
        for segment in removed { segment.forgetExposure(in: services.exposure) }
        maintenance.removals += removed.map { .init(segment: $0) }
    }

    /// Removes what lies at or above `offset`, as a follower does whose leader has other records there.
    ///
    /// The file of the segment that is cut is not shortened, since bytes of it may still be queued in a socket: what is kept
    /// is copied to a new file that takes its name. Durable when this returns. Waits for a disk: not for a reactor's thread.
    ///
    /// - Parameter offset: from the log start offset to the log end offset. The log ends there, or, where that lies within
    ///   a batch, at the batch's base offset; if that lies below the log start offset, nothing is left.
    /// - Throws: ``LogError/Code/offsetOutOfRange`` outside of these bounds; what kept the log from being cut, which is then as
    ///   it was; ``LogError/Code/readOnly`` if it failed half way, after which the log has to be reopened.
    public func truncateTail(to offset: Offset) throws(LogError) {
        try maintenance.withLock { (maintenance) throws(LogError) in
            if let failure { throw failure }
            guard (logStartOffset...logEndOffset).contains(offset) else {
                throw outOfRange(offset, "The log cannot be cut at offset \(offset)")
            }
            guard offset < logEnd.current, let boundary = try announceCut(at: offset) else { return }
            let producers: ProducerStates?
            do throws(LogError) {
                producers = try prepareProducers(forCutAt: boundary.offset)
            } catch {
                takeBackCut()
                throw commitRefusal.current ?? error
            }
            let isRefused: Bool
            do throws(IOError) {
                isRefused = try appender.withLock { (appender) throws(IOError) in
                    if failure != nil { return true }
                    try cut(to: boundary, producers, &appender, &maintenance)
                    maintenance.reservation = SpaceReservation(
                        segment: appender.active.baseOffset,
                        written: appender.active.writtenEnd,
                        at: services.housekeeper.seconds
                    )
                    return false
                }
            } catch {
                if error.isFailedSync { failSync(error) }
                takeBackCut()
                throw commitRefusal.current ?? LogError(error, topicPartition)
            }
            if isRefused, let failure { throw failure }
            // The log is cut. What is left to do is done again later if it fails.
            do {
                try finishRemovals(&maintenance)
                try persistEpochs()
            } catch {
                services.logger.warning(
                    "\(topicPartition) was cut at offset \(offset), and left something behind: \(error)"
                )
            }
        }
    }

    /// Finds where the log is to be cut, and takes back what the checkpoint promises beyond that.
    ///
    /// First the checkpoint, then the files: otherwise, after a crash in between, what was cut off would be missed as durable
    /// data that was lost.
    private func announceCut(at offset: Offset) throws(LogError) -> Segment.Boundary? {
        let segments = self.segments
        guard let index = SegmentList(segments).floorIndex(of: offset) else { return nil }
        let boundary = try segments[index].boundary(of: offset)
        durableState.withLock {
            $0.cut = .init(segment: segments[index].baseOffset, position: boundary.position, offset: boundary.offset)
        }
        do {
            try services.checkpoints.writeDurable()
            durableState.withLock { $0.cut?.isAnnounced = true }
            epochsChanged.store(true, ordering: .releasing)
            try services.checkpoints.writeAll()
        } catch {
            takeBackCut()
            throw error
        }
        return boundary
    }

    /// Lets the checkpoint promise again what it did, unless the cut has begun.
    private func takeBackCut() {
        if commitRefusal.current != nil { return }
        durableState.withLock { $0.cut = nil }
        epochsChanged.store(true, ordering: .releasing)
        services.housekeeper.noteProgress()
    }

    private func cut(
        to boundary: Segment.Boundary,
        _ producers: ProducerStates?,
        _ appender: inout Appender,
        _ maintenance: inout Maintenance
    ) throws(IOError) {
        let segments = self.segments
        guard let index = SegmentList(segments).floorIndex(of: boundary.offset) else { return }
        let segment = segments[index]
        // A log does not end below its start, so that what is appended next can be read.
        let end = max(boundary.offset, logStartOffset)
        let isEmptied = end > boundary.offset
        let first = isEmptied ? 0 : index
        appender.prepared = nil
        var prefix: Segment.Prefix?
        if !isEmptied { prefix = try segment.copyPrefix(upTo: boundary, in: directory) }

        // From here on nothing can be taken back.
        let kept: Segment
        do {
            kept = try withDirectorySync { () throws(IOError) in
                if appender.hasProducerSnapshot { try removeProducerSnapshots(above: boundary.offset) }
                // From the end, so that a crash leaves a log that is merely longer.
                for removed in segments[(isEmptied ? 0 : index + 1)...].reversed() {
                    try removed.takeOut(of: directory)
                    maintenance.removals.append(.init(segment: removed, isOut: true))
                }
                let kept =
                    if let prefix = prefix.take() {
                        try segment.replace(with: prefix, in: directory, services.cache)
                    } else {
                        try Segment.create(at: end, in: directory, cache: services.cache)
                    }
                try FileSystem.synchronizeDirectory(directory)
                return kept
            }
        } catch {
            failCut(at: end, error)
            throw error
        }

        segmentList.withLock { list in
            _ = list.removeTail(from: first)
            list.append(kept)
        }
        appender.active = kept
        appender.progress = nil
        appender.nextOffset = end
        appender.hasAssignedEpoch = false
        appender.hasPartialWrite = false
        // The first may have come after it was looked for: behind the cut.
        appender.producers = producers ?? ProducerStates()
        appender.hasProducerSnapshot = producers != nil
        appender.snapshotToWrite = nil
        for segment in segments[first...] { segment.forgetExposure(in: services.exposure) }
        // As long as the cut is announced, lest a checkpoint names an epoch's old beginning.
        _ = epochs.withLock { $0.truncateFromEnd(end) }
        epochsChanged.store(true, ordering: .releasing)
        durableState.withLock { state in
            state.truncations += 1
            state.segment = kept.baseOffset
            state.times = .unknown
            state.cut = nil
            // What is kept of the segment is on disk now, and so is all below if the segments before it were; otherwise the
            // next commit syncs them. Position and offset go together, for the checkpoint.
            if isEmptied || durable.current >= kept.baseOffset { durable.move(to: end) }
            logEnd.move(to: end)
            let isHeld = isHeldToDurable.load(ordering: .acquiring)
            readable.move(to: isHeld ? max(durable.current, min(readable.current, end)) : end)
        }
        // Before another record can take the offset that somebody waits for.
        let error = outOfRange(end, "The log was cut at offset \(end)")
        for gate in [durable, readable, logEnd] { gate.fail(beyond: end, error) }
    }

    /// Ends the log's use for appends and commits, with the appender's lock held: nobody knows any more where it ends.
    private func failCut(at end: Offset, _ cause: IOError) {
        let failure = error(
            .readOnly,
            "Cutting the log at offset \(end) failed half way, so it takes no more appends until it is reopened: \(cause)",
            cause: cause
        )
        services.logger.critical("\(failure)")
        // A commit under way may speak of offsets that are gone.
        durableState.withLock { $0.truncations += 1 }
        commitRefusal.set(failure)
        refusal.set(failure)
        closeGates(failure)
    }

    func outOfRange(_ offset: Offset, _ message: String) -> LogError {
        let available = logStartOffset..<max(logStartOffset, highWatermark)
        return LogError(
            .offsetOutOfRange,
            "\(message): offsets from \(available.lowerBound) up to \(available.upperBound) are available",
            at: .init(topicPartition, offset: offset),
            availableOffsets: available
        )
    }
}
