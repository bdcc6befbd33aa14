import SystemPackage
import TestSupport
import Testing

@testable import LinuxIO

/// An actor whose executor is a reactor.
private actor Pinned {
    private let reactor: Reactor
    private(set) var count = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }

    init(_ reactor: Reactor) {
        self.reactor = reactor
    }

    func increment() -> Bool {
        count += 1
        return reactor.isCurrent
    }
}

@Suite struct ReactorTests {
    @Test("closures run on the reactor's thread, in the order in which they were given", arguments: IOBackend.testable)
    func order(backend: IOBackend) throws {
        let reactor = try Reactor(name: "test", backend: backend)
        #expect(reactor.backend == backend)
        #expect(!reactor.isCurrent)
        let seen = Lock<[Int]>([])
        for number in 0..<1000 {
            reactor.execute {
                reactor.preconditionIsCurrent()
                seen.withLock { $0.append(number) }
            }
        }
        reactor.shutdown()
        #expect(seen.withLock { $0 } == Array(0..<1000))
    }

    @Test("wake-ups from many threads lose nothing and keep each thread's order", arguments: IOBackend.testable)
    func manyThreads(backend: IOBackend) throws {
        let reactor = try Reactor(name: "test", backend: backend)
        let seen = Lock<[[Int]]>(Array(repeating: [], count: 8))
        let pool = ThreadPool(name: "callers", threads: 8)
        for caller in 0..<8 {
            pool.run {
                for number in 0..<500 { reactor.execute { seen.withLock { $0[caller].append(number) } } }
            }
        }
        pool.shutdown()
        reactor.shutdown()
        #expect(seen.withLock { $0 } == Array(repeating: Array(0..<500), count: 8))
    }

    @Test("a closure given from the reactor's own thread runs later, before what comes after it")
    func nested() throws {
        let reactor = try Reactor(name: "test")
        let seen = Lock<[String]>([])
        let finished = Monitor(false)
        reactor.execute {
            reactor.execute {
                seen.withLock { $0.append("inner") }
                finished.withLock { $0 = true }
                finished.broadcast()
            }
            seen.withLock { $0.append("outer") }
        }
        finished.waitFor { $0 ? () : nil }
        reactor.shutdown()
        #expect(seen.withLock { $0 } == ["outer", "inner"])
    }

    @Test("an actor pinned to a reactor runs on its thread, and takes turns", arguments: IOBackend.testable)
    func serialExecutor(backend: IOBackend) async throws {
        let reactor = try Reactor(name: "test", backend: backend)
        let actor = Pinned(reactor)
        let onThread = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<1000 { group.addTask { await actor.increment() } }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(onThread == 1000)
        #expect(await actor.count == 1000)
        reactor.shutdown()
    }

    @Test("a task that prefers a reactor runs on its thread, also after it waited", arguments: IOBackend.testable)
    func taskExecutor(backend: IOBackend) async throws {
        let reactor = try Reactor(name: "test", backend: backend)
        await withTaskExecutorPreference(reactor) {
            #expect(reactor.isCurrent)
            await Task.yield()
            #expect(reactor.isCurrent)
        }
        #expect(await Task(executorPreference: reactor) { reactor.isCurrent }.value)
        reactor.shutdown()
    }

    @Test("a reactor with nothing to do does nothing", arguments: IOBackend.testable)
    func idle(backend: IOBackend) async throws {
        let reactor = try Reactor(name: "test", backend: backend)
        await Task(executorPreference: reactor) {}.value
        let turns = reactor.inbox.turns
        // Work elsewhere, through which a loop that does not rest would make thousands of turns.
        let pool = ThreadPool(name: "others", threads: 1)
        for _ in 0..<2000 { await pool.run {} }
        pool.shutdown()
        // One may be the last of the task above, on its way to rest.
        #expect(reactor.inbox.turns <= turns + 1)
        reactor.shutdown()
    }

    @Test("a reactor that has ended still lets tasks finish", arguments: IOBackend.testable)
    func afterTheEnd(backend: IOBackend) async throws {
        let reactor = try Reactor(name: "test", backend: backend)
        let actor = Pinned(reactor)
        #expect(await actor.increment())
        reactor.shutdown()
        reactor.shutdown()
        #expect(!reactor.isCurrent)
        for _ in 0..<100 { #expect(await actor.increment()) }
        #expect(await actor.count == 101)
        await withTaskExecutorPreference(reactor) { #expect(reactor.isCurrent) }
    }

    @Test("a reactor that is let go of ends, on whichever thread that happens", arguments: IOBackend.testable)
    func abandoned(backend: IOBackend) throws {
        let done = Monitor(0)
        do {
            let reactor = try Reactor(name: "test", backend: backend)
            reactor.execute { done.withLock { $0 += 1 } }
        }
        #expect(done.withLock { $0 } == 1)
        let last = try Reactor(name: "test", backend: backend)
        weak let observed = last
        // Its own thread holds the only reference when the closure ends.
        final class Holder: Sendable {
            let reactor: Lock<Reactor?>
            init(_ reactor: Reactor) { self.reactor = Lock(reactor) }
        }
        let holder = Holder(last)
        _ = consume last
        observed?.execute { [holder] in
            holder.reactor.withLock { $0 = nil }
            done.withLock { $0 += 1 }
            done.broadcast()
        }
        done.waitFor { $0 == 2 ? () : nil }
        #expect(observed == nil)
    }

    @Test("two threads that end a reactor both wait for its end")
    func endedTwice() throws {
        let reactor = try Reactor(name: "test")
        let ran = Lock(0)
        for _ in 0..<100 { reactor.execute { ran.withLock { $0 += 1 } } }
        let pool = ThreadPool(name: "callers", threads: 2)
        for _ in 0..<2 {
            pool.run {
                reactor.shutdown()
                #expect(ran.withLock { $0 } == 100)
            }
        }
        pool.shutdown()
    }

    @Test("a reactor cannot be ended from its own thread")
    func endedByItself() async {
        await #expect(processExitsWith: .failure) {
            let reactor = try Reactor(name: "test")
            reactor.execute { reactor.shutdown() }
            reactor.shutdown()
        }
    }

    @Test("being on the thread can be demanded")
    func demanded() async {
        await #expect(processExitsWith: .failure) {
            try Reactor(name: "test").preconditionIsCurrent()
        }
    }
}
