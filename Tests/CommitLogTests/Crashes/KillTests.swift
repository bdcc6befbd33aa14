import LinuxIO
import SystemPackage
import TestSupport
import Testing

@Suite("A process that is killed", .temporaryDirectory)
struct KillTests {
    @Test("loses nothing that it acknowledged at either level, and nothing that it gave to a reader")
    func kill() async throws {
        let seed = Seed.drawn
        var random = seed.generator
        var rounds = CrashRounds(TemporaryDirectory.current.appending("data"), .process)
        let count = CrashRounds.count("KILL_ROUNDS", default: 12)
        for round in 0..<count {
            // Now and then within the opening, or right behind it.
            let most = random.chance(oneIn: 4) ? 8 : 600
            let lines = Int.random(in: 0...most, using: &random)
            let before = rounds
            let (after, said) = try await onOwnThread { [before] in
                var rounds = before
                let problems = try rounds.crash(round: round, after: lines)
                return (rounds, problems)
            }
            rounds = after
            #expect(said == [], "\(seed) round \(round)")
            // Now and then the next process has to cope with what a killed one left of a killed one.
            guard round % 3 != 1 || round == count - 1 else { continue }
            let found = try await rounds.check()
            #expect(found == [], "\(seed) round \(round)")
            if !said.isEmpty || !found.isEmpty { return }
        }
    }
}
