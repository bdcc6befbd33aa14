internal import CSystemShims

/// What a directory entry or an open file is.
public enum FileKind: Hashable, Sendable {
    /// A file of bytes.
    case regular
    /// A directory.
    case directory
    /// A symbolic link.
    case symbolicLink
    /// A device, socket or pipe.
    case other

    init(mode: UInt32) {
        // The type bits of inode(7).
        switch mode & 0o170000 {
        case 0o100000: self = .regular
        case 0o040000: self = .directory
        case 0o120000: self = .symbolicLink
        default: self = .other
        }
    }
}

/// What stat(2) tells of a file.
public struct FileStatus: Hashable, Sendable {
    /// The size in bytes.
    public let size: Int64
    /// Bytes of disk space it holds: more than the size where space was reserved, less where it is sparse.
    public let allocatedBytes: Int64
    /// The device that holds it; device and inode together tell whether two paths are one file.
    public let device: UInt64
    /// Its number on that device.
    public let inode: UInt64
    /// What it is.
    public let kind: FileKind
    /// When its contents last changed, in nanoseconds since 1970.
    public let modificationTime: Int64

    init(_ raw: csys_status) {
        size = raw.size
        allocatedBytes = raw.allocated_bytes
        device = raw.device
        inode = raw.inode
        kind = FileKind(mode: raw.mode)
        // Holds until the year 2262; what lies beyond (a file system can claim any time) is clamped.
        let (seconds, overflow) = raw.modified_s.multipliedReportingOverflow(by: 1_000_000_000)
        let (time, carry) = seconds.addingReportingOverflow(raw.modified_ns)
        modificationTime = overflow || carry ? (raw.modified_s < 0 ? .min : .max) : time
    }
}
