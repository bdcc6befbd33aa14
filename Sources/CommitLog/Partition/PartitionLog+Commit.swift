import LinuxIO
import Logging
import RecordBatch
import Synchronization
import SystemPackage

extension PartitionLog {
    /// Asks for a commit round, unless one is asked for already.
    func requestCommit() {
        if !isCommitRequested.exchange(true, ordering: .acquiringAndReleasing) {
            services.committer.enqueue(self)
        }
    }

    /// Asks for a commit round once `flush.ms` have passed, for records that `flush.messages` lets wait.
    func scheduleCommit() {
        services.housekeeper.schedule(after: .milliseconds(configuration.flushMs)) { [weak self] in
            guard let self else { return }
            if appender.withLock({ $0.unflushed.timeIsUp() }) { requestCommit() }
        }
    }

    /// On the committer's thread, as a round begins: what the round will make durable.
    ///
    /// `nil` after a failed sync: a later one that succeeds would mean nothing.
    func beginCommit() -> LogCommit? {
        if hasFailedSync.load(ordering: .acquiring) { return nil }
        // Before the end is read, so that an append that is missed here asks for the next round.
        isCommitRequested.store(false, ordering: .sequentiallyConsistent)
        var state = durableState.withLock(\.self)
        let (endOffset, includesDirectory) = appender.withLock { appender in
            state.segment = appender.active.baseOffset
            if let progress = appender.progress {
                let largest = progress.indexer.largest
                state.times = .largest(largest ?? .init(timestamp: .none, offset: state.segment))
            }
            // Under the lock: a roll after the question and before the end is read would make an offset durable in a file
            // whose name is not.
            return (appender.nextOffset, isDirectoryUnsynced.exchange(false, ordering: .acquiringAndReleasing))
        }
        let segments = self.segments
        var targets: [LogCommit.Target] = []
        for segment in segments.reversed() {
            let end = segment.writtenEnd
            if let (handle, mark) = segment.log.beginSync() {
                targets.append(.init(segment: segment, handle: handle, mark: mark, end: end))
            } else if segment !== segments.last {
                break  // Segments are written, and so synced, in order.
            }
        }
        return LogCommit(
            log: self,
            targets: targets,
            endOffset: endOffset,
            state: state,
            includesDirectory: includesDirectory
        )
    }

    /// On the committer's thread: publishes what a round made durable.
    func finishCommit(_ commit: LogCommit) {
        // Positions and offset in one, for the checkpoint.
        let isCurrent = durableState.withLock { state in
            for target in commit.targets {
                target.segment.log.endSync(mark: target.mark)
                services.exposure.subtract(target.segment.publish(durableEnd: target.end))
            }
            guard state.truncations == commit.state.truncations else { return false }
            if commit.endOffset > durable.current {
                // A cut may have been announced since the round began.
                let cut = state.cut
                state = commit.state
                state.cut = cut
                durable.move(to: commit.endOffset)
            }
            return true
        }
        if isCurrent { services.housekeeper.noteProgress() } else { requestCommit() }
    }

    /// On the committer's thread: a sync failed, which is final.
    ///
    /// The kernel counts the pages as clean now, so neither another sync nor reading them back would tell whether the
    /// disk has them.
    func failCommit(_ cause: IOError) {
        // Nothing of a deleted log can be lost, and its directory's name may be another log's by now.
        if failure?.code == .deleted { return }
        hasFailedSync.store(true, ordering: .releasing)
        let error = error(
            .readOnly,
            "An fsync failed, so the log takes no more appends until it is reopened (durable up to offset \(durableOffset)): \(cause)",
            cause: cause
        )
        services.logger.critical("\(error)")
        leaveUnsyncedMark()
        stopAppends(error)
        durable.close(error)
        if !configuration.isDurableByDefault { logEnd.close(error) }
    }

    /// Tells the next opening that the page cache is not to be believed.
    func leaveUnsyncedMark() {
        // Only the page cache needs to hold the mark: it lasts as long as the pages of which it warns.
        do {
            _ = try File.open(directory.appending(UnsyncedMark.fileName), .readWrite, create: .ifMissing)
        } catch {
            services.logger.error("No mark could be left for the next opening: \(error)")
        }
    }
}

/// The file that tells the next opening of a log that an fsync had failed: what the page cache shows above the last durable
/// offset may not be on disk, and has to be written again.
enum UnsyncedMark {
    static let fileName = "millrace-fsync-failed"
}
