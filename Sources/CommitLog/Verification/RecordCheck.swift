import LinuxIO
import RecordBatch

/// Inflates and decodes every record of a batch whose CRC is right.
struct RecordCheck: ~Copyable {
    /// What was found.
    enum Outcome: Hashable {
        case sound(records: Int)
        case defect(String)
        /// The records take more memory than is allowed.
        case tooLarge(String)
    }

    private let limit: Int
    private var counter: RecordCounter
    private var buffer: [UInt8] = []

    /// - Parameter limit: How many bytes a batch may have, and how many its records may inflate to; 1 to `Int32.max`.
    init(limit: Int) {
        self.limit = limit
        counter = RecordCounter(limit: limit)
    }

    /// Checks the batch at a position of a file, whose header was read from there.
    mutating func check(
        _ header: RecordBatchHeader,
        at position: FilePosition,
        of handle: FileHandle
    ) throws(IOError) -> Outcome {
        guard header.byteCount <= limit else { return .tooLarge("the batch has \(header.byteCount) bytes") }
        // Kept from batch to batch; whoever comes across a large one pays for it once.
        if buffer.count < header.byteCount { buffer = [UInt8](repeating: 0, count: max(header.byteCount, 64 << 10)) }
        let count = try handle.file.read(into: &buffer, at: position)
        // A reference of its own: the counter cannot be changed while something is borrowed from `self`.
        let bytes = buffer
        do {
            return .sound(records: try counter.count(in: bytes.rawSpan.extracting(first: count)))
        } catch  where error.code == .inflatesBeyondBound {
            return .tooLarge(error.message)
        } catch {
            return .defect(error.message)
        }
    }
}

/// Counts the records of batches, by decoding each of them.
private struct RecordCounter: ~Copyable {
    private var decompressor: Decompressor

    init(limit: Int) { decompressor = Decompressor(limit: limit) }

    /// How many records the batch has that the bytes begin with.
    mutating func count(in bytes: RawSpan) throws(RecordBatchError) -> Int {
        let batch = try RecordBatchView(bytes)
        var records = try batch.records(using: &decompressor)
        var count = 0
        var lastDelta: Int32 = -1
        while let record = try records.next() {
            guard record.offsetDelta > lastDelta else {
                throw RecordBatchError(
                    code: .invalidRecord,
                    message: "record \(count) has offset delta \(record.offsetDelta), the one before it \(lastDelta)"
                )
            }
            lastDelta = record.offsetDelta
            count += 1
            if batch.header.isControl { _ = try ControlRecord(record) }
        }
        return count
    }
}
