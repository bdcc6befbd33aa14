import LinuxIO
import SystemPackage
import TestSupport
import Testing

@Suite("A power loss", .temporaryDirectory, .serialized)
struct PowerLossTests {
    @Test("takes nothing on ext4 that was durable or was read as durable", .mounting(.ext4))
    func ext4() async throws { try await run(.ext4) }

    @Test("takes nothing on XFS that was durable or was read as durable", .mounting(.xfs))
    func xfs() async throws { try await run(.xfs) }

    private func run(_ kind: MountedImage.Kind) async throws {
        let seed = Seed.drawn
        var random = seed.generator
        var left = CrashRounds.count("POWER_LOSS_ROUNDS", default: 4)
        // New file systems now and then: what is new has its own ways to be lost.
        while left > 0 {
            let rounds = min(left, 25)
            left -= rounds
            guard try await run(kind, rounds, seed, &random) else { return }
        }
    }

    /// Rounds on one file system.
    ///
    /// Returns whether all was as it should be.
    private func run(
        _ kind: MountedImage.Kind,
        _ count: Int,
        _ seed: Seed,
        _ random: inout SplitMix64
    ) async throws -> Bool {
        let temporary = TemporaryDirectory.current
        let image = try await onOwnThread { try MountedImage(kind, megabytes: 64, in: temporary) }
        var rounds = CrashRounds(image.path.appending("data"), .power)
        for round in 0..<count {
            // Now and then within the opening, or right behind it.
            let most = random.chance(oneIn: 4) ? 8 : 600
            let lines = Int.random(in: 0...most, using: &random)
            let flushesLog = random.chance(oneIn: 4)
            let before = rounds
            let (after, said) = try await onOwnThread { [before] in
                var rounds = before
                let problems = try rounds.crash(round: round, after: lines) {
                    try image.cutPower(flushesLog: flushesLog)
                }
                try image.remount()
                return (rounds, problems)
            }
            rounds = after
            #expect(said == [], "\(seed) \(kind), round \(round)")
            // Now and then the next writer finds what one power loss left of another.
            guard !random.chance(oneIn: 4) || round == count - 1 else { continue }
            let found = try await rounds.check()
            #expect(found == [], "\(seed) \(kind), round \(round)")
            if !said.isEmpty || !found.isEmpty { return false }
        }
        return true
    }
}
