import LinuxIO
import RecordBatch

/// Reads a log file from a batch boundary to its end, and checks each batch: its header, its length, and its CRC.
///
/// Memory is bounded whatever the file claims: a batch that is larger than the window passes through it in pieces.
struct SequentialReader {
    /// What stands at a position.
    enum Element {
        /// A batch, and whether its CRC is right (or lies below where that is asked for).
        case batch(RecordBatchHeader, at: FilePosition)
        /// Something that is no whole, sound batch.
        case defect(String, at: FilePosition)
        /// Nothing: the file ends here.
        case end

        var isEnd: Bool { if case .end = self { true } else { false } }
    }

    private static let windowBytes = 1 << 20

    private let handle: FileHandle
    private let end: FilePosition
    private let crcStart: FilePosition
    private(set) var position: FilePosition
    private let window: IOBuffer
    private var windowStart = FilePosition.start
    private var windowCount = 0

    /// - Parameters:
    ///   - position: where a batch begins.
    ///   - end: the size of the file.
    ///   - crcStart: CRCs of batches that begin below this are not checked, and their bodies not read.
    init(_ handle: FileHandle, from position: FilePosition, to end: FilePosition, checkingFrom crcStart: FilePosition) {
        self.handle = handle
        self.position = position
        self.end = end
        self.crcStart = crcStart
        window = IOBuffer(count: min(Self.windowBytes, max(end - position, RecordBatchHeader.byteCount)))
    }

    /// What stands at ``position``, which moves behind it if it is a batch.
    mutating func next() throws(IOError) -> Element {
        let rest = end - position
        if rest <= 0 { return .end }
        guard rest >= RecordBatchHeader.byteCount else {
            return .defect("\(rest) bytes are too few for a batch", at: position)
        }
        guard try fill(RecordBatchHeader.byteCount, at: position) else {
            return .defect("the file is shorter than its size", at: position)
        }
        let header: RecordBatchHeader
        do {
            header = try withBytes(at: position, count: RecordBatchHeader.byteCount) {
                (bytes) throws(RecordBatchError) in
                try RecordBatchHeader(parsing: bytes)
            }
        } catch {
            return .defect(error.message, at: position)
        }
        guard header.byteCount <= rest else {
            return .defect(
                "a batch of \(header.byteCount) bytes does not fit into the \(rest) that are left",
                at: position
            )
        }
        if position >= crcStart {
            guard let crc = try checksum(header) else {
                return .defect("the file is shorter than its size", at: position)
            }
            guard crc == header.crc else {
                return .defect("its CRC is \(header.crc), but its bytes have \(crc)", at: position)
            }
        }
        defer { position = position + header.byteCount }
        return .batch(header, at: position)
    }

    /// The CRC of what a batch's CRC covers: from the attributes to the end.
    private mutating func checksum(_ header: RecordBatchHeader) throws(IOError) -> UInt32? {
        var checksum: UInt32 = 0
        var at = position + RecordBatchHeader.checksumStart
        let batchEnd = position + header.byteCount
        while at < batchEnd {
            let wanted = min(batchEnd - at, window.count)
            guard try fill(min(wanted, 1), at: at) else { return nil }
            let available = min(wanted, windowStart + windowCount - at)
            checksum = withBytes(at: at, count: available) { CRC32C.checksum(of: $0, continuing: checksum) }
            at = at + available
        }
        return checksum
    }

    /// Makes sure that the window holds `count` bytes from `start` on; `false` where the file has no more.
    private mutating func fill(_ count: Int, at start: FilePosition) throws(IOError) -> Bool {
        if windowStart <= start && start + count <= windowStart + windowCount { return true }
        windowStart = start
        windowCount = 0
        windowCount = try window.fill(
            from: handle.file,
            count: min(window.count, end - start),
            at: start.rawValue
        )
        return windowCount >= count
    }

    private func withBytes<Result, Failure>(
        at start: FilePosition,
        count: Int,
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let from = start - windowStart
        return try window.withBytes { (bytes) throws(Failure) in try body(bytes.extracting(from..<(from + count))) }
    }
}
