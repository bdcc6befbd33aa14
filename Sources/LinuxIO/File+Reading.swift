internal import CSystemShims
internal import SystemPackage

extension File {
    /// Fills `bytes` from the file.
    ///
    /// Waits for the disk where the pages are not in the page cache.
    /// - Parameters:
    ///   - bytes: Where to put what is read; its size says how much.
    ///   - position: Where to start, in bytes from the start of the file.
    /// - Returns: How many bytes were read: fewer than asked for only at the end of the file.
    /// - Throws: `IOError` of pread(2); EINVAL when the range is not one of file positions. How much of `bytes` was
    ///   changed is then unknown.
    public func read(into bytes: inout MutableRawSpan, at position: Int64) throws(IOError) -> Int {
        do {
            return try read(into: &bytes, at: position, flags: 0)
        } catch {
            throw .reading(.pread, path, bytes.byteCount, at: position, error)
        }
    }

    /// Fills `bytes` from the file, without leaving in the page cache what was not there before.
    ///
    /// For readers of data that nobody will read again soon: they do not push out what others need. Where the kernel
    /// (before Linux 6.14) or the file system (tmpfs) refuses RWF_DONTCACHE, this is ``read(into:at:)``.
    /// - Parameters:
    ///   - bytes: Where to put what is read; its size says how much.
    ///   - position: Where to start, in bytes from the start of the file.
    /// - Returns: How many bytes were read: fewer than asked for only at the end of the file.
    /// - Throws: As ``read(into:at:)``, of preadv2(2).
    public func readUncached(into bytes: inout MutableRawSpan, at position: Int64) throws(IOError) -> Int {
        do throws(Errno) {
            return try read(into: &bytes, at: position, flags: Int32(CSYS_READ_DONTCACHE))
        } catch .notSupported {
            return try read(into: &bytes, at: position)
        } catch {
            throw .reading(.preadv2, path, bytes.byteCount, at: position, error)
        }
    }

    /// Fills `bytes` from the page cache, without ever waiting for a disk.
    ///
    /// Where the file system does not support RWF_NOWAIT, this is ``read(into:at:)``, and may wait.
    /// - Parameters:
    ///   - bytes: Where to put what is read; its size says how much. Its contents are unspecified after nil.
    ///   - position: Where to start, in bytes from the start of the file.
    /// - Returns: How many bytes were read, fewer than asked for only at the end of the file; nil if any page of the
    ///   range is not in the page cache. Asking for such a page starts the kernel's read-ahead, so that asking again
    ///   a moment later can have another result.
    /// - Throws: As ``read(into:at:)``, of preadv2(2).
    public func readIfResident(into bytes: inout MutableRawSpan, at position: Int64) throws(IOError) -> Int? {
        do throws(Errno) {
            return try read(into: &bytes, at: position, flags: Int32(CSYS_READ_NOWAIT))
        } catch .resourceTemporarilyUnavailable {
            return nil
        } catch .notSupported {
            return try read(into: &bytes, at: position)
        } catch {
            throw .reading(.preadv2, path, bytes.byteCount, at: position, error)
        }
    }

    /// Reads the whole file into memory.
    /// - Parameter limit: The most bytes to accept.
    /// - Returns: All bytes of the file.
    /// - Throws: `IOError` with EFBIG when the file has more bytes than `limit`, and those of ``read(into:at:)``.
    public func readAll(limit: Int) throws(IOError) -> [UInt8] {
        precondition(limit >= 0 && limit < .max, "Cannot read a file up to a limit of \(limit) bytes")
        // The size is a hint: a file can grow meanwhile, and those of /proc say 0. One byte more than expected is asked
        // for, so that the end of the file is met by the first call.
        let expected = Int(clamping: try status().size)
        var room = min(max(expected, 512), limit) + 1
        var bytes: [UInt8] = []
        while true {
            let start = bytes.count
            bytes.append(contentsOf: repeatElement(0, count: room))
            let count: Int
            do throws(Errno) {
                var elements = bytes.mutableSpan
                count = try unsafe elements.withUnsafeMutableBytes { (buffer) throws(Errno) in
                    let fresh = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[start...])
                    return try unsafe read(into: fresh, at: Int64(start), flags: 0)
                }
            } catch {
                throw .reading(.pread, path, room, at: Int64(start), error)
            }
            if count < room {
                bytes.removeLast(room - count)
                return bytes
            }
            guard bytes.count <= limit else {
                let attempt = "read \(path) into memory, of which it may take \(limit) bytes"
                throw IOError(call: .pread, path: path, errno: .fileTooLarge, attempt: attempt)
            }
            room = min(bytes.count, limit - bytes.count) + 1
        }
    }

    private func read(into bytes: inout MutableRawSpan, at position: Int64, flags: Int32) throws(Errno) -> Int {
        try unsafe bytes.withUnsafeMutableBytes { (buffer) throws(Errno) in
            try unsafe read(into: buffer, at: position, flags: flags)
        }
    }

    /// Reads until `buffer` is full or the file ends; with pread(2) where there are no flags, which is a little faster.
    private func read(
        into buffer: UnsafeMutableRawBufferPointer,
        at position: Int64,
        flags: Int32
    ) throws(Errno) -> Int {
        guard let transfer = Transfer(.reading, count: buffer.count, at: position) else { throw .invalidArgument }
        guard let start = buffer.baseAddress else { return 0 }
        if flags == 0 {
            return try Syscalls.transfer(.pread, path, transfer) { done, count, position in
                unsafe csys_pread(descriptor, start + done, count, position)
            }
        }
        return try Syscalls.transfer(.preadv2, path, transfer) { done, count, position in
            unsafe csys_pread_flags(descriptor, start + done, count, position, flags)
        }
    }
}
