import ArgumentParser
import CommitLog
import RecordBatch
import SystemPackage

/// `millrace verify`: checks everything in a log directory.
struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check everything in a log directory.",
        discussion: """
            Reads all batches and records, and compares indexes, checkpoints and names with them. Nothing is \
            changed, and a broker may be running; what is said of the end of its logs may then be stale.

            Each fault is a line on standard output: file, position, offset, kind, and what is wrong. Notes are \
            about what a crash has left, which the next opening mends. The summary goes to standard error. The exit \
            status is 1 if there are faults.
            """
    )

    @Argument(help: "The log directory, or the directory of a partition.", completion: .directory)
    var directory: String

    @Flag(help: "Print one JSON object a line.")
    var json = false

    func run() async throws {
        try await CommandFailure.reporting {
            var verifier = try LogVerifier(FilePath(directory))
            var printer = FaultPrinter(json: json)
            var progress = ProgressLine("Verifying", totalBytes: verifier.totalBytes)
            while let event = verifier.next() {
                switch event {
                case .fault(let fault):
                    progress.clear()
                    try printer.print(fault)
                case .progress:
                    break
                }
                progress.update(bytes: verifier.counts.checkedBytes)
            }
            progress.clear()
            StandardError.print(printer.summary(of: verifier.counts))
            if printer.faultCount > 0 { throw ExitCode.failure }
        }
    }
}

/// Prints what a verifier has found, and counts it.
private struct FaultPrinter {
    let json: Bool
    private(set) var faultCount = 0
    private var noteCount = 0

    init(json: Bool) { self.json = json }

    /// Prints a fault or a note, as one line.
    mutating func print(_ fault: VerificationFault) throws {
        switch fault.severity {
        case .fault: faultCount += 1
        case .note: noteCount += 1
        }
        var line: [UInt8] = []
        if json {
            JSONText.append(fault.row, to: &line)
        } else {
            line += "\(fault.severity.rawValue): \(fault)\n".utf8
        }
        do {
            // Not gathered: whoever waits for a long check wants to know at once.
            try FileDescriptor.standardOutput.writeAll(line)
        } catch {
            throw CommandFailure("Could not write to standard output: \(error)")
        }
    }

    func summary(of counts: VerificationCounts) -> String {
        """
        \(Self.count(faultCount, "fault")), \(Self.count(noteCount, "note")): \
        \(Self.count(counts.records, "record")) in \(Self.count(counts.batches, "batch", "batches")), \
        \(Self.count(counts.segments, "segment")) of \(Self.count(counts.partitions, "partition")), \
        \(ByteCount(counts.checkedBytes))
        """
    }

    private static func count(_ count: some BinaryInteger, _ one: String, _ many: String? = nil) -> String {
        count == 1 ? "1 \(one)" : "\(count) \(many ?? one + "s")"
    }
}

extension VerificationFault {
    /// The fault as `verify --json` prints it.
    fileprivate var row: Row {
        [
            "severity": .text(severity.rawValue),
            "kind": .text(kind.description),
            "path": .text(path.string),
            "position": Row.Value(position?.rawValue),
            "offset": Row.Value(offset?.rawValue),
            "message": .text(message),
        ]
    }
}
