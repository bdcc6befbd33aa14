internal import CSystemShims
internal import Glibc
internal import Synchronization
public import SystemPackage

/// An open file, which it owns: the descriptor is closed when the value goes away.
///
/// All transfers name their position, so that a file has no cursor and any number of threads may use it at a time;
/// what they write to overlapping ranges at the same time is then in no particular order. To share one between
/// owners, put it into a ``FileHandle``.
///
/// Every call blocks the calling thread until the kernel is done. EINTR is retried and short transfers are continued.
public struct File: ~Copyable, Sendable {
    /// What may be done with a file.
    public enum Access: Hashable, Sendable {
        /// Only reading.
        case readOnly
        /// Reading and writing.
        case readWrite
    }

    /// Whether opening may make the file.
    public enum Creation: Hashable, Sendable {
        /// It must exist.
        case never
        /// It is made, empty, if it does not exist.
        case ifMissing
        /// It is made, empty, and must not exist before (EEXIST).
        case mustNotExist
    }

    /// The path that the file was opened with, after a rename too.
    public private(set) var path: FilePath

    /// Valid as long as the value lives; -1 only on the way out of ``close()``.
    private(set) var descriptor: Int32

    private static let opened = Atomic(0)

    /// How many files of this process are open at the moment, shared or not.
    public static var openCount: Int { opened.load(ordering: .relaxed) }

    /// Opens a file.
    ///
    /// The descriptor is not inherited by programs that the process starts (O_CLOEXEC).
    /// - Parameters:
    ///   - path: The file to open; symbolic links are followed.
    ///   - access: What will be done with it.
    ///   - creation: Whether it may, or must, be made.
    ///   - mode: The permissions of a file that is made, less the process's umask; 0644 by default.
    /// - Returns: The open file.
    /// - Throws: `IOError` of open(2): ENOENT, EEXIST, EACCES, EMFILE, ENOSPC, EROFS and others.
    public static func open(
        _ path: FilePath,
        _ access: Access = .readOnly,
        create creation: Creation = .never,
        mode: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead]
    ) throws(IOError) -> File {
        let flags = (access == .readOnly ? O_RDONLY : O_RDWR) | O_CLOEXEC
        let created =
            switch creation {
            case .never: flags
            case .ifMissing: flags | O_CREAT
            case .mustNotExist: flags | O_CREAT | O_EXCL
            }
        let purpose = creation == .never ? "open" : "create"
        return try open(path, flags: created, mode: mode, attempt: "\(purpose) \(path)")
    }

    /// Opens a directory, which can be synchronised and closed and nothing else.
    static func open(directory path: FilePath) throws(IOError) -> File {
        try open(path, flags: O_RDONLY | O_DIRECTORY | O_CLOEXEC, mode: [], attempt: "open the directory \(path)")
    }

    private static func open(
        _ path: FilePath,
        flags: Int32,
        mode: FilePermissions,
        attempt: @autoclosure () -> String
    ) throws(IOError) -> File {
        let descriptor = try Syscalls.uninterrupted(.open, path, attempt: attempt()) {
            unsafe path.withPlatformString { unsafe csys_open($0, flags, UInt32(mode.rawValue)) }
        }
        return File(path: path, descriptor: Int32(truncatingIfNeeded: descriptor))
    }

    private init(path: FilePath, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
        File.opened.add(1, ordering: .relaxed)
    }

    deinit {
        // An error has nobody to be told to. Who wrote must have synchronised, and learnt of lost data from that.
        if descriptor >= 0 { _ = File.close(descriptor, path) }
    }

    /// Closes the file and tells what went wrong, which merely letting go of it does not.
    ///
    /// The descriptor is gone afterwards even if this throws: close(2), "Dealing with error returns from close()".
    /// - Throws: `IOError` of close(2), such as an EIO or EDQUOT that a network file system reports late.
    public consuming func close() throws(IOError) {
        let result = File.close(descriptor, path)
        descriptor = -1
        let errno = Errno(result: result)
        // EINTR: closed as well on Linux; another close could hit a descriptor that somebody else got meanwhile.
        if result < 0, errno != .interrupted {
            throw IOError(call: .close, path: path, errno: errno, attempt: "close \(path)")
        }
    }

    /// Renames the file, which must still have the path it was opened with, and replaces what has the new path.
    /// - Throws: `IOError` of rename(2).
    public mutating func rename(to path: FilePath) throws(IOError) {
        try FileSystem.rename(from: self.path, to: path)
        self.path = path
    }

    private static func close(_ descriptor: Int32, _ path: FilePath) -> Int {
        opened.subtract(1, ordering: .relaxed)
        var closed: Int32?
        let result = Syscalls.once(.close, path) { _ in
            let result = csys_close(descriptor)
            closed = result
            return Int(result)
        }
        if closed == nil { _ = csys_close(descriptor) }
        return result
    }

    /// Asks for size, kind and times.
    /// - Returns: The status at this moment.
    /// - Throws: `IOError` of fstat(2).
    public func status() throws(IOError) -> FileStatus {
        var raw = csys_status()
        try Syscalls.uninterrupted(.fstat, path, attempt: "ask for the status of \(path)") {
            unsafe csys_fstat(descriptor, &raw)
        }
        return FileStatus(raw)
    }
}
