import LinuxIO
import Synchronization
import SystemPackage

/// A file of a segment that is open only while somebody uses it, or while it has bytes that are not on disk yet.
///
/// Whoever works with the file holds the `FileHandle`, which closes with its last reference; this object keeps one only to
/// spare the next `open`. The ``FileCache`` takes that one away when too many files are open, never from a file with
/// unsynced writes: a later descriptor may not be told that the writeback of an earlier one failed.
///
/// Thread-safe. The lock is held across `open`, so that two users do not open the file twice, but never across other IO.
final class CachedFile: Sendable {
    private let name: SegmentFileName
    private let directory: FilePath
    private let cache: FileCache
    private let state: Lock<State>
    /// Set by use, cleared by the cache's clock hand: a second chance before the handle is given up.
    private let used = Atomic(true)

    private struct State {
        var handle: FileHandle?
        /// Counts the writers' announcements; the file is clean when all of them have been covered by a sync.
        var announced: UInt64 = 0
        var synced: UInt64 = 0
        /// The file is gone, though another may have its name.
        var isDiscarded = false
    }

    /// - Parameter handle: an open handle where there is one already, as after a create.
    init(_ name: SegmentFileName, in directory: FilePath, cache: FileCache, handle: FileHandle? = nil) {
        self.name = name
        self.directory = directory
        self.cache = cache
        state = Lock(State(handle: handle))
        if handle != nil { cache.admit(self) }
    }

    /// Put together anew each time: most segments of most logs are not open, and should cost little memory.
    var path: FilePath { directory.appending(name.description) }

    /// The file's handle, opened if need be.
    ///
    /// Fails with `isNotFound` if there is no such file.
    func open(create: File.Creation = .never) throws(IOError) -> FileHandle {
        do {
            return try openOnce(create)
        } catch  where error.isOutOfDescriptors && cache.giveUp(atLeast: 16) > 0 {
            return try openOnce(create)
        }
    }

    private func openOnce(_ create: File.Creation) throws(IOError) -> FileHandle {
        let (handle, opened) = try state.withLock { (state) throws(IOError) -> (FileHandle, Bool) in
            if let handle = state.handle { return (handle, false) }
            if state.isDiscarded {
                throw IOError(call: .open, path: path, errno: .noSuchFileOrDirectory, attempt: "open \(path)")
            }
            let handle = FileHandle(try File.open(path, .readWrite, create: create))
            state.handle = handle
            return (handle, true)
        }
        if opened { cache.admit(self) }
        if !used.load(ordering: .relaxed) { used.store(true, ordering: .relaxed) }
        return handle
    }

    /// The file's handle for a write that is about to follow.
    ///
    /// The handle stays until a sync that began after ``endWriting()``, which must be called once the write is over,
    /// whether it succeeded or not.
    func openForWriting(create: File.Creation = .never) throws(IOError) -> FileHandle {
        let handle = try open(create: create)
        let wasGivenUp = state.withLock { state in
            state.announced += 1
            defer { state.handle = state.handle ?? handle }
            return state.handle == nil
        }
        // The cache may have given the handle up between the two locks; it has to know that it is back.
        if wasGivenUp { cache.admit(self) }
        return handle
    }

    /// Announces that the write is over: a sync that began while it was under way may have missed it.
    func endWriting() { state.withLock { $0.announced += 1 } }

    /// The handle and a mark, for a sync; `nil` if nothing was written since the last one.
    func beginSync() -> (handle: FileHandle, mark: UInt64)? {
        state.withLock { state in
            guard state.announced != state.synced, let handle = state.handle else { return nil }
            return (handle, state.announced)
        }
    }

    /// Takes note that everything announced before `mark` was taken is on disk.
    func endSync(mark: UInt64) {
        state.withLock { $0.synced = max($0.synced, mark) }
    }

    /// Makes everything announced so far durable; does nothing if nothing was written since the last sync.
    ///
    /// Only one sync of a file may be under way at a time: the kernel tells of a failed writeback once, and who syncs beside
    /// the one that is told would take its own success for the file's. So a segment's log is synced by commits, and
    /// by closing once these have ended; its indexes are synced under the lock of the log's maintenance.
    func synchronize() throws(IOError) {
        guard let (handle, mark) = beginSync() else { return }
        try handle.file.synchronizeData()
        endSync(mark: mark)
    }

    /// Gives the handle up if the file has no unsynced writes and, unless `always`, was not used since the last call.
    ///
    /// Returns whether this object holds no handle any more.
    func giveUp(always: Bool = false) -> Bool {
        if !always && used.exchange(false, ordering: .relaxed) { return state.withLock { $0.handle == nil } }
        // Closing is left to the last reference, which may be this one: outside the lock.
        let (dropped, isGone) = state.withLock { state -> (FileHandle?, Bool) in
            guard state.announced == state.synced else { return (nil, state.handle == nil) }
            return (state.handle.take(), true)
        }
        _ = consume dropped
        return isGone
    }

    /// Gives the handle up although there may be unsynced writes, and opens the file no more: it is gone, and what has its
    /// name now is another.
    func discard() { drop(forGood: true) }

    /// Gives the handle up although there may be unsynced writes: another file has taken the name, and is opened next.
    func replaced() { drop(forGood: false) }

    private func drop(forGood: Bool) {
        let dropped = state.withLock { state in
            state.synced = state.announced
            state.isDiscarded = state.isDiscarded || forGood
            return state.handle.take()
        }
        _ = consume dropped
    }
}
