internal import SystemPackage

/// One operation on a file that is done in the background, from its first request to the kernel to its outcome.
///
/// The decisions alone: which request comes next, and what its result means. It holds neither the file nor the memory.
struct DiskOperation: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case read(uncached: Bool)
        case write
        case synchronizeData
        case reserve(bytes: Int64)
    }

    enum Outcome: Hashable, Sendable {
        /// It is done, and moved that many bytes.
        case done(Int)
        /// The call that was made last failed.
        case failed(SystemCall, Errno)

        /// Why it failed, if it did.
        var errno: Errno? {
            if case .failed(_, let errno) = self { errno } else { nil }
        }
    }

    private(set) var kind: Kind
    private(set) var transfer: Transfer
    private var retry = CallRetry()

    private init(_ kind: Kind, _ transfer: Transfer) {
        self.kind = kind
        self.transfer = transfer
    }

    /// Nil when the range is not one of file positions; so are those below.
    static func read(count: Int, at position: Int64, uncached: Bool) -> DiskOperation? {
        Transfer(.reading, count: count, at: position).map { DiskOperation(.read(uncached: uncached), $0) }
    }

    static func write(count: Int, at position: Int64) -> DiskOperation? {
        Transfer(.writing, count: count, at: position).map { DiskOperation(.write, $0) }
    }

    static func reserve(from position: Int64, bytes: Int64) -> DiskOperation? {
        guard Transfer(.writing, count: Int(bytes), at: position) != nil else { return nil }
        return Transfer(.writing, count: 0, at: position).map { DiskOperation(.reserve(bytes: bytes), $0) }
    }

    static let synchronizeData = DiskOperation(.synchronizeData, Transfer(.writing))

    /// The call that the next request amounts to.
    var call: SystemCall {
        switch kind {
        case .read(uncached: false): .pread
        case .read(uncached: true): .preadv2
        case .write: .pwrite
        case .synchronizeData: .fdatasync
        case .reserve: .fallocate
        }
    }

    /// How many bytes the next request covers, and where.
    var bytes: Int {
        if case .reserve(let bytes) = kind { return Int(bytes) }
        return transfer.nextCount
    }

    var position: Int64? { kind == .synchronizeData ? nil : transfer.nextPosition }

    /// Takes in the result of a request: bytes moved or 0, or -errno.
    ///
    /// Returns the outcome, or nil when another request has to be made.
    mutating func advance(by result: Int) -> Outcome? {
        switch kind {
        case .read(uncached: true) where result < 0 && Errno(result: result) == .notSupported:
            kind = .read(uncached: false)
            return nil
        case .read, .write:
            switch transfer.advance(by: result) {
            case .again: return nil
            case .finished: return .done(transfer.done)
            case .failed(let errno): return retry.again(after: errno, of: call) ? nil : .failed(call, errno)
            }
        case .synchronizeData, .reserve:
            if result >= 0 { return .done(0) }
            let errno = Errno(result: result)
            return retry.again(after: errno, of: call) ? nil : .failed(call, errno)
        }
    }
}
