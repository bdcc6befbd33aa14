internal import Glibc
internal import SystemPackage

/// Decides whether a call that failed is made again: for ever after a signal (EINTR), a few times where the kernel was
/// busy (EAGAIN), which on files and names passes by itself.
struct CallRetry: Hashable, Sendable {
    /// How often a call is made again because of EAGAIN.
    static let most = 16

    private var count = 0

    /// Takes note of a failure; says whether to try again.
    mutating func again(after errno: Errno, of call: SystemCall) -> Bool {
        if errno == .interrupted { return true }
        guard errno == .resourceTemporarilyUnavailable, call.isOnFile, count < Self.most else { return false }
        count += 1
        return true
    }

    /// The same, and lets other threads run before a busy call is made again.
    mutating func againAfterPause(_ errno: Errno, of call: SystemCall) -> Bool {
        guard again(after: errno, of: call) else { return false }
        if errno == .resourceTemporarilyUnavailable { sched_yield() }
        return true
    }
}

extension SystemCall {
    /// Whether it is made on a file or a name, and EAGAIN is no answer: of a lock it says that somebody has it, of a read
    /// that must not wait that it would have to.
    fileprivate var isOnFile: Bool {
        switch self {
        case .open, .stat, .fstat, .pread, .pwrite, .copyFileRange, .fsync, .fdatasync, .ftruncate, .fallocate, .mkdir,
            .rmdir, .unlink, .rename, .renameat2, .opendir, .readdir, .statvfs:
            true
        default: false
        }
    }
}
