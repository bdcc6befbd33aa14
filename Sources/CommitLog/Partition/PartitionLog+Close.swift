import LinuxIO
import RecordBatch
import Synchronization
import SystemPackage

extension PartitionLog {
    /// Whether the log was found damaged when it was opened.
    var isFenced: Bool { failure?.code == .fenced }

    /// The offset below which the log and its indexes are on disk: what Kafka calls the recovery point.
    var recoveryPoint: Offset { durableState.withLock { recoveryPoint($0) } }

    private func recoveryPoint(_ state: DurableState) -> Offset {
        let unsettled = segments.dropLast().first { !$0.isSettled }
        let settled = min(durable.current, unsettled?.baseOffset ?? durable.current)
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
                epochStart: latest?.startOffset ?? Offset(0)
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
        try ownsDirectory.withLock { (owns) throws(LogError) in
            guard owns, epochsChanged.exchange(false, ordering: .acquiringAndReleasing) else { return }
            do throws(IOError) {
                try FileSystem.replaceFile(
                    directory.appending(LeaderEpochCache.fileName),
                    contents: epochs(below: durableState.withLock(\.cut)).encoded()
                )
            } catch {
                epochsChanged.store(true, ordering: .releasing)
                throw LogError(error, topicPartition)
            }
        }
    }

    /// Makes everything durable and ends the log's use.
    ///
    /// Waits for the disk.
    ///
    /// - Parameter closed: what later calls are refused with.
    /// - Returns: what kept the log from being closed cleanly: that it is fenced or read-only, or what failed just now.
    func close(_ closed: LogError) -> LogError? {
        let earlier = failure
        stopAppends(closed)
        defer {
            durable.close(closed)
            logEnd.close(closed)
        }
        if let earlier { return earlier }
        do {
            try maintenance.withLock { (_) throws(IOError) in try settleAll() }
            try persistEpochs()
            return nil
        } catch let error as IOError {
            if error.call == .fdatasync { leaveUnsyncedMark() }
            return LogError(error, topicPartition)
        } catch {
            return error as? LogError
        }
    }

    /// Ends the log's use and takes its directory out of sight.
    func delete(renamingTo doomed: FilePath) throws(IOError) {
        let deleted = error(.deleted, "The log was deleted")
        stopAppends(deleted)
        durable.close(deleted)
        logEnd.close(deleted)
        try maintenance.withLock { (_) throws(IOError) in
            for segment in segments {
                segment.forgetExposure(in: services.exposure)
                segment.discardFiles()
            }
            segmentList.withLock { $0 = SegmentList([]) }
            try ownsDirectory.withLock { (owns) throws(IOError) in
                try FileSystem.rename(from: directory, to: doomed)
                owns = false
            }
        }
    }

    /// Refuses every append from now on.
    func stopAppends(_ reason: LogError) {
        // Under the lock, so that no append is under way when this returns.
        appender.withLock { _ in refusal.set(reason) }
    }

    /// Brings all files into their final form and onto the disk.
    private func settleAll() throws(IOError) {
        let (active, isTouched, closingEntry, prepared) = appender.withLock { appender in
            let prepared = appender.dropPrepared()
            return (appender.active, appender.progress != nil, appender.progress?.indexer.closingTimeEntry(), prepared)
        }
        if let prepared { try FileSystem.removeFile(prepared) }
        guard isTouched || durable.current < logEnd.current else { return }
        if let closingEntry { _ = active.timeIndex.append(closingEntry) }
        try settleSealedSegments()
        try active.log.open().file.truncate(to: active.writtenEnd.rawValue)
        try active.offsetIndex.settle()
        try active.timeIndex.settle()
        for segment in segments {
            guard let (handle, mark) = segment.log.beginSync() else { continue }
            try handle.file.synchronizeData()
            segment.log.endSync(mark: mark)
            services.exposure.subtract(segment.publish(durableEnd: segment.writtenEnd))
        }
        active.isSettled = true
        try FileSystem.synchronizeDirectory(directory)
        durable.move(to: logEnd.current)
    }
}
