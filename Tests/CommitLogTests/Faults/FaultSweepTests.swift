import Foundation
import LinuxIO
import SystemPackage
import TestSupport
import Testing

@testable import CommitLog

/// Every call of every scenario fails once, in every way in which it can, and the promises are looked at again.
///
/// `FAULTS=all` runs all of them, which takes minutes; otherwise some are drawn by the seed. `FAULT_SCENARIO=tail` runs one
/// scenario, and with it `FAULT_CASE="fdatasync 00000000000000000000.log 0 EIO"` one case.
@Suite("Every call fails once", .temporaryDirectory, .serialized)
struct FaultSweepTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static var scenarios: [FaultScenario] {
        let wanted = environment["FAULT_SCENARIO"]
        return FaultScenario.all.filter { wanted == nil || $0.name == wanted }
    }
    /// How many cases of a scenario are drawn.
    private static let sample = 5

    private struct Case: CustomStringConvertible {
        let point: FaultPoint
        let fault: FaultPoint.Fault
        let byKill: Bool

        var description: String { "\(point) \(fault)" }
    }

    @Test("and nothing that was promised is lost", arguments: scenarios)
    func sweep(scenario: FaultScenario) async throws {
        let seed = Seed.all[0]
        // In memory where that can be: the disk is a model here, and thousands of real syncs would take their time.
        let place = try Self.makePlace()
        defer { try? FileSystem.removeTree(place) }
        let original = place.appending("original")
        try await scenario.state.make(at: original)
        let points = try await run(scenario, on: original, nil)
        #expect(points.count > 5, "the scenario does next to nothing")
        var cases: [Case] = []
        for point in Set(points).sorted(by: { $0.description < $1.description }) {
            for fault in point.faults {
                for byKill in [false, true] { cases.append(Case(point: point, fault: fault, byKill: byKill)) }
            }
        }
        if let wanted = Self.environment["FAULT_CASE"] {
            cases = cases.filter { $0.description == wanted }
        } else if Self.environment["FAULTS"] != "all" {
            var generator = seed.generator
            cases = Array(cases.shuffled(using: &generator).prefix(Self.sample))
        }
        for each in cases { _ = try await run(scenario, on: original, each) }
    }

    private static func makePlace() throws -> FilePath {
        let name = "millrace-faults-\(UInt64.random(in: 0...UInt64.max))"
        for parent in ["/dev/shm", TemporaryDirectory.current] as [FilePath] {
            let place = parent.appending(name)
            do {
                try FileSystem.createDirectory(place)
                return place
            } catch {
                continue
            }
        }
        throw TestSupportError("No directory could be made for the runs")
    }

    /// Runs the scenario on a copy; returns the calls that it made.
    private func run(_ scenario: FaultScenario, on original: FilePath, _ this: Case?) async throws -> [FaultPoint] {
        let root = original.removingLastComponent().appending("data")
        try Fixtures.copy(original, to: root)
        let plan = FaultPlan(this.map { ($0.point, $0.fault) })
        let how = "FAULT_SCENARIO=\(scenario.name) FAULT_CASE=\"\(this?.description ?? "")\" \(Seed.all[0])"
        let run = FaultRun(root, scenario.configuration, plan, records: scenario.state.records, how: how)
        do {
            try await scenario.act(run)
            plan.disarm()
            if this?.fault.isHarmless ?? true {
                #expect(run.errors.isEmpty, "what passes by itself is noticed: \(run.errors) \(how)")
            }
            try await run.check(byKill: this?.byKill ?? false)
        } catch {
            Issue.record("\(error) \(how)")
        }
        run.disk.remove()
        run.kill()
        try FileSystem.removeTree(root)
        return plan.points
    }
}
