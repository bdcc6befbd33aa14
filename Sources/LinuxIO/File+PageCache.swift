internal import CSystemShims
internal import SystemPackage

/// How much of a range of a file is in the page cache, in pages.
public struct CacheStatus: Hashable, Sendable {
    /// Pages in the cache, those still being read included.
    public let cached: Int
    /// Pages that differ from the disk.
    public let dirty: Int
    /// Pages being written at this moment.
    public let writeback: Int
    /// Pages that were in the cache before.
    public let evicted: Int
    /// Pages that were evicted not long ago, a sign of too little memory.
    public let recentlyEvicted: Int

    init(_ raw: csys_cache_status) {
        cached = Int(clamping: raw.cached)
        dirty = Int(clamping: raw.dirty)
        writeback = Int(clamping: raw.writeback)
        evicted = Int(clamping: raw.evicted)
        recentlyEvicted = Int(clamping: raw.recently_evicted)
    }
}

extension File {
    /// Counts the pages of a range that are in the page cache: cachestat(2).
    ///
    /// Costs some tenths of a microsecond per MiB where the pages came in large pieces, some microseconds where they
    /// came one by one.
    /// - Parameters:
    ///   - position: Where the range starts, in bytes from the start of the file.
    ///   - bytes: How long it is; 0 means up to the end of the file.
    /// - Returns: The counts; nil where the kernel (before Linux 6.5), its policy or the file system refuses to tell.
    /// - Throws: `IOError` of cachestat(2); EINVAL when the range is negative.
    public func cacheStatus(from position: Int64, bytes: Int64) throws(IOError) -> CacheStatus? {
        var raw = csys_cache_status()
        do throws(Errno) {
            guard let start = UInt64(exactly: position), let count = UInt64(exactly: bytes) else {
                throw .invalidArgument
            }
            try Syscalls.uninterrupted(.cachestat, path, at: position, bytes: Int(clamping: bytes)) {
                unsafe csys_cachestat(descriptor, start, count, &raw)
            }
            return CacheStatus(raw)
        } catch .noFunction, .notSupported, .notPermitted {
            // EPERM: a container's filter that answers so, or a file that is neither ours nor writable for us.
            return nil
        } catch {
            let attempt = "ask which of \(bytes) bytes from position \(position) of \(path) are in the page cache"
            throw IOError(call: .cachestat, path: path, errno: error, attempt: attempt)
        }
    }

    /// Whether a range is in the page cache, so that nobody who reads or sends it waits for a disk.
    ///
    /// The kernel counts pages that are still being read; so the last byte is read, which does not wait for them. Where it
    /// does not tell the count, that byte stands for the range.
    /// - Parameters:
    ///   - position: Where the range starts, in bytes from the start of the file.
    ///   - bytes: How long it is; an empty one is always there.
    /// - Throws: `IOError` of cachestat(2) or preadv2(2).
    public func isResident(from position: Int64, bytes: Int64) throws(IOError) -> Bool {
        guard bytes > 0 else { return true }
        let pageBytes = Int64(IOBuffer.pageSize)
        if let status = try cacheStatus(from: position, bytes: bytes) {
            let pages = (position + bytes - 1) / pageBytes - position / pageBytes + 1
            guard status.cached >= pages else { return false }
        }
        var byte: [1 of UInt8] = [0]
        var span = byte.mutableSpan
        var last = unsafe span.mutableBytes
        return try readIfResident(into: &last, at: position + bytes - 1) != nil
    }

    /// Starts writing dirty pages of a range to the disk and does not wait for them: sync_file_range(2).
    ///
    /// Makes a later synchronisation shorter. Promises nothing about durability.
    /// - Parameters:
    ///   - position: Where the range starts, in bytes from the start of the file.
    ///   - bytes: How long it is; 0 means up to the end of the file.
    /// - Throws: `IOError` of sync_file_range(2). An EIO is a failed write: see ``synchronizeData()``.
    public func startWriteback(from position: Int64, bytes: Int64) throws(IOError) {
        let range = "\(bytes) bytes from position \(position) of \(path)"
        try Syscalls.uninterrupted(
            .syncFileRange,
            path,
            at: position,
            bytes: Int(clamping: bytes),
            attempt: "start writing \(range)"
        ) {
            csys_start_writeback(descriptor, position, bytes)
        }
    }

    /// Asks the kernel to drop clean pages of a range from the page cache: posix_fadvise(2).
    ///
    /// Dirty pages stay, and so do pages that are only partly within the range.
    /// - Parameters:
    ///   - position: Where the range starts, in bytes from the start of the file.
    ///   - bytes: How long it is; 0 means up to the end of the file.
    /// - Throws: `IOError` of posix_fadvise(2).
    public func dropCache(from position: Int64, bytes: Int64) throws(IOError) {
        let range = "\(bytes) bytes from position \(position) of \(path)"
        try Syscalls.uninterrupted(
            .fadvise,
            path,
            at: position,
            bytes: Int(clamping: bytes),
            attempt: "drop from the page cache \(range)"
        ) {
            csys_drop_cache(descriptor, position, bytes)
        }
    }
}
