import Foundation
import TestSupport
import Testing

@testable import CommitLog

@Suite("A log directory, against a model in memory", .temporaryDirectory)
struct ModelTests {
    /// `OPERATIONS=200` does more; `SEEDS` and `SEED` are as everywhere.
    private static let operations = ProcessInfo.processInfo.environment["OPERATIONS"].flatMap { Int($0) } ?? 100

    @Test("looks and reads the same whatever is done to it, crashes included", arguments: Seed.all)
    func randomOperations(seed: Seed) async throws {
        var run = try await ModelRun(in: TemporaryDirectory.current, seed: seed)
        do {
            for number in 0..<Self.operations { try await run.step(number) }
            try await run.finish()
        } catch {
            Issue.record(
                "\(seed) OPERATIONS=\(Self.operations): \(error)\n\(run.history.suffix(40).joined(separator: "\n"))"
            )
            try? await run.directory.close()
            run.disk.remove()
        }
    }
}
