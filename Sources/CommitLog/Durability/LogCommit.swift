import LinuxIO
import RecordBatch
import SystemPackage

/// What is to be known of a log's durable part, beside where it ends.
struct DurableState: Hashable, Sendable {
    /// How often the log's tail was cut.
    ///
    /// Commits and cuts both move the durable offset; a commit that began before a cut may speak of offsets that are
    /// gone.
    var truncations: UInt64 = 0
    /// The base offset of the active segment.
    var segment: Offset
    /// What is known of its timestamps.
    var times: DurableCheckpoint.Times
    /// Where the tail is about to be cut, so that the checkpoint must not promise more.
    var cut: Cut?

    /// The place of a cut.
    struct Cut: Hashable, Sendable {
        var segment: Offset
        var position: FilePosition
        var offset: Offset
    }
}

/// One log's part in a commit round: what will be durable once its files are synced.
struct LogCommit: Sendable {
    /// A file to sync, and what that covers.
    struct Target: Sendable {
        let segment: Segment
        let handle: FileHandle
        let mark: UInt64
        let end: FilePosition
    }

    let log: PartitionLog
    let targets: [Target]
    /// The end of the log when the round began.
    let endOffset: Offset
    /// What goes with it, of which ``DurableState/truncations`` is that of then.
    let state: DurableState
    /// Whether the directory holds names that are not durable yet.
    let includesDirectory: Bool

    /// On the committer's thread, after the files were synced: completes the commit, or fails the log for good.
    func finish(failure: IOError?) {
        if let failure { return log.failCommit(failure) }
        if includesDirectory {
            do {
                try FileSystem.synchronizeDirectory(log.directory)
            } catch {
                return log.failCommit(error)
            }
        }
        log.finishCommit(self)
    }
}
