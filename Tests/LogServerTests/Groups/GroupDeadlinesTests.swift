import TestSupport
import Testing

@testable import LogServer

@Suite("Deadlines of groups")
struct GroupDeadlinesTests {
    @Test("each group comes out once its first moment is reached, and once only", arguments: Seed.all)
    func model(seed: Seed) {
        var random = seed.generator
        let start = ContinuousClock.now
        var (deadlines, model, now) = (GroupDeadlines(), [String: ContinuousClock.Instant](), start)
        for _ in 0..<2000 {
            if Int.random(in: 0..<4, using: &random) > 0 {
                let group = "g\(Int.random(in: 0..<40, using: &random))"
                let deadline = now.advanced(by: .seconds(Int.random(in: 0..<100, using: &random)))
                deadlines.add(group, deadline)
                model[group] = min(model[group] ?? deadline, deadline)
            } else {
                now = now.advanced(by: .seconds(Int.random(in: 0..<8, using: &random)))
                if let first = model.values.min() {
                    // It may be early, where a group's moment has come nearer, but not late.
                    #expect(deadlines.next.map { $0 <= first } == true)
                }
                let due = model.filter { $0.value <= now }.keys
                #expect(deadlines.takeDue(now).sorted() == due.sorted())
                for group in due { model[group] = nil }
            }
        }
        #expect(Set(deadlines.takeDue(now.advanced(by: .seconds(100)))) == Set(model.keys))
        #expect(deadlines.next == nil)
    }
}
