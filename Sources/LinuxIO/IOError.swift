internal import CSystemShims
public import SystemPackage

/// A system call that failed: which, on what, why, and what was being attempted.
///
/// ```
/// Could not write 4096 bytes at position 8192 of /x/y: No space left on device (ENOSPC, pwrite)
/// ```
public struct IOError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The call that failed.
    public let call: SystemCall
    /// The file or directory it was made on, if it was made on one.
    public let path: FilePath?
    /// The reason that the kernel gave.
    public let errno: Errno
    /// What was attempted, as the words that follow "Could not": "write 4096 bytes at position 8192 of /x/y".
    public let attempt: String

    /// An error of `call` on `path`; `attempt` names the path where there is one.
    public init(call: SystemCall, path: FilePath?, errno: Errno, attempt: String) {
        self.call = call
        self.path = path
        self.errno = errno
        self.attempt = attempt
    }

    /// One sentence with everything the error knows, and what an operator can do about it where that is known.
    public var description: String {
        let what = "Could not \(attempt): \(errno) (\(errno.symbol), \(call))"
        guard let advice else { return what }
        return "\(what). \(advice)"
    }

    private var advice: String? {
        switch errno {
        case .tooManyOpenFiles: "Raise the limit of open files of this process (ulimit -n, LimitNOFILE)."
        case .tooManyOpenFilesInSystem: "Raise the limit of open files of the system (sysctl fs.file-max)."
        case .noSpace: "Free space on the file system that holds it."
        case .diskQuotaExceeded: "Free space of this user, or raise the quota."
        case .addressInUse: "Choose another port, or end the process that listens there (ss -ltnp)."
        default: nil
        }
    }
}

extension IOError {
    /// The disk, or the user's part of it, is full (ENOSPC, EDQUOT).
    public var isOutOfSpace: Bool { errno == .noSpace || errno == .diskQuotaExceeded }

    /// The process or the system has no descriptor left (EMFILE, ENFILE).
    public var isOutOfDescriptors: Bool { errno == .tooManyOpenFiles || errno == .tooManyOpenFilesInSystem }

    /// The connection was ended or reset (EPIPE, ECONNRESET): by the peer, which is its right, unless this side did.
    public var isEndedByPeer: Bool { errno == .brokenPipe || errno == .connectionReset }

    /// The file, or a directory on the way to it, does not exist (ENOENT).
    public var isNotFound: Bool { errno == .noSuchFileOrDirectory }

    /// A synchronisation failed (fsync, fdatasync), whatever the reason: what it was to make durable may be lost, and the
    /// kernel will not tell again.
    ///
    /// Not one that a reactor refused to begin because it was shut down (ECANCELED).
    public var isFailedSync: Bool { (call == .fsync || call == .fdatasync) && errno != .canceled }

    /// Whether the same call can succeed later with nothing repaired: what ran short comes back by itself.
    ///
    /// Never true of a synchronisation: after a failed fsync(2) the kernel counts the pages as clean, so that another
    /// call would succeed without the data being on the disk.
    public var isRetryable: Bool {
        switch call {
        case .fsync, .fdatasync: return false
        default: break
        }
        switch errno {
        case .interrupted, .resourceTemporarilyUnavailable, .noMemory, .resourceBusy, .tooManyOpenFiles,
            .tooManyOpenFilesInSystem, .noBufferSpace:
            return true
        default:
            return false
        }
    }
}

extension Errno {
    /// The symbolic name, such as "ENOSPC", or "errno 4711" for a number without one.
    var symbol: String {
        guard let name = unsafe csys_errno_name(rawValue) else { return "errno \(rawValue)" }
        return unsafe String(cString: name)
    }
}
