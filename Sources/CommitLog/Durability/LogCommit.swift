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

    /// ``cut``, if our checkpoint knows of it.
    var announcedCut: Cut? { cut?.isAnnounced == true ? cut : nil }

    /// The place of a cut.
    struct Cut: Hashable, Sendable {
        var segment: Offset
        var position: FilePosition
        var offset: Offset
        /// Whether our checkpoint promises no more: until then the list of epochs has to be whole, since the checkpoint has
        /// the last epoch alone.
        var isAnnounced = false
    }
}

/// One commit of a log: what will be durable once its files are synced.
struct LogCommit: Sendable {
    /// A file to sync, and what that covers.
    struct Target: Sendable {
        let segment: Segment
        let handle: FileHandle
        let mark: UInt64
        let end: FilePosition

        /// All of a segment that nobody appends to meanwhile; `nil` if nothing was written since it was synced.
        init?(_ segment: Segment) {
            guard let (handle, mark) = segment.log.beginSync() else { return nil }
            self.segment = segment
            self.handle = handle
            self.mark = mark
            end = segment.writtenEnd
        }
    }

    let targets: [Target]
    /// The end of the log when the commit began.
    let endOffset: Offset
    /// What goes with it, of which ``DurableState/truncations`` is that of then.
    let state: DurableState
    /// Whether the directory holds names that are not durable yet.
    let includesDirectory: Bool

    /// Syncs the files, and the directory if it has new names.
    func synchronize(_ log: PartitionLog) throws(IOError) {
        for target in targets { try target.handle.file.synchronizeData() }
        if includesDirectory { try log.synchronizeDirectory() }
    }
}
