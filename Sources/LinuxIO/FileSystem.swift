internal import CSystemShims
public import SystemPackage

/// Operations on names: directories, renames, removal, and small files as a whole.
///
/// All of them block the calling thread, may be called from any thread, and never follow a symbolic link that they
/// remove or rename. A change of names is durable only after ``synchronizeDirectory(_:)`` of the directory it was made in.
public enum FileSystem {
    /// Asks what a path names; symbolic links are followed.
    /// - Parameter path: The path to ask about.
    /// - Returns: The status, or nil when nothing has that name.
    /// - Throws: `IOError` of stat(2).
    public static func status(_ path: FilePath) throws(IOError) -> FileStatus? {
        var raw = csys_status()
        do throws(Errno) {
            try Syscalls.uninterrupted(.stat, path) {
                unsafe path.withPlatformString { unsafe csys_stat($0, &raw) }
            }
            return FileStatus(raw)
        } catch .noSuchFileOrDirectory, .notDirectory {
            return nil
        } catch {
            throw IOError(call: .stat, path: path, errno: error, attempt: "ask for the status of \(path)")
        }
    }

    /// Makes a directory, with permissions 0755 less the umask.
    /// - Parameters:
    ///   - path: The directory to make.
    ///   - withIntermediate: Whether to make missing directories above it too, and to accept that it exists.
    /// - Throws: `IOError` of mkdir(2); EEXIST when the path exists, with `withIntermediate` only when it is no directory.
    public static func createDirectory(_ path: FilePath, withIntermediate: Bool = false) throws(IOError) {
        do {
            try makeDirectory(path)
        } catch {
            guard withIntermediate else { throw error }
            switch error.errno {
            case .fileExists:
                guard try status(path)?.kind == .directory else { throw error }
            case .noSuchFileOrDirectory:
                let parent = path.removingLastComponent()
                guard !parent.isEmpty, parent != path else { throw error }
                try createDirectory(parent, withIntermediate: true)
                // Once more with EEXIST accepted: somebody else may have been making the same directories.
                try acceptExisting(path)
            default: throw error
            }
        }
    }

    private static func acceptExisting(_ path: FilePath) throws(IOError) {
        do {
            try makeDirectory(path)
        } catch {
            guard error.errno == .fileExists, try status(path)?.kind == .directory else { throw error }
        }
    }

    private static func makeDirectory(_ path: FilePath) throws(IOError) {
        try Syscalls.uninterrupted(.mkdir, path, attempt: "make the directory \(path)") {
            unsafe path.withPlatformString { unsafe csys_mkdir($0, 0o755) }
        }
    }

    /// Removes the name of a file; the file itself goes with its last name and its last open descriptor.
    /// - Throws: `IOError` of unlink(2): ENOENT when there is no such file.
    public static func removeFile(_ path: FilePath) throws(IOError) {
        try Syscalls.uninterrupted(.unlink, path, attempt: "remove \(path)") {
            unsafe path.withPlatformString { unsafe csys_unlink($0) }
        }
    }

    /// Removes an empty directory.
    /// - Throws: `IOError` of rmdir(2): ENOENT, or ENOTEMPTY when it is not empty.
    public static func removeDirectory(_ path: FilePath) throws(IOError) {
        try Syscalls.uninterrupted(.rmdir, path, attempt: "remove the directory \(path)") {
            unsafe path.withPlatformString { unsafe csys_rmdir($0) }
        }
    }

    /// Gives a file or directory another name, atomically, replacing what had that name.
    /// - Parameters:
    ///   - from: The present name.
    ///   - to: The new name, on the same file system.
    /// - Throws: `IOError` of rename(2): ENOENT, EXDEV, ENOTEMPTY and others.
    public static func rename(from: FilePath, to: FilePath) throws(IOError) {
        try Syscalls.uninterrupted(.rename, from, to: to, attempt: "rename \(from) to \(to)") {
            unsafe from.withPlatformString { from in
                unsafe to.withPlatformString { to in unsafe csys_rename(from, to) }
            }
        }
    }

    /// Gives a file or directory another name, atomically, unless something has that name already.
    /// - Parameters:
    ///   - from: The present name.
    ///   - to: The new name, on the same file system.
    /// - Throws: `IOError` of renameat2(2): EEXIST when `to` exists; EINVAL where the file system cannot do it.
    public static func renameWithoutReplacing(from: FilePath, to: FilePath) throws(IOError) {
        try Syscalls.uninterrupted(.renameat2, from, to: to, attempt: "rename \(from) to \(to), which must not exist") {
            unsafe from.withPlatformString { from in
                unsafe to.withPlatformString { to in unsafe csys_rename_new(from, to) }
            }
        }
    }

    /// Gives a file or directory another name in the same directory, durably, replacing what had that name.
    /// - Parameters:
    ///   - from: The present name.
    ///   - to: The new name.
    /// - Throws: `IOError`: of fsync(2) when only making the new name durable failed (``IOError/isFailedSync``), otherwise
    ///   nothing was renamed.
    public static func renameDurably(from: FilePath, to: FilePath) throws(IOError) {
        let parent = to.removingLastComponent()
        // Opened first: after the rename nothing must be left that can fail for lack of a descriptor.
        let directory = try File.open(directory: parent.isEmpty ? "." : parent)
        try rename(from: from, to: to)
        try directory.synchronize()
    }

    /// Makes the names in a directory durable: what was created, renamed and removed in it.
    /// - Throws: `IOError` of open(2) or fsync(2).
    public static func synchronizeDirectory(_ path: FilePath) throws(IOError) {
        let directory = try File.open(directory: path)
        try directory.synchronize()
        try directory.close()
    }
}
