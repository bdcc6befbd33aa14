package import LinuxIO
public import RecordBatch

/// A stretch of a log that can be read, or sent to a socket, from a file.
///
/// Its first batch has the offsets that were asked for; that the others follow from it, and that their CRCs are right, is for
/// whoever reads the bytes to check. Holds its segment's file: it stays valid whatever happens to the log, deletion included.
/// Its bytes never change.
public struct LogSlice: Sendable {
    /// The base offset of the first batch, which may lie below the offset asked for; the offset asked for if the slice is
    /// empty.
    public let baseOffset: Offset
    /// Where the slice begins in its file: at a batch.
    public let position: FilePosition
    /// How long it is.
    ///
    /// It may end within a batch, as in Kafka's fetch responses, but holds at least one whole batch unless it is empty.
    public let byteCount: Int
    /// The open file; `nil` if the slice is empty.
    package let file: FileHandle?
    /// Whether it is in the segment to which records are appended, and so is read by all who keep up.
    package let isInActiveSegment: Bool

    /// Whether there is nothing to read yet.
    public var isEmpty: Bool { byteCount == 0 }

    /// Copies the slice's bytes, waiting for the disk if they are not in the page cache.
    ///
    /// - Parameter bytes: at least ``byteCount`` bytes, of which as many are written.
    /// - Throws: errors of the operating system; ``LogError/Code/corruptMessage`` if the file has become shorter.
    public func read(into bytes: inout MutableRawSpan) throws(LogError) {
        precondition(bytes.byteCount >= byteCount, "\(byteCount) bytes do not fit into \(bytes.byteCount)")
        guard let file else { return }
        let count: Int
        do {
            var wanted = bytes._mutatingExtracting(first: byteCount)
            count = try file.file.read(into: &wanted, at: position.rawValue)
        } catch {
            throw LogError(error)
        }
        guard count == byteCount else {
            throw LogError(
                .corruptMessage,
                "\(file.file.path) ends at \(position + count), within what was there to be read",
                at: .init(path: file.file.path, position: position + count)
            )
        }
    }

    /// Copies the slice's bytes to a new array; see ``read(into:)``.
    public func readBytes() throws(LogError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        try bytes.withMutableBytes { (bytes) throws(LogError) in try read(into: &bytes) }
        return bytes
    }
}
