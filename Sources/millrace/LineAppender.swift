import CommitLog
import RecordBatch

/// Makes batches out of lines, and appends them to a log.
struct LineAppender: ~Copyable {
    /// How lines become records, and records batches.
    struct Options {
        /// How batches are compressed.
        var codec = CompressionCodec.none
        /// A batch is complete when another line would take it past so many bytes, before compression.
        var batchBytes = 64 << 10
        /// A batch is complete when it has so many records; at least 1.
        var batchLines = Int.max
        /// What stands between key and value; every line is a value if there is nothing.
        var keySeparator: [UInt8]?
    }

    /// What a record takes beside its key and value, at most: five lengths of up to five bytes, a timestamp of up to
    /// ten, and the attributes.
    private static let recordOverheadBytes = 36

    private let log: PartitionLog
    private let options: Options
    private var builder: RecordBatchBuilder
    private var compressor = Compressor()
    /// The offsets given out; `nil` before the first append.
    private(set) var offsets: ClosedRange<Offset>?

    init(_ log: PartitionLog, _ options: Options) {
        self.log = log
        self.options = options
        builder = RecordBatchBuilder(codec: options.codec)
    }

    /// Adds a line to the batch that is being made, and appends the batch if that completes it.
    /// - Parameters:
    ///   - line: The line, without its end.
    ///   - number: What to call it in an error.
    ///   - now: The wall clock.
    /// - Throws: `CommandFailure` for a line that no batch can hold, once those before it are appended; what keeps the
    ///   log from being appended to.
    mutating func append(_ line: ArraySlice<UInt8>, number: Int, at now: Timestamp) throws {
        let limit = min(options.batchBytes, log.configuration.maxMessageBytes)
        if !builder.isEmpty, builder.estimatedByteCount + line.count + Self.recordOverheadBytes > limit { try flush() }
        let (key, value) = split(line)
        try builder.append(key: key.map(Array.init), value: Array(value), timestamp: now)
        // Only a line on its own can be too long: it would not have been added to others.
        guard builder.estimatedByteCount <= log.configuration.maxMessageBytes else {
            builder.removeAll()
            throw tooLong(number)
        }
        if builder.recordCount >= options.batchLines { try flush() }
    }

    /// More bytes than this no line can have.
    var longestLine: Int { log.configuration.maxMessageBytes }

    /// The error of a line that is too long, for whoever finds out.
    func tooLong(_ number: Int) -> CommandFailure {
        CommandFailure(
            """
            Line \(number) is too long: a batch with nothing else in it would take more than max.message.bytes \
            (\(log.configuration.maxMessageBytes)). The lines before it were appended; cut it, and append the rest
            """
        )
    }

    /// Appends the lines that wait for their batch to be complete.
    /// - Throws: What keeps the log from being appended to; the lines are given up then.
    mutating func flush() throws {
        guard !builder.isEmpty else { return }
        let result = try log.append(finishBatch())
        offsets = (offsets?.lowerBound ?? result.baseOffset)...result.lastOffset
    }

    /// The batch, compressed only if that makes it smaller, as librdkafka does: what does not compress would grow,
    /// perhaps past what the log takes.
    private mutating func finishBatch() throws -> [UInt8] {
        let plainBytes = builder.estimatedByteCount
        guard options.codec != .none else { return try builder.finish(with: &compressor) }
        var plain = builder
        let batch = try builder.finish(with: &compressor)
        if batch.count < plainBytes { return batch }
        plain.codec = .none
        return try plain.finish(with: &compressor)
    }

    private func split(_ line: ArraySlice<UInt8>) -> (key: ArraySlice<UInt8>?, value: ArraySlice<UInt8>) {
        guard let separator = options.keySeparator, let range = line.firstRange(of: separator) else {
            return (nil, line)
        }
        return (line[..<range.lowerBound], line[range.upperBound...])
    }
}
