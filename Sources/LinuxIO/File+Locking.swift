internal import CSystemShims
internal import SystemPackage

/// Whether a lock was had, and if not, who has it.
public enum FileLockResult: Hashable, Sendable {
    /// This process holds the lock.
    case acquired
    /// Another process holds it; nil where it cannot be named (another PID namespace, or gone since).
    case heldBy(pid: Int32?)
}

extension File {
    /// Tries to take a write lock on the whole file, for this process: fcntl(2), F_SETLK.
    ///
    /// The kind of lock that a JVM takes too. It belongs to the process, hence two traps: the same process gets the lock
    /// again and again, and **closing any descriptor of the file drops it**, whichever opened it. It ends with the
    /// process at the latest. The file must be open for writing.
    /// - Returns: Whether the lock was had; never waits for it.
    /// - Throws: `IOError` of fcntl(2), such as ENOLCK of a file system without locks.
    public func tryLock() throws(IOError) -> FileLockResult {
        do throws(Errno) {
            try Syscalls.uninterrupted(.fcntl, path) { csys_lock_file(descriptor) }
            return .acquired
        } catch .resourceTemporarilyUnavailable, .permissionDenied {
            let holder = Syscalls.once(.fcntl, path) { _ in Int(csys_lock_holder(descriptor)) }
            return .heldBy(pid: holder > 0 ? Int32(truncatingIfNeeded: holder) : nil)
        } catch {
            throw IOError(call: .fcntl, path: path, errno: error, attempt: "lock \(path)")
        }
    }
}
