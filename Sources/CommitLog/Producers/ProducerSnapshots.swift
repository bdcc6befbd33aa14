import LinuxIO
import RecordBatch
import SystemPackage

/// The snapshots in a log's directory of what it knows of its producers.
///
/// What counts are the log's batches; a snapshot saves reading them all when the log is opened.
///
/// - Before the first batch with a producer id an empty one is made, whose name becomes durable with that batch. So a log
///   without any has no producers in what is durable.
/// - One is written when a segment is rolled, at the new base offset, and one when the log is closed, at its end.
/// - Those at the base offsets of segments stay, for cuts of the tail, and the newest does in any case.
/// - What lies above the end of the log is removed, durably, before anything is appended that it would not know of.
struct ProducerSnapshots {
    let directory: FilePath

    /// The most bytes that are read of one: some six million producers.
    private static let sizeLimit = 256 << 20

    init(in directory: FilePath) { self.directory = directory }

    /// The offsets of the snapshots there are, ascending.
    func all() throws(IOError) -> [Offset] {
        PartitionFiles(names: try FileSystem.list(directory).map(\.name)).snapshots
    }

    /// The newest that can be used.
    ///
    /// - Parameters:
    ///   - found: those there are, ascending.
    ///   - end: one above it tells of what is not in the log.
    ///   - unusable: is told of those that cannot be read or understood.
    func newest(
        of found: [Offset],
        upTo end: Offset,
        unusable: (Offset, any Error) -> Void
    ) throws(IOError) -> (offset: Offset, states: ProducerStates)? {
        for offset in found.reversed() where offset <= end {
            do {
                let bytes = try FileSystem.readFile(path(offset), limit: Self.sizeLimit)
                return (offset, ProducerStates(try ProducerSnapshot(parsing: bytes.rawSpan)))
            } catch {
                // What passes by itself says nothing about the file.
                if let error = error as? IOError, LogError(error).isRetryable { throw error }
                unusable(offset, error)
            }
        }
        return nil
    }

    /// Writes one, durably.
    func write(_ states: ProducerStates, at offset: Offset) throws(IOError) {
        try FileSystem.replaceFile(path(offset), contents: states.snapshot().encoded())
    }

    /// Makes the first one of a log, empty, without waiting for the disk.
    ///
    /// If its contents are lost it tells all the same that there are producers.
    func makeFirst(at offset: Offset) throws(IOError) {
        let file = try File.open(path(offset), .readWrite, create: .ifMissing)
        try file.truncate(to: 0)
        try file.write(ProducerSnapshot().encoded().rawSpan, at: 0)
    }

    /// Removes some.
    func remove(_ offsets: [Offset]) throws(IOError) {
        for offset in offsets { try FileSystem.removeFile(path(offset)) }
    }

    /// Those that nothing needs any more.
    ///
    /// - Parameters:
    ///   - found: those there are, ascending.
    ///   - segments: the base offsets of the log's segments.
    static func redundant(_ found: [Offset], segments: [Offset]) -> [Offset] {
        let needed = Set(segments)
        return found.dropLast().filter { !needed.contains($0) }
    }

    private func path(_ offset: Offset) -> FilePath {
        directory.appending(SegmentFileName(baseOffset: offset, kind: .snapshot).description)
    }
}
