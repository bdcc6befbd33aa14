import ArgumentParser
import CommitLog
import LinuxIO
import RecordBatch
import SystemPackage

/// `millrace append`: makes records of the lines of standard input.
struct Append: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Append the lines of standard input to a log.",
        discussion: """
            Each line becomes the value of a record, byte for byte and without its end; the last line needs no end. \
            The log, and the directory, are made if they do not exist. Lines are gathered into batches, and appended \
            when a batch is full or no more input is there for now. Before the command ends it waits until all is on \
            disk, and prints the offsets on standard error.

            An interrupt (control-C) ends the input: what was read so far is appended, and reported.
            """
    )

    @Argument(help: "The log directory, which no other process may have open.", completion: .directory)
    var directory: String

    @Argument(
        help: ArgumentHelp(
            "The topic, or one of its partitions; partition 0 if no number is given.",
            valueName: "topic[-n]"
        ),
        transform: { try TopicPartition(argument: $0) }
    )
    var topicPartition: TopicPartition

    @Option(
        help: "How to compress batches: none, gzip, snappy, lz4 or zstd.",
        transform: { try CompressionCodec(argument: $0) }
    )
    var codec = CompressionCodec.none

    @Option(help: "How large a batch may become before compression, in bytes, unless a single line is larger.")
    var batchBytes = LineAppender.Options().batchBytes

    @Option(help: "How many lines a batch may have (default: as many as fit).")
    var batchLines: Int?

    @Option(help: "What parts a line into key and value; a line without it has no key (default: no line has).")
    var keySeparator: String?

    @Flag(
        inversion: .prefixedNo,
        help: """
            Whether to wait until all is on disk. If not, the command ends with all in the page cache, where a power \
            loss takes it, and leaves it to the next opening to look over the end of the log.
            """
    )
    var durable = true

    func validate() throws {
        guard batchBytes > 0 else { throw ValidationError("--batch-bytes has to be at least 1, not \(batchBytes)") }
        if let batchLines, batchLines < 1 {
            throw ValidationError("--batch-lines has to be at least 1, not \(batchLines)")
        }
        guard keySeparator != "" else { throw ValidationError("--key-separator cannot be empty") }
        guard keySeparator?.utf8.contains(UInt8(ascii: "\n")) != true else {
            throw ValidationError("--key-separator cannot contain the end of a line")
        }
    }

    func run() async throws {
        try await CommandFailure.reporting {
            let input = try StandardInput()
            let interruption = await Interruption()
            defer { interruption.cancel() }
            interruption.onRequest { input.interrupt() }
            var configuration = LogDirectory.Configuration()
            if !durable { configuration.defaults.flushMessages = .max }
            let logs = try await LogDirectory.open(FilePath(directory), mayCreate: true, configuration)
            do {
                let log = try logs.log(for: topicPartition) ?? logs.createLog(topicPartition)
                try await append(input, to: log)
            } catch {
                try? await logs.close()
                throw error
            }
            if durable { try await logs.close() }
        }
    }

    /// Appends everything, and reports it, also if something goes wrong on the way.
    private func append(_ input: StandardInput, to log: PartitionLog) async throws {
        var progress = ProgressLine("Appending", totalBytes: try? FileSystem.status("/dev/stdin")?.size)
        var appender = LineAppender(
            log,
            LineAppender.Options(
                codec: codec,
                batchBytes: batchBytes,
                batchLines: batchLines ?? .max,
                keySeparator: keySeparator.map { Array($0.utf8) }
            )
        )
        let outcome = Result { try appendLines(of: input, with: &appender, &progress) }
        progress.clear()
        try await report(appender.offsets, of: log)
        let unfinished = try outcome.get()
        if unfinished > 0 {
            StandardError.print(
                "The last \(ByteCount(unfinished)) of what was read were no whole line, and were not appended"
            )
        }
    }

    /// Returns how many bytes were read and left, since the input was interrupted in the middle of a line.
    private func appendLines(
        of input: StandardInput,
        with appender: inout LineAppender,
        _ progress: inout ProgressLine
    ) throws -> Int {
        var lines = LineSplitter(limit: appender.longestLine)
        var chunk = [UInt8](repeating: 0, count: 256 << 10)
        var bytes: Int64 = 0
        do {
            while let count = try input.read(into: &chunk) {
                if count == 0 {
                    if let line = try lines.last() { try appender.append(line, number: lines.count, at: .now) }
                    break
                }
                bytes += Int64(count)
                lines.append(chunk[..<count])
                let now = Timestamp.now
                while let line = try lines.next() { try appender.append(line, number: lines.count, at: now) }
                // Less than was asked for: there is no more for now, and the end may be far away.
                if count < chunk.count { try appender.flush() }
                progress.update(bytes: bytes)
            }
        } catch let error as LineSplitter.LineTooLong {
            try appender.flush()
            throw appender.tooLong(error.number)
        }
        try appender.flush()
        return lines.unfinishedCount
    }

    private func report(_ offsets: ClosedRange<Offset>?, of log: PartitionLog) async throws {
        guard let offsets else { return StandardError.print("No records were appended to \(log.topicPartition)") }
        if durable { try await log.waitUntilDurable(offsets.upperBound) }
        let count = offsets.upperBound.rawValue - offsets.lowerBound.rawValue + 1
        StandardError.print(
            """
            \(count == 1 ? "1 record" : "\(count) records") appended to \(log.topicPartition): \
            offsets \(offsets.lowerBound) to \(offsets.upperBound), \(durable ? "durable" : "not synced")
            """
        )
    }
}

extension CompressionCodec {
    init(argument: String) throws(ValidationError) {
        guard let codec = CompressionCodec(name: argument) else {
            let names = CompressionCodec.allCases.map(\.name).joined(separator: ", ")
            throw ValidationError("\"\(argument)\" is no codec; there are \(names)")
        }
        self = codec
    }
}
