import AllocationCounter
import CommitLog
import Foundation
import Loads
import Measuring
import SystemPackage

/// What one step takes of what cannot be seen in its time: calls to the kernel, blocks of memory.
///
/// Calls are counted by strace(1), in two runs of which one takes more steps: the difference is what the steps took, and
/// opening and closing cancel out. Allocations are those of the calling thread.
struct StepFigures {
    let workplace: Workplace

    private static let fewSteps = 1_000
    private static let manySteps = 11_000

    func run(_ report: (Outcome) -> Void, where isWanted: (String) -> Bool) async throws {
        for step in Step.allCases {
            let name = "calls per \(step.name)"
            guard isWanted(name) else { continue }
            let few = try await calls(step, Self.fewSteps)
            let many = try await calls(step, Self.manySteps)
            let steps = Double(Self.manySteps - Self.fewSteps)
            let perStep = many.mapValues { Double($0) / steps }
                .merging(few.mapValues { -Double($0) / steps }, uniquingKeysWith: +)
                .sorted { $0.value > $1.value }
            let own = perStep.filter { step.calls.contains($0.key) }
            let others = perStep.filter { !step.calls.contains($0.key) }.reduce(0) { $0 + max(0, $1.value) }
            for (call, count) in own {
                report(Outcome(Figure("\(name): \(call)", .amount(unit: "calls")), measured: [count]))
            }
            let goal: Figure.Goal? = step == .append ? .below(0.01) : nil
            report(Outcome(Figure("\(name): all others", .amount(unit: "calls"), goal: goal), measured: [others]))
        }
        for step in Step.allCases {
            let name = "allocations per \(step.name)"
            guard isWanted(name) else { continue }
            report(Outcome(Figure(name, .amount(unit: "blocks")), measured: [try await allocations(step)]))
        }
    }

    /// How often each call is made by a process that takes so many steps.
    private func calls(_ step: Step, _ count: Int) async throws -> [String: Int] {
        let path = try step.makeDirectory(in: workplace)
        let summary = try workplace.fresh("calls")
        let child = try await ChildProcess.run(
            ["take-steps", step.rawValue, "\(count)", "--directory", path.string],
            under: ["strace", "-f", "-c", "-U", "calls,name", "-o", summary.string]
        )
        guard child.exitCode == 0 else { throw child }
        var calls: [String: Int] = [:]
        for line in try String(contentsOfFile: summary.string, encoding: .utf8).split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, let count = Int(words[0]), words[1] != "total" { calls[String(words[1])] = count }
        }
        return calls
    }

    private func allocations(_ step: Step) async throws -> Double {
        let path = try step.makeDirectory(in: workplace)
        var perStep = 0.0
        try await step.with(workplace, path) { take in
            try await take(1_000)
            let before = allocation_count()
            try await take(10_000)
            perStep = Double(allocation_count() - before) / 10_000
        }
        return perStep
    }
}

/// Something that a user of a log does again and again.
enum Step: String, CaseIterable {
    case append, slice, iterate
    case findOffset = "find-offset"
    case findTimestamp = "find-timestamp"

    var name: String {
        switch self {
        case .append: "append (64 KiB, page cache)"
        case .slice: "slice and read of 64 KiB"
        case .iterate: "batch of 100-byte records iterated"
        case .findOffset: "lookup of an offset in 10 GB"
        case .findTimestamp: "lookup of a timestamp in 10 GB"
        }
    }

    /// The calls that are told one by one.
    var calls: Set<String> {
        switch self {
        case .append: ["pwrite64"]
        case .slice, .iterate, .findOffset, .findTimestamp: ["pread64", "preadv2"]
        }
    }

    /// Whether it reads the large log, and no log of its own.
    private var isLookup: Bool { self == .findOffset || self == .findTimestamp }

    /// The directory that it works in.
    func makeDirectory(in workplace: Workplace) throws -> FilePath {
        isLookup ? try workplace.largeLog() : try workplace.freshDirectory("steps")
    }

    /// Opens the directory and makes what the step needs, hands out a function that takes so many steps, and closes what was opened.
    func with(
        _ workplace: Workplace,
        _ path: FilePath,
        _ body: (_ take: (Int) async throws -> Void) async throws -> Void
    ) async throws {
        if isLookup {
            try await withLargeLog(workplace, path, body)
        } else {
            try await withSmallLog(workplace, path, body)
        }
    }

    private func withSmallLog(
        _ workplace: Workplace,
        _ path: FilePath,
        _ body: (_ take: (Int) async throws -> Void) async throws -> Void
    ) async throws {
        let directory = try await workplace.open(path, .pageCache)
        let partition = try TopicPartition(topic: "steps", partition: 0)
        let log = try directory.createLog(partition)
        var load = try BatchLoad(batches: 1, of: 64 << 10, recordBytes: 100)
        for _ in 0..<64 { try Self.append(&load.bytes, to: log, 1) }
        var generator = SplitMix64(seed: 1)
        try await body { count in
            switch self {
            case .append:
                try Self.append(&load.bytes, to: log, count)
            case .slice:
                var buffer = [UInt8](repeating: 0, count: 64 << 10)
                for _ in 0..<count {
                    let offset = Int64.random(in: 0..<log.highWatermark.rawValue, using: &generator)
                    let slice = try await log.slice(from: Offset(offset), maxBytes: buffer.count)
                    try Self.read(slice, into: &buffer)
                }
            default:
                for _ in 0..<count { try IterationFigures.iterate(load.bytes, expecting: load.recordCount) }
            }
        }
        try directory.deleteLog(partition)
        try await directory.close()
    }

    private func withLargeLog(
        _ workplace: Workplace,
        _ path: FilePath,
        _ body: (_ take: (Int) async throws -> Void) async throws -> Void
    ) async throws {
        let directory = try await workplace.open(path, .durable)
        let log = try directory.existing(SparseDirectory.large)
        var generator = SplitMix64(seed: 1)
        try await body { count in
            for _ in 0..<count {
                let offset = Int64.random(in: 0..<log.highWatermark.rawValue, using: &generator)
                if self == .findOffset {
                    try await LookupFigures.find([offset], in: log)
                } else {
                    try await LookupFigures.findTimestamps(of: [offset], in: log)
                }
            }
        }
        try await directory.close()
    }

    private static func append(_ bytes: inout [UInt8], to log: PartitionLog, _ count: Int) throws {
        var span = bytes.mutableSpan
        var batches = span.mutableBytes
        for _ in 0..<count { _ = try log.append(&batches) }
    }

    private static func read(_ slice: LogSlice, into buffer: inout [UInt8]) throws {
        var span = buffer.mutableSpan
        var bytes = span.mutableBytes
        try slice.read(into: &bytes)
    }
}
