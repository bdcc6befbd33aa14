import Synchronization
import Testing

@testable import LinuxIO

@Suite struct EventCountTests {
    @Test("an event between the look and the wait ends the wait at once")
    func eventBefore() {
        let events = EventCount()
        let seen = events.current
        events.signal()
        events.wait(past: seen)
        #expect(events.current != seen)
    }

    @Test("no event is lost, however many threads wait for one", arguments: [1, 2, 8])
    func handedRound(threads: Int) {
        // Each thread in its turn moves the number on, and all others wait until it is theirs.
        struct Shared: ~Copyable {
            let number = Atomic(0)
            let events = EventCount()
        }
        final class Box: Sendable { let shared = Shared() }
        let box = Box()
        let rounds = 500
        let pool = ThreadPool(name: "test", threads: threads)
        for thread in 0..<threads {
            pool.run {
                for round in 0..<rounds {
                    while true {
                        let seen = box.shared.events.current
                        if box.shared.number.load(ordering: .acquiring) == round * threads + thread { break }
                        box.shared.events.wait(past: seen)
                    }
                    box.shared.number.add(1, ordering: .releasing)
                    box.shared.events.signal()
                }
            }
        }
        pool.shutdown()
        #expect(box.shared.number.load(ordering: .relaxed) == rounds * threads)
    }
}
