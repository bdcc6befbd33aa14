import ArgumentParser
import Foundation
import Limits
import Loads
import Measuring
import SystemPackage

@main
struct NetworkPerf: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "NetworkPerf",
        abstract: "Measures a node, as a process of its own, against servers in C that do the same.",
        subcommands: [Measure.self, LimitFetch.self, LimitProduce.self],
        defaultSubcommand: Measure.self
    )
}

struct Measure: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Measures, and prints a table.")

    @Option(help: "Where files are made. It decides which disk is measured.")
    var directory: String

    @Flag(help: "Fewer and shorter rounds: shows that everything runs, and roughly how fast.")
    var quick = false

    @Option(help: "Only figures whose names contain this.")
    var only: String?

    @Option(help: "Where the results are written as JSON.")
    var results: String?

    func run() async throws {
        let workplace = try Workplace(FilePath(directory))
        let rounds = InterleavedRounds(count: quick ? 3 : 5)
        var report = Report()
        report.congestionControl = try Self.congestionControl()
        let isWanted = { (name: String) in only.map { name.contains($0) } ?? true }
        let add = { (outcome: Outcome) in
            report.outcomes.append(outcome)
            Self.show(Report.line(outcome))
        }
        Self.show("congestion control: \(report.congestionControl ?? ""); load: \(report.load)\n")
        Self.show(Report.heading)
        try await WarmFetchFigures(workplace: workplace, rounds: rounds, answers: quick ? 2_000 : 12_000)
            .run(add, where: isWanted)
        try await TraceFigures(workplace: workplace, answers: 500)
            .run(add, where: isWanted)
        try await ProduceFigures(workplace: workplace, rounds: rounds, requests: quick ? 100 : 400)
            .run(add, where: isWanted)
        try await IdleFigures(workplace: workplace, rounds: rounds, connections: 10_000, partitions: 10_000)
            .run(add, where: isWanted)
        try await ScanFigures(workplace: workplace, rounds: rounds, seconds: quick ? 2 : 8)
            .run(add, where: isWanted)
        if let results { try report.write(to: results) }
    }

    private static func congestionControl() throws -> String {
        var name = [CChar](repeating: 0, count: 32)
        _ = try LimitFailure.check(Double(wire_congestion_control(&name, name.count)))
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Prints a line at once, also into a pipe.
    private static func show(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
}

struct LimitFetch: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Answers Fetch requests from a file by sendfile, until it is killed.",
        shouldDisplay: false
    )

    @Option var file: String
    @Option var batchBytes: Int
    @Option var records: Int
    @Option var loops: Int

    func run() throws {
        let listener = try LimitListener()
        _ = try LimitFailure.check(Double(-limit_serve_fetch(listener.descriptor, file, batchBytes, records, loops)))
    }
}

struct LimitProduce: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Appends what Produce requests carry to a file, until it is killed.",
        shouldDisplay: false
    )

    @Option var file: String

    func run() throws {
        let listener = try LimitListener()
        _ = try LimitFailure.check(Double(-limit_serve_produce(listener.descriptor, file)))
    }
}

/// Listens for a limit, and says where.
private struct LimitListener {
    let descriptor: CInt

    init() throws {
        var port: UInt16 = 0
        descriptor = wire_listen(&port)
        _ = try LimitFailure.check(Double(min(0, descriptor)))
        FileHandle.standardError.write(Data((ServerProcess.announcement(port) + "\n").utf8))
    }
}
