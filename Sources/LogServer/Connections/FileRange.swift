package import LinuxIO

/// A stretch of a file that is sent to a client.
package struct FileRange: Sendable {
    /// The file, from which what is sent may be read until the client has acknowledged it.
    package let file: FileHandle
    /// Where it starts, in bytes from the start of the file.
    package let position: Int64
    /// How long it is.
    package let byteCount: Int64
    /// Whether others are about to read it too: then it belongs into the page cache, if it is not there.
    package let isShared: Bool

    package init(_ file: FileHandle, from position: Int64, byteCount: Int64, isShared: Bool = true) {
        self.file = file
        self.position = position
        self.byteCount = byteCount
        self.isShared = isShared
    }

    /// Its first bytes.
    func prefix(_ bytes: Int64) -> FileRange {
        FileRange(file, from: position, byteCount: min(bytes, byteCount), isShared: isShared)
    }

    /// What is left without its first bytes.
    func dropping(_ bytes: Int64) -> FileRange {
        FileRange(file, from: position + bytes, byteCount: byteCount - bytes, isShared: isShared)
    }

    /// Whether all of it is in the page cache, so that sending it does not wait for a disk.
    func isResident() throws(IOError) -> Bool { try file.file.isResident(from: position, bytes: byteCount) }
}
