internal import CSystemShims

/// One request to the kernel, as a ring takes it, or a thread makes it.
enum IORequest: Sendable {
    /// Fill `memory` from `position` on. With `uncached`, RWF_DONTCACHE.
    case read(Int32, into: LentMemory, at: Int64, uncached: Bool)
    /// Write `memory` at `position`.
    case write(Int32, from: LentMemory, at: Int64)
    /// fdatasync(2).
    case synchronizeData(Int32)
    /// fallocate(2), keeping the size.
    case reserve(Int32, from: Int64, bytes: Int64)

    /// Makes the call on this thread and waits for it; returns its result or -errno.
    func perform() -> Int {
        switch self {
        case .read(let file, let memory, let position, uncached: false):
            unsafe Int(csys_pread(file, memory.start, memory.count, position))
        case .read(let file, let memory, let position, uncached: true):
            unsafe Int(csys_pread_flags(file, memory.start, memory.count, position, Int32(CSYS_READ_DONTCACHE)))
        case .write(let file, let memory, let position):
            unsafe Int(csys_pwrite(file, memory.start, memory.count, position))
        case .synchronizeData(let file):
            Int(csys_fdatasync(file))
        case .reserve(let file, let position, let bytes):
            Int(csys_reserve(file, position, bytes))
        }
    }
}
