internal import CSystemShims
public import SystemPackage

/// How large a file system is, and how much of it is free.
public struct FileSystemSpace: Hashable, Sendable {
    /// Bytes in all.
    public let totalBytes: Int64
    /// Bytes that may still be written by those who are not root: what is kept back for root is not among them.
    public let usableBytes: Int64

    init(_ raw: csys_space) {
        // A file system may claim any number of blocks.
        func bytes(_ blocks: UInt64) -> Int64 {
            let (bytes, overflow) = blocks.multipliedReportingOverflow(by: raw.block_bytes)
            return overflow ? .max : Int64(clamping: bytes)
        }
        totalBytes = bytes(raw.blocks)
        usableBytes = bytes(raw.usable_blocks)
    }
}

extension FileSystem {
    /// Asks how much room the file system of a path has.
    /// - Parameter path: Something on that file system, which has to exist.
    /// - Returns: Its size, and how much is free.
    /// - Throws: `IOError` of statvfs(3).
    public static func space(_ path: FilePath) throws(IOError) -> FileSystemSpace {
        var raw = csys_space()
        try Syscalls.uninterrupted(.statvfs, path, attempt: "ask how much room there is for \(path)") {
            unsafe path.withPlatformString { unsafe csys_statvfs($0, &raw) }
        }
        return FileSystemSpace(raw)
    }
}
