import ArgumentParser
import CommitLog
import SystemPackage

/// `millrace inspect`: prints what lies in the files of a log directory, and changes nothing.
struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print what lies in the files of a log directory.",
        discussion: """
            PATH is a partition's directory, one of its files (.log, .index, .timeindex, .txnindex, .snapshot, \
            leader-epoch-checkpoint, partition.metadata), or one of those at the root of a log directory \
            (*-offset-checkpoint, meta.properties, .kafka_cleanshutdown, *.checkpoint). Nothing is changed, and a broker \
            may be running.

            Of a log the data records are shown, or with an option its batches or its control records. At the first byte \
            that does not belong there, what came before has been printed, the error says where it is, and the exit \
            status is 1.
            """
    )

    @Argument(help: "What to show.", completion: .file())
    var paths: [String]

    @Flag(help: "Print one JSON object a line, with all fields, instead of a table.")
    var json = false

    @Flag(exclusivity: .exclusive, help: "What to show of a log; of other files there is only one thing to show.")
    var selection = LogSelection.records

    func run() throws {
        var printer = RowPrinter(form: json ? .json : .table)
        var failed = false
        for path in paths.map({ FilePath($0) }) {
            do throws(InspectionError) {
                try Inspection(path).print(selection, to: &printer)
                try printer.flush()
            } catch {
                // What could be read goes first: standard output and standard error may be one terminal.
                try printer.flush()
                try FileDescriptor.standardError.writeAll("millrace: \(error)\n".utf8)
                failed = true
            }
        }
        if failed { throw ExitCode.failure }
    }
}

/// What is shown of a log.
enum LogSelection: EnumerableFlag {
    case records
    case batches
    case control

    static func help(for value: LogSelection) -> ArgumentHelp? {
        switch value {
        case .records: "The data records."
        case .batches: "The batches."
        case .control: "The control records: transaction markers, and those of the Raft layer."
        }
    }
}
