import LinuxIO
import Logging
import RecordBatch
import Synchronization
import SystemPackage

extension PartitionLog {
    /// Whether the log could not be opened.
    var isFenced: Bool { fence != nil }

    /// The offset below which the log and its indexes are on disk: what Kafka calls the recovery point.
    var recoveryPoint: Offset { durableState.withLock { recoveryPoint($0) } }

    private func recoveryPoint(_ state: DurableState) -> Offset {
        let segments = self.segments
        var settled = durable.current
        if let unsettled = segments.first(where: { !$0.isSettled }) {
            // The active segment's indexes are ahead of their files. So it has to be the one that the recovery point lies in,
            // even if it ends at the durable offset and is sealed there.
            let isActive = unsettled === segments.last
            settled = min(settled, isActive ? max(unsettled.baseOffset, settled + -1) : unsettled.baseOffset)
        }
        return min(settled, state.cut?.offset ?? settled)
    }

    /// How far the log is on disk, for the checkpoint.
    var durableEntry: DurableCheckpoint.Entry? {
        durableState.withLock { state in
            let offset = durable.current
            let segments = self.segments
            guard let index = SegmentList(segments).floorIndex(of: offset) else { return nil }
            // At a segment's first offset nothing of it has to be durable; the one before says more.
            var segment = segments[index]
            if segment.durableEnd == .start, index > 0 { segment = segments[index - 1] }
            let latest = epochs(below: state.cut).latest
            var times = segment.baseOffset == state.segment ? state.times : .unknown
            if segment.isSettled { times = .settled }
            var entry = DurableCheckpoint.Entry(
                start: logStartOffset,
                recoveryPoint: recoveryPoint(state),
                segment: segment.baseOffset,
                position: segment.durableEnd,
                offset: offset,
                times: times,
                epoch: latest?.epoch ?? .none,
                epochStart: latest?.startOffset ?? Offset(0),
                writer: services.leaderEpoch
            )
            if let cut = state.cut { entry.lower(to: cut) }
            return entry
        }
    }

    /// The list of epochs, without those that begin in what is about to be cut off: after the cut the same epoch may begin
    /// lower, and recovery would take the batches of its new beginning for damaged ones.
    private func epochs(below cut: DurableState.Cut?) -> LeaderEpochCache {
        var list = epochs.withLock(\.self)
        if let cut { list.truncateFromEnd(cut.offset) }
        return list
    }

    /// Writes the list of epochs, if it has changed since it was written.
    func persistEpochs() throws(LogError) {
        guard epochsChanged.load(ordering: .acquiring) else { return }
        do {
            try withDirectorySync { () throws(IOError) in
                guard epochsChanged.exchange(false, ordering: .acquiringAndReleasing) else { return }
                do throws(IOError) {
                    try FileSystem.replaceFile(
                        directory.appending(LeaderEpochCache.fileName),
                        contents: epochs(below: durableState.withLock { $0.announcedCut }).encoded()
                    )
                } catch {
                    epochsChanged.store(true, ordering: .releasing)
                    throw error
                }
            }
        } catch {
            if failure?.code == .deleted { return }
            if error.isFailedSync { failSync(error) }
            throw LogError(error, topicPartition)
        }
    }

    /// Makes everything durable and ends the log's use, after ``stopAppends(_:)``.
    ///
    /// Waits for the disk. No file is open afterwards, whatever fails, but those of slices.
    ///
    /// - Parameter closed: what later calls are refused with.
    /// - Returns: what kept the log from being closed cleanly: that it is fenced or read-only, or what failed just now.
    func close(_ closed: LogError) -> LogError? {
        // So that no file is synced by two: see `CachedFile.synchronize`.
        endCommits()
        return maintenance.withLock { _ in
            defer {
                for gate in [durable, readable, logEnd] { gate.close(closed) }
                commitsEnded.signal()
                for segment in segments { segment.discardFiles() }
            }
            if failure?.code == .deleted { return nil }
            removePrepared()
            if let earlier = fence ?? commitRefusal.current { return earlier }
            do throws(LogError) {
                do throws(IOError) {
                    try settleAll()
                    try writeClosingProducerSnapshot()
                } catch {
                    if error.isFailedSync { failSync(error) }
                    throw LogError(error, topicPartition)
                }
                try persistEpochs()
                return nil
            } catch {
                return error
            }
        }
    }

    /// Takes the log's directory out of sight, durably, and ends its use.
    ///
    /// If the directory cannot be renamed, the log is as it was.
    func delete(renamingTo doomed: FilePath) throws(LogError) {
        let deleted = error(.deleted, "The log was deleted")
        try maintenance.withLock { (_) throws(LogError) in
            // Under the lock, so that no append makes a file meanwhile.
            let unsynced = try appender.withLock { (appender) throws(LogError) -> IOError? in
                if let failure, failure.code == .closed || failure.code == .deleted { throw failure }
                var unsynced: IOError?
                // Under this lock too, so that nothing is written into the directory of another log of that name.
                try directoryUse.withLock { (use) throws(LogError) in
                    do throws(IOError) {
                        try FileSystem.renameDurably(from: directory, to: doomed)
                    } catch {
                        guard error.isFailedSync else { throw LogError(error, topicPartition) }
                        unsynced = error
                    }
                    use.isGone = true
                    refusal.set(deleted)
                }
                _ = appender.dropPrepared()
                return unsynced
            }
            for gate in [durable, readable, logEnd] { gate.close(deleted) }
            commitsEnded.signal()
            for segment in segments {
                segment.forgetExposure(in: services.exposure)
                segment.discardFiles()
            }
            segmentList.withLock { $0 = SegmentList([]) }
            if let unsynced { throw LogError(unsynced, topicPartition) }
        }
    }

    /// Refuses every append from now on.
    func stopAppends(_ reason: LogError) {
        // Under the lock, so that no append is under way when this returns.
        appender.withLock { _ in refusal.set(reason) }
    }

    /// Brings all files into their final form and onto the disk.
    private func settleAll() throws(IOError) {
        let (active, isTouched, closingEntry) = appender.withLock { appender in
            (appender.active, appender.progress != nil, appender.progress?.indexer.closingTimeEntry())
        }
        guard isTouched || durable.current < logEnd.current else { return }
        if let closingEntry { _ = active.timeIndex.append(closingEntry) }
        try settleSealedSegments()
        try active.log.open().file.truncate(to: active.writtenEnd.rawValue)
        try active.offsetIndex.settle()
        try active.timeIndex.settle()
        for segment in segments { try segment.log.synchronize() }
        try synchronizeDirectory()
        active.isSettled = true
        // Only now, and in one, for the checkpoint: a position that promises more than the offset would be damage.
        durableState.withLock { _ in
            for segment in segments { services.exposure.subtract(segment.publish(durableEnd: segment.writtenEnd)) }
            publish(durable: logEnd.current)
        }
    }

    /// Closes the file that was made for the next segment, and takes it away.
    private func removePrepared() {
        guard let prepared = appender.withLock({ $0.dropPrepared() }) else { return }
        do {
            try FileSystem.removeFile(prepared)
        } catch {
            services.logger.warning("\(prepared) stays until the next opening: \(error)")
        }
    }
}
