internal import CSystemShims
internal import SystemPackage

extension File {
    /// Writes all of `bytes`, into the page cache.
    ///
    /// Durable only after ``synchronizeData()``.
    /// - Parameters:
    ///   - bytes: What to write.
    ///   - position: Where its first byte goes, in bytes from the start of the file. A gap up to there reads as zeros.
    /// - Throws: `IOError` of pwrite(2): ENOSPC, EDQUOT, EFBIG, EIO and others. The file may hold any part of `bytes`
    ///   then: the caller truncates.
    public func write(_ bytes: RawSpan, at position: Int64) throws(IOError) {
        do throws(Errno) {
            try write(bytes, at: position, flags: 0)
        } catch {
            throw .writing(.pwrite, path, bytes.byteCount, at: position, error)
        }
    }

    /// Writes all of `bytes`, without leaving them in the page cache once they are on their way to the disk.
    ///
    /// For data that nobody will read soon. Writeback starts at once, but the data is durable only after
    /// ``synchronizeData()``. Where the kernel (before Linux 6.14) or the file system (tmpfs) refuses RWF_DONTCACHE, this is
    /// ``write(_:at:)-(RawSpan,_)``.
    /// - Parameters:
    ///   - bytes: What to write.
    ///   - position: Where its first byte goes, in bytes from the start of the file.
    /// - Throws: As ``write(_:at:)-(RawSpan,_)``, of pwritev2(2).
    public func writeUncached(_ bytes: RawSpan, at position: Int64) throws(IOError) {
        do throws(Errno) {
            try write(bytes, at: position, flags: Int32(CSYS_WRITE_DONTCACHE))
        } catch .notSupported {
            try write(bytes, at: position)
        } catch {
            throw .writing(.pwritev2, path, bytes.byteCount, at: position, error)
        }
    }

    private func write(_ bytes: RawSpan, at position: Int64, flags: Int32) throws(Errno) {
        guard let transfer = Transfer(.writing, count: bytes.byteCount, at: position) else { throw .invalidArgument }
        try unsafe bytes.withUnsafeBytes { (buffer) throws(Errno) in
            guard let start = buffer.baseAddress else { return }
            if flags == 0 {
                _ = try Syscalls.transfer(.pwrite, path, transfer) { done, count, position in
                    unsafe csys_pwrite(descriptor, start + done, count, position)
                }
            } else {
                _ = try Syscalls.transfer(.pwritev2, path, transfer) { done, count, position in
                    unsafe csys_pwrite_flags(descriptor, start + done, count, position, flags)
                }
            }
        }
    }

    /// Writes all of `bytes`: see ``write(_:at:)-(RawSpan,_)``.
    public func write(_ bytes: [UInt8], at position: Int64) throws(IOError) {
        try write(unsafe bytes.span.bytes, at: position)
    }

    /// Writes all of `bytes`: see ``writeUncached(_:at:)-(RawSpan,_)``.
    public func writeUncached(_ bytes: [UInt8], at position: Int64) throws(IOError) {
        try writeUncached(unsafe bytes.span.bytes, at: position)
    }

    /// Makes all that was written, and what is needed to read it back, durable: fdatasync(2).
    ///
    /// The name of a new file is durable only after its directory was synchronised too.
    /// - Throws: `IOError`. Then the data may be lost although later calls succeed, for the kernel counts the pages as
    ///   clean: do not try again, treat the file as damaged since the last success.
    public func synchronizeData() throws(IOError) {
        do {
            try Syscalls.uninterrupted(.fdatasync, path) { csys_fdatasync(descriptor) }
        } catch {
            throw .synchronizingData(path, error)
        }
    }

    /// Makes data and all metadata, times included, durable: fsync(2).
    /// - Throws: `IOError`, to be treated as that of ``synchronizeData()``.
    public func synchronize() throws(IOError) {
        try Syscalls.uninterrupted(.fsync, path, attempt: "make \(path) durable") { csys_fsync(descriptor) }
    }

    /// Sets the size: cuts what lies beyond, or extends with zeros.
    ///
    /// Space that was reserved beyond the size is given back.
    /// - Parameter bytes: The new size.
    /// - Throws: `IOError` of ftruncate(2).
    public func truncate(to bytes: Int64) throws(IOError) {
        try Syscalls.uninterrupted(.ftruncate, path, at: bytes, attempt: "set the size of \(path) to \(bytes) bytes") {
            csys_ftruncate(descriptor, bytes)
        }
    }

    /// Reserves disk space without changing the size or contents, so that a full disk is met now and not by a write.
    /// - Parameters:
    ///   - position: Where the range starts, in bytes from the start of the file.
    ///   - bytes: How long it is; more than 0.
    /// - Throws: `IOError` of fallocate(2): ENOSPC, or EOPNOTSUPP where the file system cannot reserve.
    public func reserve(from position: Int64, bytes: Int64) throws(IOError) {
        do {
            try Syscalls.uninterrupted(.fallocate, path, at: position, bytes: Int(clamping: bytes)) {
                csys_reserve(descriptor, position, bytes)
            }
        } catch {
            throw .reserving(path, bytes, from: position, error)
        }
    }
}
