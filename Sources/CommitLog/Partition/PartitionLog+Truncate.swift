import LinuxIO
public import RecordBatch
import Synchronization
import SystemPackage

extension PartitionLog {
    /// Removes what lies below `offset`: moves the log start offset up to it, and deletes the segments that end there.
    ///
    /// The new start is durable when this returns. Slices of deleted segments that are in use stay valid.
    ///
    /// - Parameter offset: at most the high watermark. Below the log start offset nothing happens.
    /// - Throws: ``LogError/Code/offsetOutOfRange`` beyond the high watermark; what kept the files from being deleted.
    public func truncateHead(to offset: Offset) async throws(LogError) {
        try await services.housekeeper.run { () throws(LogError) in
            try self.maintenance.withLock { (_) throws(LogError) in try self.cutHead(to: offset) }
        }
    }

    private func cutHead(to offset: Offset) throws(LogError) {
        if let failure { throw failure }
        guard offset <= highWatermark else {
            throw outOfRange(offset, "The log cannot start at offset \(offset), past what can be read of it")
        }
        let start = logStartOffset
        guard offset > start else { return }
        startOffset.store(offset.rawValue, ordering: .releasing)
        // First the checkpoint, then the files: a crash in between must not bring records back.
        do {
            try services.checkpoints.writeStartOffsets()
        } catch {
            startOffset.store(start.rawValue, ordering: .releasing)
            throw error
        }
        let removed = segmentList.withLock { $0.removeHead(upTo: offset) }
        _ = epochs.withLock { $0.truncateFromStart(offset) }
        epochsChanged.store(true, ordering: .releasing)
        do {
            for segment in removed {
                segment.forgetExposure(in: services.exposure)
                try segment.remove(renamingIn: directory)
            }
        } catch {
            throw LogError(error, topicPartition)
        }
    }

    /// Removes what lies at or above `offset`, as a follower does whose leader has other records there.
    ///
    /// The file of the segment that is cut is not shortened, since bytes of it may still be queued in a socket: what is kept
    /// is copied to a new file that takes its name. Durable when this returns. Waits for a disk: not for a reactor's thread.
    ///
    /// - Parameter offset: from the log start offset to the log end offset. The log ends there, or, where that lies within
    ///   a batch, at the batch's base offset; if that lies below the log start offset, nothing is left.
    /// - Throws: ``LogError/Code/offsetOutOfRange`` outside of these bounds; what kept the files from being changed, after
    ///   which the log refuses appends until it is reopened.
    public func truncateTail(to offset: Offset) throws(LogError) {
        try maintenance.withLock { (maintenance) throws(LogError) in
            if let failure { throw failure }
            guard (logStartOffset...logEndOffset).contains(offset) else {
                throw outOfRange(offset, "The log cannot be cut at offset \(offset)")
            }
            guard offset < logEnd.current, let boundary = try announceCut(at: offset) else { return }
            try appender.withLock { (appender) throws(LogError) in
                if let failure { throw failure }
                do {
                    try cut(to: boundary, &appender)
                } catch {
                    let failure = self.error(
                        .readOnly,
                        "Cutting the log at offset \(offset) failed half way: \(error)",
                        cause: error
                    )
                    refusal.set(failure)
                    throw failure
                }
                maintenance.reservation = SpaceReservation(
                    segment: appender.active.baseOffset,
                    written: appender.active.writtenEnd,
                    at: services.housekeeper.seconds
                )
            }
        }
        try persistEpochs()
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
        epochsChanged.store(true, ordering: .releasing)
        do {
            try services.checkpoints.writeAll()
        } catch {
            durableState.withLock { $0.cut = nil }
            epochsChanged.store(true, ordering: .releasing)
            throw error
        }
        return boundary
    }

    private func cut(to boundary: Segment.Boundary, _ appender: inout Appender) throws(LogError) {
        let segments = self.segments
        guard let index = SegmentList(segments).floorIndex(of: boundary.offset) else { return }
        let segment = segments[index]
        do {
            // From the end, so that a crash leaves a log that is merely longer.
            for removed in segments[(index + 1)...].reversed() { try removed.remove(renamingIn: directory) }
            appender.prepared = nil
            // A log does not end below its start, so that what is appended next can be read.
            let end = max(boundary.offset, logStartOffset)
            let kept: Segment
            if end > boundary.offset {
                for removed in segments[...index].reversed() { try removed.remove(renamingIn: directory) }
                kept = try Segment.create(at: end, in: directory, cache: services.cache)
            } else {
                kept = try segment.prefix(upTo: boundary, in: directory, services.cache)
            }
            try FileSystem.synchronizeDirectory(directory)

            segmentList.withLock { list in
                _ = list.removeTail(from: end > boundary.offset ? 0 : index)
                list.append(kept)
            }
            appender.active = kept
            appender.progress = nil
            appender.nextOffset = end
            appender.hasAssignedEpoch = false
            for segment in segments[index...] { segment.forgetExposure(in: services.exposure) }
            // As long as the cut is announced, lest a checkpoint names an epoch's old beginning.
            _ = epochs.withLock { $0.truncateFromEnd(end) }
            epochsChanged.store(true, ordering: .releasing)
            durableState.withLock { state in
                state.truncations += 1
                state.segment = kept.baseOffset
                state.times = .unknown
                state.cut = nil
                // Everything below is on disk: the segments before were synced on the way, or are by the next commit.
                if durable.current > end { durable.move(to: end) }
                logEnd.move(to: end)
            }
            // Before another record can take the offset that somebody waits for.
            let error = outOfRange(end, "The log was cut at offset \(end)")
            for gate in [durable, logEnd] { gate.fail(beyond: end, error) }
        } catch {
            throw LogError(error, topicPartition)
        }
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
