import CommitLog
import Foundation
import Limits
import Loads
import Measuring
import SystemPackage

/// Opening a directory of many logs: closed cleanly, and after a SIGKILL; and what many logs take while they are open.
///
/// What is opened is in the page cache.
struct OpeningFigures {
    let workplace: Workplace
    let rounds: InterleavedRounds
    /// How many logs of 100 MB are opened.
    let logs: Int
    /// How many logs of 64 KiB are held open.
    let idleLogs: Int

    /// What each log holds above its recovery point when its process is killed.
    static let tailBytes = 1 << 20
    private static let threads = 4

    func run(_ report: (Outcome) -> Void, where isWanted: (String) -> Bool) async throws {
        let clean = "opening \(logs) logs of 100 MB, closed cleanly"
        let killed = "opening \(logs) logs of 100 MB, 1 MiB each above its recovery point"
        if isWanted(clean) || isWanted(killed) {
            let path = try workplace.freshDirectory("opening")
            try SparseDirectory.makeMany(path, logs: logs, batches: 100, of: 1_000_000)
            // From now on it is as the engine closes it.
            try await workplace.open(path, .pageCache).close()
            if isWanted(clean) { report(try await openClean(path, clean)) }
            if isWanted(killed) { report(try await openKilled(path, killed)) }
            try workplace.remove(path)
        }
        try await holdOpen(report, where: isWanted)
    }

    private func openClean(_ path: FilePath, _ name: String) async throws -> Outcome {
        try await rounds.run(
            Figure(name, .seconds, goal: .below(0.5)),
            limit: {
                try LimitFailure.check(limit_open_clean(path.string, SparseDirectory.many, logs, Self.threads))
            },
            measured: {
                let (directory, taken) = try await open(path)
                try await directory.close()
                return taken
            }
        )
    }

    private func openKilled(_ path: FilePath, _ name: String) async throws -> Outcome {
        try await rounds.run(
            Figure(name, .seconds, goal: .below(2)),
            limit: {
                let tails = try workplace.freshDirectory("limit")
                return try LimitFailure.check(limit_recover(tails.string, logs, Self.tailBytes, Self.threads))
            },
            measured: {
                let killed = try await ChildProcess.run(["append-and-die", "--directory", path.string])
                guard killed.signal == SIGKILL else { throw killed }
                let (directory, taken) = try await open(path)
                let checked = directory.recovery.checkedBytes
                guard checked >= logs * Self.tailBytes else {
                    throw WrongCount(counted: checked, expected: logs * Self.tailBytes)
                }
                try await directory.close()
                return taken
            }
        )
    }

    private func open(_ path: FilePath) async throws -> (LogDirectory, Double) {
        let start = ContinuousClock.now
        let directory = try await workplace.open(path, .pageCache)
        return (directory, (ContinuousClock.now - start) / .seconds(1))
    }

    private func holdOpen(_ report: (Outcome) -> Void, where isWanted: (String) -> Bool) async throws {
        let name = "\(idleLogs) logs of 64 KiB"
        guard isWanted(name) else { return }
        let path = try workplace.freshDirectory("idle")
        try SparseDirectory.makeMany(path, logs: idleLogs, batches: 1, of: 64 << 10)
        try await workplace.open(path, .durable).close()
        let child = try await ChildProcess.run(["hold-open", "--directory", path.string])
        guard child.exitCode == 0 else { throw child }
        let footprints = try JSONDecoder().decode([Footprint].self, from: Data(child.output.utf8))
        for (footprint, when) in zip(footprints, ["open", "open, each appended to once"]) {
            let residence = Figure("\(name), \(when): RSS", .amount(unit: "MB"), goal: .below(100))
            report(Outcome(residence, measured: [Double(footprint.residentBytes) / 1e6]))
            let files = Figure("\(name), \(when): open files", .amount(unit: "files"))
            report(Outcome(files, measured: [Double(footprint.openFiles)]))
        }
        try workplace.remove(path)
    }
}

/// What a process takes.
struct Footprint: Codable {
    var residentBytes: Int
    var openFiles: Int

    /// Of this process, now.
    static func current() throws -> Footprint {
        let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return Footprint(
            residentBytes: (Int(pages[1]) ?? 0) * sysconf(Int32(_SC_PAGESIZE)),
            openFiles: try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        )
    }
}
