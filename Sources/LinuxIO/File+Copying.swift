internal import CSystemShims
internal import SystemPackage

extension File {
    /// Copies a range into another file, inside the kernel where it can: copy_file_range(2).
    ///
    /// File systems that share blocks (XFS, Btrfs) may copy nothing at all; where the kernel refuses (EXDEV, EOPNOTSUPP,
    /// EINVAL, ENOSYS, EPERM) the bytes are read and written in steps of 256 KiB. The two ranges must not overlap in
    /// the same file. Durable after the target was synchronised.
    /// - Parameters:
    ///   - position: Where to start in this file, in bytes.
    ///   - bytes: How many bytes to copy.
    ///   - target: The file to write to.
    ///   - targetPosition: Where their first byte goes, in bytes from the start of `target`.
    /// - Returns: How many bytes were copied: fewer than asked for only where this file ends.
    /// - Throws: `IOError`. `target` may hold any part of the range then.
    @discardableResult
    public func copy(
        from position: Int64,
        bytes: Int64,
        to target: borrowing File,
        at targetPosition: Int64
    ) throws(IOError) -> Int64 {
        guard position >= 0, bytes >= 0, targetPosition >= 0,
            !position.addingReportingOverflow(bytes).overflow, !targetPosition.addingReportingOverflow(bytes).overflow
        else { throw .copying(path, bytes, from: position, to: target.path, .invalidArgument) }
        var done: Int64 = 0
        while done < bytes {
            do throws(Errno) {
                let count = try copyInKernel(
                    from: position + done,
                    bytes: bytes - done,
                    to: target,
                    at: targetPosition + done
                )
                // 0 means the end, or a file that the kernel cannot copy from, such as those of /proc: reading tells.
                if count == 0 { break }
                done += count
            } catch .improperLink, .notSupported, .invalidArgument, .noFunction, .notPermitted {
                break
            } catch {
                throw .copying(path, bytes - done, from: position + done, to: target.path, error)
            }
        }
        guard done < bytes else { return done }
        let rest = try copyThroughMemory(
            from: position + done,
            bytes: bytes - done,
            to: target,
            at: targetPosition + done
        )
        return done + rest
    }

    /// One call: some of the range, or 0 at the end of the file.
    private func copyInKernel(
        from position: Int64,
        bytes: Int64,
        to target: borrowing File,
        at targetPosition: Int64
    ) throws(Errno) -> Int64 {
        let (source, sink) = (descriptor, target.descriptor)
        let most = min(Int(clamping: bytes), Transfer.mostInOneCall)
        var retry = CallRetry()
        while true {
            let result = Syscalls.once(.copyFileRange, path, to: target.path, at: position, bytes: most) { count in
                Int(csys_copy_file_range(source, position, sink, targetPosition, count))
            }
            if result >= 0 { return Int64(result) }
            let errno = Errno(result: result)
            guard retry.againAfterPause(errno, of: .copyFileRange) else { throw errno }
        }
    }

    private func copyThroughMemory(
        from position: Int64,
        bytes: Int64,
        to target: borrowing File,
        at targetPosition: Int64
    ) throws(IOError) -> Int64 {
        var step = [UInt8](repeating: 0, count: Int(min(bytes, 256 * 1024)))
        var done: Int64 = 0
        while done < bytes {
            let wanted = Int(min(bytes - done, Int64(step.count)))
            var elements = step.mutableSpan
            var room = unsafe elements.mutableBytes
            let count = try read(into: &room, at: position + done)
            let useful = min(count, wanted)
            try target.write(unsafe step.span.bytes.extracting(first: useful), at: targetPosition + done)
            done += Int64(useful)
            if count < wanted { break }
        }
        return done
    }
}

extension IOError {
    fileprivate static func copying(
        _ path: FilePath,
        _ bytes: Int64,
        from position: Int64,
        to target: FilePath,
        _ errno: Errno
    ) -> IOError {
        let attempt = "copy \(bytes) bytes from position \(position) of \(path) to \(target)"
        return IOError(call: .copyFileRange, path: path, errno: errno, attempt: attempt)
    }
}
