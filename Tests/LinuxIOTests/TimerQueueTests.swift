import TestSupport
import Testing

@testable import LinuxIO

@Suite struct TimerQueueTests {
    private let start = ContinuousClock.now

    @Test("timers are due in the order of their deadlines, and for equal ones of their keys")
    func order() {
        var queue = TimerQueue<Int>()
        for (key, delay) in [30, 10, 20, 10, 30].enumerated() {
            queue.add(key, key: UInt64(key), deadline: start + .seconds(delay))
        }
        #expect(queue.nextDeadline() == start + .seconds(10))
        #expect(queue.popDue(at: start + .seconds(9)) == nil)
        var due: [Int] = []
        while let key = queue.popDue(at: start + .seconds(20)) { due.append(key) }
        #expect(due == [1, 3, 2])
        #expect(queue.removeAll() == [0, 4])
        #expect(queue.isEmpty && queue.nextDeadline() == nil)
    }

    @Test("a cancelled timer is given back once and never due")
    func cancellation() {
        var queue = TimerQueue<String>()
        queue.add("a", key: 1, deadline: start)
        queue.add("b", key: 2, deadline: start + .seconds(1))
        #expect(queue.cancel(1) == "a")
        #expect(queue.cancel(1) == nil)
        #expect(queue.count == 1)
        #expect(queue.nextDeadline() == start + .seconds(1))
        #expect(queue.popDue(at: start + .seconds(1)) == "b")
        #expect(queue.cancel(2) == nil)
    }

    @Test("any sequence of steps does what a sorted list does", arguments: 0..<UInt64(20))
    func model(seed: UInt64) {
        var generator = Generator(state: seed)
        var queue = TimerQueue<UInt64>()
        var model: [(deadline: Int, key: UInt64)] = []
        var now = 0
        for key in 0..<UInt64(500) {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<5:
                let deadline = now + Int.random(in: 0..<50, using: &generator)
                queue.add(key, key: key, deadline: start + .seconds(deadline))
                model.append((deadline, key))
                model.sort { ($0.deadline, $0.key) < ($1.deadline, $1.key) }
            case 5..<8:
                guard let victim = model.randomElement(using: &generator) else { continue }
                #expect(queue.cancel(victim.key) == victim.key)
                model.removeAll { $0.key == victim.key }
            default:
                now += Int.random(in: 0..<10, using: &generator)
                while let due = queue.popDue(at: start + .seconds(now)) {
                    #expect(due == model.first?.key)
                    model.removeFirst()
                }
            }
            #expect(queue.count == model.count)
            #expect(queue.nextDeadline() == model.first.map { start + .seconds($0.deadline) })
        }
        #expect(queue.removeAll() == model.map(\.key))
    }

    /// A linear congruential generator, so that a seed names one sequence of steps.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
    }
}
