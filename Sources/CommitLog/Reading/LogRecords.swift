import LinuxIO
public import RecordBatch

extension PartitionLog {
    /// The log's records from `offset` on, as they become readable.
    ///
    /// The sequence goes on for as long as the log does: at the end it waits for more. It ends when the task is cancelled.
    /// Control batches are passed over. Iterators are independent of each other, and each reads on its own.
    ///
    /// - Parameter offset: where to begin; checked at the first `next()`.
    public func records(from offset: Offset) -> LogRecords { LogRecords(log: self, start: offset, end: nil) }

    /// The log's records whose offsets lie in a range.
    ///
    /// As ``records(from:)``, but the sequence ends behind the last record below the range's end. Where the range goes beyond
    /// what can be read yet, it waits for the rest.
    ///
    /// - Parameter range: the offsets; nothing is read of an empty range, and its bounds are not checked.
    public func records(in range: Range<Offset>) -> LogRecords {
        LogRecords(log: self, start: range.lowerBound, end: range.upperBound)
    }
}

/// The records of a log as an asynchronous sequence; see ``PartitionLog/records(from:)``.
///
/// `next()` reads when it is called and holds back nobody: who does not ask costs nothing. A quarter of a MiB is read, its
/// batches checked and inflated, at a time.
public struct LogRecords: AsyncSequence, Sendable {
    /// A record.
    public typealias Element = Record
    /// What ends the sequence early.
    public typealias Failure = LogError

    fileprivate let log: PartitionLog
    fileprivate let start: Offset
    /// Where the sequence ends; `nil` if it goes on for as long as the log does.
    fileprivate let end: Offset?

    /// A reader of its own, that begins at the first record.
    public func makeAsyncIterator() -> Iterator { Iterator(self) }

    /// Reads one record after another.
    public struct Iterator: AsyncIteratorProtocol {
        /// A record.
        public typealias Element = Record
        /// What ends the sequence early.
        public typealias Failure = LogError

        private static let readBytes = 256 << 10

        private let log: PartitionLog
        private let end: Offset?
        private let decoder = RecordDecoder()
        /// The offset that the next record has at least.
        public private(set) var nextOffset: Offset
        private var records: ArraySlice<Record> = []

        fileprivate init(_ sequence: LogRecords) {
            log = sequence.log
            end = sequence.end
            nextOffset = sequence.start
        }

        /// The next record; waits for one if there is none yet.
        ///
        /// - Returns: `nil` once the task is cancelled, or behind the last record of a range.
        /// - Throws: ``LogError/Code/offsetOutOfRange`` if the records to come were deleted; ``LogError/Code/corruptMessage``
        ///   where a batch does not read back; errors of the operating system.
        public mutating func next() async throws(LogError) -> Record? {
            while true {
                if let end, nextOffset >= end || records.first.map({ $0.offset >= end }) == true { return nil }
                if let record = records.popFirst() {
                    nextOffset = record.offset + 1
                    return record
                }
                let slice = try await log.slice(from: nextOffset, maxBytes: Self.readBytes)
                guard !slice.isEmpty, let file = slice.file else {
                    do {
                        if try await log.readable.wait(for: nextOffset + 1) { continue }
                        return nil
                    } catch  where error.code == .offsetOutOfRange {
                        // The log was cut. If only above what was read, that is no concern of this reader's: look again.
                        continue
                    }
                }
                let buffer = IOBuffer(count: slice.byteCount)
                do {
                    _ = try await log.services.reader.read(
                        file,
                        into: buffer,
                        count: slice.byteCount,
                        at: slice.position
                    )
                } catch {
                    throw LogError(error, log.topicPartition)
                }
                let end: Offset
                (records, end) = try decoder.decode(buffer, from: nextOffset, of: slice, log)
                // Only control batches, or records below the start.
                if records.isEmpty { nextOffset = Swift.max(nextOffset, end) }
            }
        }

        /// The next record: see ``next()``.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(LogError) -> Record? {
            try await next()
        }
    }
}

/// Turns batches into records, with codec contexts that are used again and again.
private final class RecordDecoder {
    private var contexts = Contexts()

    /// The records at and above `offset`, and the offset behind the last whole batch.
    func decode(
        _ buffer: IOBuffer,
        from offset: Offset,
        of slice: LogSlice,
        _ log: PartitionLog
    ) throws(LogError) -> (ArraySlice<Record>, Offset) {
        var decoded = Decoded(end: slice.baseOffset)
        let defect = buffer.withBytes { bytes in
            contexts.decode(bytes.extracting(0..<slice.byteCount), from: offset, into: &decoded)
        }
        // What was read before a defect is given out first; the defect is met again after that.
        if let defect, decoded.records.isEmpty, let file = slice.file {
            throw log.corrupt(defect, at: slice.position + decoded.byteCount, of: file, decoded.end)
        }
        return (decoded.records[...], decoded.end)
    }
}

/// What a stretch of bytes was found to hold.
private struct Decoded {
    var records: [Record] = []
    var end: Offset
    var byteCount = 0
}

/// What a ``RecordDecoder`` holds: a value, so that what is inflated can be borrowed from it.
private struct Contexts: ~Copyable {
    private var decompressor = Decompressor()

    /// Returns what ended the decoding before the end of the bytes.
    ///
    /// A base offset, which no CRC covers, is believed where it follows from the batch before, or where the batch behind it
    /// leaves room for a gap. Where that one is not at hand the decoding ends: a slice that begins at a batch begins at one
    /// that is believed.
    mutating func decode(_ bytes: RawSpan, from offset: Offset, into decoded: inout Decoded) -> RecordBatchError? {
        var batches = RecordBatchIterator(bytes)
        do throws(RecordBatchError) {
            while let batch = try batches.next() {
                try batch.validateCRC()
                let header = batch.header
                if header.baseOffset < decoded.end { throw Self.misplaced(header, decoded.end) }
                if header.baseOffset > decoded.end {
                    let rest = bytes.extracting(droppingFirst: batches.position)
                    if rest.byteCount < RecordBatchHeader.byteCount { return nil }
                    let next = try RecordBatchHeader(parsing: rest)
                    if next.baseOffset < header.nextOffset { throw Self.misplaced(header, decoded.end) }
                }
                if !header.isControl {
                    var iterator = try batch.records(using: &decompressor)
                    while let record = try iterator.next() {
                        if record.offset >= offset { decoded.records.append(Record(record)) }
                    }
                }
                decoded.end = header.nextOffset
                decoded.byteCount = batches.position
            }
            return nil
        } catch {
            return error
        }
    }

    private static func misplaced(_ header: RecordBatchHeader, _ due: Offset) -> RecordBatchError {
        RecordBatchError(
            code: .invalidHeader,
            message: "its base offset is \(header.baseOffset), but offset \(due) is due",
            location: .init(bytePosition: 0, baseOffset: header.baseOffset)
        )
    }
}
