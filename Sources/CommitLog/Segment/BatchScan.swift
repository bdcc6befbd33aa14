import LinuxIO
import RecordBatch

/// Walks the batch headers of a log file from a known batch boundary.
///
/// Reads ahead a little, since small batches lie close together, and jumps over the bodies of large ones.
struct BatchScan {
    private let handle: FileHandle
    private let end: FilePosition
    /// Where the next batch begins.
    private(set) var position: FilePosition
    private var buffer: IOBuffer?
    private var bufferStart = FilePosition.start
    private var bufferCount = 0

    /// How much is read at a time: twice what lies between two index entries by default, so that one read mostly does.
    private static let readAheadBytes = 8192

    /// A batch's header and its place.
    typealias Element = (header: RecordBatchHeader, position: FilePosition)

    /// - Parameters:
    ///   - position: where a batch begins.
    ///   - end: where the whole batches end.
    init(_ handle: FileHandle, from position: FilePosition, to end: FilePosition) {
        self.handle = handle
        self.position = position
        self.end = end
    }

    /// The next header, read without making the thread wait for a disk; `nil` at the end, or where a batch would go past it.
    mutating func next(_ reader: ResidentReader) async throws(LogError) -> Element? {
        if let (buffer, count) = try refill() {
            do {
                bufferCount = try await reader.read(handle, into: buffer, count: count, at: position)
            } catch {
                throw LogError(error)
            }
        }
        return try parse()
    }

    /// The next header, read with waiting.
    mutating func next() throws(LogError) -> Element? {
        if let (buffer, count) = try refill() {
            do {
                bufferCount = try buffer.fill(from: handle.file, count: count, at: position.rawValue)
            } catch {
                throw LogError(error)
            }
        }
        return try parse()
    }

    /// A buffer to be filled from ``position`` on, and how far, if the header there is not at hand.
    private mutating func refill() throws(LogError) -> (IOBuffer, count: Int)? {
        let needed = RecordBatchHeader.byteCount
        guard end - position >= needed else { return nil }
        // An index that has rotted can lead anywhere.
        guard position >= .start else { throw noBatch("no file has such a position") }
        if bufferStart <= position && position + needed <= bufferStart + bufferCount { return nil }
        let buffer = self.buffer ?? IOBuffer(count: Self.readAheadBytes)
        self.buffer = buffer
        bufferStart = position
        bufferCount = 0
        return (buffer, min(Self.readAheadBytes, end - position))
    }

    private mutating func parse() throws(LogError) -> Element? {
        guard end - position >= RecordBatchHeader.byteCount, let buffer else { return nil }
        let known = (position - bufferStart)..<bufferCount
        do {
            let header = try buffer.withBytes { (bytes) throws(RecordBatchError) in
                try RecordBatchHeader(parsing: bytes.extracting(known))
            }
            guard header.byteCount <= end - position else { return nil }
            defer { position = position + header.byteCount }
            return (header, position)
        } catch {
            throw noBatch(error.message, cause: error)
        }
    }

    private func noBatch(_ reason: String, cause: (any Error)? = nil) -> LogError {
        LogError(
            .corruptMessage,
            "There is no batch at position \(position) of \(handle.file.path): \(reason)",
            at: .init(path: handle.file.path, position: position),
            cause: cause
        )
    }
}
