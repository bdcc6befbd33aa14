import ArgumentParser
import CommitLog
import RecordBatch
import SystemPackage

/// `millrace read`: prints the records of a log.
struct Read: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the records of a log.",
        discussion: """
            Records are printed up to where the log ends when the command starts; control records are passed over. \
            What `append` has read from a file comes out byte for byte the same.

            --from is an offset, `earliest`, `latest`, or a time: @ and milliseconds since 1970, or a date such as \
            @2026-03-01T12:30:00Z (UTC if it names no zone). A time stands for the first record that has it or a \
            later one.
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

    @Option(help: ArgumentHelp("Where to begin.", valueName: "offset|earliest|latest|@time"))
    var from = StartPosition.earliest

    @Option(help: ArgumentHelp("The offset to stop before (default: the end of the log).", valueName: "offset"))
    var to: Int64?

    @Option(help: "How many records to print (default: all).")
    var count: Int64?

    @Option(help: "What to print: value, the bytes of the value and the end of a line; json, the whole record.")
    var output = RecordForm.value

    @Option(help: "Print the key and this before the value of each record that has one; see `append`.")
    var keySeparator: String?

    func validate() throws {
        if let to, to < 0 { throw ValidationError("--to has to be an offset, which is at least 0, not \(to)") }
        if let count, count < 0 { throw ValidationError("--count has to be at least 0, not \(count)") }
        guard keySeparator == nil || output == .value else {
            throw ValidationError("--key-separator is for --output value; JSON shows the key anyway")
        }
    }

    func run() async throws {
        try await CommandFailure.reporting {
            Interruption.ignoreBrokenPipes()
            let interruption = await Interruption()
            defer { interruption.cancel() }
            let logs = try await LogDirectory.open(FilePath(directory), mayCreate: false)
            do {
                guard let log = logs.log(for: topicPartition) else {
                    throw CommandFailure("There is no log \(topicPartition) in \(directory)\(Self.list(logs))")
                }
                let reading = Task { try await print(log) }
                interruption.onRequest { reading.cancel() }
                do {
                    try await reading.value
                } catch is CancellationError {
                    // Whoever was reading what was printed has seen enough.
                }
            } catch {
                try? await logs.close()
                throw error
            }
            try await logs.close()
        }
    }

    private func print(_ log: PartitionLog) async throws {
        guard let range = try await range(of: log) else { return }
        var printer = RecordPrinter(output, keySeparator: keySeparator.map { Array($0.utf8) })
        var progress = ProgressLine("Reading", sharesTerminal: true)
        defer { progress.clear() }
        var left = count ?? .max
        do {
            var records = log.records(in: range).makeAsyncIterator()
            while left > 0, !Task.isCancelled, let record = try await records.next() {
                left -= 1
                try printer.print(record)
                progress.update(bytes: printer.byteCount)
            }
        } catch let error as LogError {
            // What could be read goes first: standard output and standard error may be one terminal.
            try printer.flush()
            throw error
        }
        try printer.flush()
    }

    /// The offsets to read; `nil` if there is none to begin with.
    private func range(of log: PartitionLog) async throws -> Range<Offset>? {
        let end = log.highWatermark
        let start: Offset
        switch from {
        case .offset(let offset): start = offset
        case .earliest: start = log.logStartOffset
        case .latest: start = end
        case .timestamp(let timestamp):
            guard let found = try await log.offset(for: .timestamp(timestamp)) else {
                StandardError.print("No record of \(log.topicPartition) has this time or a later one")
                return nil
            }
            start = found.offset
        }
        // Refuses an offset that cannot be read, which an empty range would hide.
        _ = try await log.slice(from: start, maxBytes: 0)
        return start..<max(start, min(to.map { Offset($0) } ?? end, end))
    }

    /// The logs that there are, for who asked for another.
    private static func list(_ logs: LogDirectory) -> String {
        let names = logs.logs.prefix(10).map(\.topicPartition.description)
        guard !names.isEmpty else { return ", nor any other" }
        let more = logs.logs.count > names.count ? ", … (\(logs.logs.count) in all)" : ""
        return "; there are: \(names.joined(separator: ", "))\(more)"
    }
}
