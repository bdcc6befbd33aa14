import TestSupport
import Testing

@testable import LinuxIO

@Suite struct ReactorTimerTests {
    @Test("scheduled closures run in the order of their deadlines, none too early", arguments: IOBackend.testable)
    func order(backend: IOBackend) throws {
        let reactor = try Reactor(name: "test", backend: backend)
        let seen = Monitor<[Int]>([])
        let start = ContinuousClock.now
        // From the reactor's thread, so that all of them are set before the first can be due.
        reactor.execute {
            for delay in [5, 1, 4, 2, 3, 0] {
                let deadline = start + .milliseconds(delay)
                reactor.schedule(at: deadline) {
                    #expect(ContinuousClock.now >= deadline)
                    #expect(reactor.isCurrent)
                    seen.withLock { $0.append(delay) }
                    seen.broadcast()
                }
            }
        }
        seen.waitFor { $0.count == 6 ? () : nil }
        #expect(seen.withLock { $0 } == [0, 1, 2, 3, 4, 5])
        reactor.shutdown()
    }

    @Test("a sleep ends at its deadline, not before", arguments: IOBackend.testable)
    func sleeping(backend: IOBackend) async throws {
        let reactor = try Reactor(name: "test", backend: backend)
        for delay in [Duration.milliseconds(3), .zero, .seconds(-1)] {
            let deadline = ContinuousClock.now + delay
            try await reactor.sleep(until: deadline)
            #expect(ContinuousClock.now >= deadline)
        }
        reactor.shutdown()
    }

    @Test("a sleep ends with its task, whether that is cancelled before or during it", arguments: IOBackend.testable)
    func cancellation(backend: IOBackend) async throws {
        let reactor = try Reactor(name: "test", backend: backend)
        for yields in 0..<50 {
            let sleeper = Task {
                _ = await #expect(throws: CancellationError.self) {
                    try await reactor.sleep(until: .now + .seconds(3600))
                }
            }
            for _ in 0..<yields { await Task.yield() }
            sleeper.cancel()
            await sleeper.value
        }
        reactor.shutdown()
    }

    @Test("the end of a reactor wakes those who sleep, and drops what was scheduled", arguments: IOBackend.testable)
    func end(backend: IOBackend) async throws {
        let reactor = try Reactor(name: "test", backend: backend)
        reactor.schedule(at: .now + .seconds(3600)) { Issue.record("This is not due.") }
        let sleepers = (0..<100).map { _ in
            Task {
                _ = await #expect(throws: CancellationError.self) {
                    try await reactor.sleep(until: .now + .seconds(3600))
                }
            }
        }
        await Task.yield()
        reactor.shutdown()
        for sleeper in sleepers { await sleeper.value }
    }
}
