import LinuxIO
import Logging
import RecordBatch
import Synchronization
import SystemPackage

extension PartitionLog {
    /// Asks for a commit, unless one is asked for already.
    func requestCommit() {
        if commitClaim.withLock({ $0.request() }) { services.committer.run(self) }
    }

    /// On a thread of the committer: carries out the commit that was asked for, unless another thread has, and what is asked
    /// for meanwhile.
    func commitAsRequested() {
        while commitClaim.withLock({ $0.begin() }) {
            commit()
            let isWanted = commitClaim.withLock { $0.end() }
            commitsEnded.signal()
            if !isWanted { return }
        }
    }

    /// Waits on the calling thread until the record at `offset` and everything before it is on disk; if no commit is under
    /// way, it is carried out right here.
    func commit(through offset: Offset) throws(LogError) {
        let truncations = durableState.withLock(\.truncations)
        while true {
            let seen = commitsEnded.current
            if durable.current > offset { return }
            if let closed = durable.closed { throw closed }
            guard truncations == durableState.withLock(\.truncations) else {
                throw outOfRange(offset, "The log was cut below offset \(offset)")
            }
            guard commitClaim.withLock({ $0.beginUnasked() }) else {
                commitsEnded.wait(past: seen)
                continue
            }
            commit()
            let isWanted = commitClaim.withLock { $0.end() }
            commitsEnded.signal()
            if isWanted { services.committer.run(self) }
            // A log that refuses appends may have stopped committing too.
            if durable.current <= offset, let failure { throw failure }
        }
    }

    /// Makes durable what was appended so far, with the claim held.
    private func commit() {
        guard let commit = beginCommit() else { return }
        services.committer.noteCommit()
        do {
            try commit.synchronize(directory)
            finishCommit(commit)
        } catch {
            failCommit(error)
        }
    }

    /// Asks for a commit once `flush.ms` have passed, for records that `flush.messages` lets wait.
    func scheduleCommit() {
        services.housekeeper.schedule(after: .milliseconds(configuration.flushMs)) { [weak self] in
            guard let self else { return }
            if appender.withLock({ $0.unflushed.timeIsUp() }) { requestCommit() }
        }
    }

    /// As a commit begins: what it will make durable.
    ///
    /// With the claim held, so that an append that is missed here asks for the next commit. `nil` after a failed sync: a later
    /// one that succeeds would mean nothing.
    func beginCommit() -> LogCommit? {
        if hasFailedSync.load(ordering: .acquiring) { return nil }
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
            targets: targets,
            endOffset: endOffset,
            state: state,
            includesDirectory: includesDirectory
        )
    }

    /// Publishes what a commit made durable.
    func finishCommit(_ commit: LogCommit) {
        // Positions and offset in one, for the checkpoint.
        let isCurrent = durableState.withLock { state in
            for target in commit.targets {
                target.segment.log.endSync(mark: target.mark)
                services.exposure.subtract(target.segment.publish(durableEnd: target.end))
            }
            guard state.truncations == commit.state.truncations else { return false }
            if commit.endOffset > durable.current {
                // A cut may have been announced since the commit began.
                let cut = state.cut
                state = commit.state
                state.cut = cut
                durable.move(to: commit.endOffset)
            }
            return true
        }
        if isCurrent { services.housekeeper.noteProgress() } else { requestCommit() }
    }

    /// Takes note that a sync failed, which is final.
    ///
    /// The kernel counts the pages as clean now, so neither another sync nor reading them back would tell whether the
    /// disk has them.
    func failCommit(_ cause: IOError) {
        // Nothing of a deleted log can be lost.
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
        ownsDirectory.withLock { owns in
            guard owns else { return }
            do {
                _ = try File.open(directory.appending(UnsyncedMark.fileName), .readWrite, create: .ifMissing)
            } catch {
                services.logger.error("No mark could be left for the next opening: \(error)")
            }
        }
    }
}

/// The file that tells the next opening of a log that an fsync had failed: what the page cache shows above the last durable
/// offset may not be on disk, and has to be written again.
enum UnsyncedMark {
    static let fileName = "millrace-fsync-failed"
}
