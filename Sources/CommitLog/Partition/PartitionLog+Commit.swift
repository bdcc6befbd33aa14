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
            _ = commit()
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
            let mayGoOn = commit()
            let isWanted = commitClaim.withLock { $0.end() }
            commitsEnded.signal()
            if isWanted { services.committer.run(self) }
            // It is tried again in a while, elsewhere.
            if !mayGoOn { commitsEnded.wait(past: seen &+ 1) }
        }
    }

    /// Waits for the commit under way and lets no other begin: what is left is made durable by closing.
    func endCommits() {
        while true {
            let seen = commitsEnded.current
            if commitClaim.withLock({ $0.beginUnasked() }) { return }
            commitsEnded.wait(past: seen)
        }
    }

    /// Makes durable what was appended so far, with the claim held.
    ///
    /// Returns `false` if that did not work out, and is tried again in a while.
    private func commit() -> Bool {
        guard let commit = beginCommit() else { return true }
        let began = ContinuousClock.now
        defer { services.committer.noteCommit(ContinuousClock.now - began) }
        do {
            try commit.synchronize(self)
            finishCommit(commit)
            return true
        } catch {
            failCommit(commit, error)
            return commitRefusal.current != nil
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
    /// With the claim held, so that an append that is missed here asks for the next commit. `nil` after a failed sync, since
    /// a later one that succeeds would mean nothing.
    func beginCommit() -> LogCommit? {
        if commitRefusal.current != nil { return nil }
        var state = durableState.withLock(\.self)
        let (endOffset, active, target, includesDirectory) = appender.withLock { appender in
            state.segment = appender.active.baseOffset
            if let progress = appender.progress {
                let largest = progress.indexer.largest
                state.times = .largest(largest ?? .init(timestamp: .none, offset: state.segment))
            }
            // All under the lock. A roll in between would make an offset durable in a file whose name is not. An append in
            // between would make its bytes durable, and so readable, before its offset is; or it would count as synced, and
            // its bytes would never become readable.
            return (
                appender.nextOffset, appender.active, LogCommit.Target(appender.active),
                isDirectoryUnsynced.exchange(false, ordering: .acquiringAndReleasing)
            )
        }
        var targets = target.map { [$0] } ?? []
        for segment in segments.reversed() where segment.baseOffset < active.baseOffset {
            // Segments are written, and so synced, in order.
            guard let target = LogCommit.Target(segment) else { break }
            targets.append(target)
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
            // What failed beside it ends all publishing.
            if commitRefusal.current != nil { return true }
            // The next commit syncs these files again.
            guard state.truncations == commit.state.truncations else { return false }
            for target in commit.targets {
                target.segment.log.endSync(mark: target.mark)
                services.exposure.subtract(target.segment.publish(durableEnd: target.end))
            }
            if commit.endOffset > durable.current {
                // A cut may have been announced since the commit began.
                let cut = state.cut
                state = commit.state
                state.cut = cut
                publish(durable: commit.endOffset)
            }
            return true
        }
        if isCurrent { services.housekeeper.noteProgress() } else { requestCommit() }
    }

    /// Moves the durable offset up, and with it what can be read where that is held to it.
    ///
    /// With ``durableState`` held. Readers first: who is told that a record is durable can read it.
    func publish(durable end: Offset) {
        if isHeldToDurable.load(ordering: .acquiring), end > readable.current { readable.move(to: end) }
        durable.move(to: end)
    }

    /// A commit could not make the log durable.
    private func failCommit(_ commit: LogCommit, _ cause: IOError) {
        // Nothing was lost if the directory could not even be opened.
        if commit.includesDirectory { isDirectoryUnsynced.store(true, ordering: .releasing) }
        guard !cause.isFailedSync, LogError(cause).isRetryable else { return failSync(cause) }
        services.logger.warning("\(topicPartition) is not durable yet, and a commit is tried again: \(cause)")
        services.housekeeper.schedule(after: .milliseconds(100)) { [weak self] in self?.requestCommit() }
    }

    /// A sync of one of the log's files, or of its directory, failed, which is final, whoever asked for it.
    ///
    /// The kernel counts the pages as clean now, so neither another sync nor reading them back would tell whether the
    /// disk has them. The appender's lock must not be held.
    func failSync(_ cause: IOError) {
        // Nothing of a deleted log can be lost.
        if failure?.code == .deleted { return }
        let error = error(
            .readOnly,
            "An fsync failed, so the log takes no more appends until it is reopened (durable up to offset \(durableOffset)): \(cause)",
            cause: cause
        )
        if commitRefusal.current == nil { services.logger.critical("\(error)") }
        commitRefusal.set(error)
        leaveUnsyncedMark()
        stopAppends(error)
        closeGates(error)
    }

    /// Fails those who wait for what will not come.
    func closeGates(_ error: LogError) {
        durable.close(error)
        readable.close(error)
    }

    /// Syncs the directory: see ``withDirectorySync(_:)``.
    func synchronizeDirectory() throws(IOError) {
        try withDirectorySync { () throws(IOError) in
            do throws(IOError) {
                try FileSystem.synchronizeDirectory(directory)
            } catch  where error.isOutOfDescriptors && services.cache.giveUp(atLeast: 16) > 0 {
                try FileSystem.synchronizeDirectory(directory)
            }
        }
    }

    /// Runs what syncs the log's directory, one at a time, and never again after a failure: only one of several would be
    /// told of it.
    func withDirectorySync<Result>(_ body: () throws(IOError) -> Result) throws(IOError) -> Result {
        try directoryUse.withLock { (use) throws(IOError) in
            if let failed = use.failedSync { throw failed }
            if use.isGone {
                throw IOError(call: .open, path: directory, errno: .noSuchFileOrDirectory, attempt: "open \(directory)")
            }
            do throws(IOError) {
                return try body()
            } catch {
                if error.isFailedSync { use.failedSync = error }
                throw error
            }
        }
    }

    /// Tells the next opening that the page cache is not to be believed.
    func leaveUnsyncedMark() {
        directoryUse.withLock { if !$0.isGone { UnsyncedMark.leave(in: directory, services.logger) } }
    }
}

/// A log's directory, as far as those have to know who write into it or sync it.
struct DirectoryUse: Sendable {
    /// The sync of the directory that failed; there is no other after it.
    var failedSync: IOError?
    /// The log was deleted: what has the name now may be another log's.
    var isGone = false
}

/// The file that tells the next opening of a log that an fsync had failed, so that the directory is recovered even if it
/// looks well closed, and index files are not believed.
///
/// Nothing depends on it that may not be forgotten: what lies above the durable position is written again in any case.
enum UnsyncedMark {
    static let fileName = "millrace-fsync-failed"

    static func leave(in directory: FilePath, _ logger: Logger) {
        // Only the page cache needs to hold the mark: it lasts as long as the pages of which it warns.
        do {
            _ = try File.open(directory.appending(fileName), .readWrite, create: .ifMissing)
        } catch {
            logger.error("No mark could be left for the next opening: \(error)")
        }
    }
}
