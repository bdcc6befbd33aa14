import ArgumentParser
import CommitLog
import Foundation
import Loads
import Measuring
import SystemPackage

@main
struct EnginePerf: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "EnginePerf",
        abstract: "Measures the storage engine against the same work in C.",
        subcommands: [Measure.self, AppendAndDie.self, HoldOpen.self, TakeSteps.self],
        defaultSubcommand: Measure.self
    )
}

/// What a command works on.
struct Place: ParsableArguments {
    @Option(help: "Where files are made. It decides which disk is measured.")
    var directory: String

    func workplace() throws -> Workplace { try Workplace(FilePath(directory)) }
}

struct Measure: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Measures, and prints a table.")

    @OptionGroup var place: Place

    @Flag(help: "Fewer and shorter rounds: shows that everything runs, and roughly how fast.")
    var quick = false

    @Option(help: "Only figures whose names contain this.")
    var only: String?

    @Option(help: "Where the results are written as JSON.")
    var results: String?

    func run() async throws {
        let workplace = try place.workplace()
        let rounds = InterleavedRounds(count: quick ? 3 : 9)
        let few = InterleavedRounds(count: quick ? 1 : 5)
        var report = Report()
        let isWanted = { (name: String) in only.map { name.contains($0) } ?? true }
        let add = { (outcome: Outcome) in
            report.outcomes.append(outcome)
            Self.show(Report.line(outcome))
        }
        Self.show(Report.heading)
        try await AppendFigures(workplace: workplace, rounds: rounds, bytes: quick ? 128 << 20 : 512 << 20)
            .run(add, where: isWanted)
        try await DurableFigures(workplace: workplace, rounds: rounds, shortening: quick ? 5 : 1)
            .run(add, where: isWanted)
        try await IterationFigures(rounds: rounds, bytes: 64 << 20)
            .run(add, where: isWanted)
        try await LookupFigures(workplace: workplace, rounds: rounds, lookups: quick ? 10_000 : 50_000)
            .run(add, where: isWanted)
        try await OpeningFigures(workplace: workplace, rounds: few, logs: 1000, idleLogs: 10_000)
            .run(add, where: isWanted)
        try await StepFigures(workplace: workplace)
            .run(add, where: isWanted)
        if let results { try report.write(to: results) }
    }

    /// Prints a line at once, also into a pipe.
    private static func show(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
}

struct AppendAndDie: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Appends a MiB to every log, to the page cache, and kills itself.",
        shouldDisplay: false
    )

    @OptionGroup var place: Place

    func run() async throws {
        let workplace = try place.workplace()
        let directory = try await workplace.open(workplace.path, .pageCache)
        let load = try BatchLoad(batches: 16, of: OpeningFigures.tailBytes / 16, recordBytes: 1 << 10)
        for log in directory.logs { _ = try log.append(load.bytes) }
        kill(getpid(), SIGKILL)
    }
}

struct HoldOpen: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Opens a directory, appends to every log, and tells what that took.",
        shouldDisplay: false
    )

    @OptionGroup var place: Place

    func run() async throws {
        let workplace = try place.workplace()
        let directory = try await workplace.open(workplace.path, .durable)
        var footprints = [try Footprint.current()]
        let load = try BatchLoad(batches: 1, of: 4 << 10, recordBytes: 1 << 10)
        for log in directory.logs { _ = try log.append(load.bytes) }
        for log in directory.logs { try await log.flush() }
        footprints.append(try Footprint.current())
        try await directory.close()
        print(String(decoding: try JSONEncoder().encode(footprints), as: UTF8.self))
    }
}

struct TakeSteps: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Does the same thing a number of times, to be looked at from outside.",
        shouldDisplay: false
    )

    @Argument var step: Step
    @Argument var count: Int
    @OptionGroup var place: Place

    func run() async throws {
        let workplace = try place.workplace()
        try await step.with(workplace, workplace.path) { take in try await take(count) }
    }
}

extension Step: ExpressibleByArgument {}
