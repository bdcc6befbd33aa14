import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import LinuxIO

@Suite(.serialized) struct ReactorWaitTests {
    @Test("a deadline ends a wait, and traffic after it finds a new one", arguments: IOBackend.testable)
    func deadline(backend: IOBackend) async throws {
        let loopback = try Loopback(backend)
        defer { loopback.reactor.shutdown() }
        let (server, client) = try await loopback.connection()
        let buffer = IOBuffer(count: 100)
        for round in 0..<50 {
            let deadline = ContinuousClock.now + .microseconds(round * 20)
            let error = await ioError {
                _ = try await loopback.reactor.receive(server, into: buffer, 0..<100, deadline: deadline)
            }
            #expect(error?.call == .poll)
            #expect(error?.errno == .timedOut)
            #expect(error?.attempt == "wait for \(server)")
            #expect(ContinuousClock.now >= deadline)
            // In no buffer but the task's: nothing was lent, so that it can be used at once.
            buffer.withMutableBytes { $0.storeBytes(of: 1, as: UInt8.self) }
            try await loopback.send([UInt8(round)], on: client)
            #expect(try await loopback.receive(1, from: server) == [UInt8(round)])
        }
    }

    @Test("a deadline that is not reached changes nothing", arguments: IOBackend.testable)
    func distantDeadline(backend: IOBackend) async throws {
        let loopback = try Loopback(backend)
        defer { loopback.reactor.shutdown() }
        let (server, client) = try await loopback.connection()
        let waits = loopback.watchWaits()
        let waiting = Task { try await loopback.reactor.waitUntilReadable(server, deadline: .now + .seconds(3600)) }
        await waits.waitFor()
        try await loopback.send([1], on: client)
        try await waiting.value
        try await loopback.reactor.waitUntilWritable(server, deadline: .now + .seconds(3600))
    }

    @Test("a deadline holds for all that is to be sent, and for taking a connection", arguments: IOBackend.testable)
    func deadlines(backend: IOBackend) async throws {
        let loopback = try Loopback(backend)
        defer { loopback.reactor.shutdown() }
        let (server, client) = try await loopback.connection()
        let sent = await ioError {
            let bytes = [UInt8](repeating: 1, count: 32 << 20)
            try await loopback.reactor.send([.bytes(bytes[...])], on: server, deadline: .now + .milliseconds(1))
        }
        #expect(sent?.errno == .timedOut)
        withExtendedLifetime(client) {}
        let accepted = await ioError { _ = try await loopback.reactor.accept(loopback.listener, deadline: .now) }
        #expect(accepted?.errno == .timedOut)
    }

    @Test(
        "a socket is free once its wait was cut short, by a deadline or by a cancellation",
        arguments: IOBackend.testable,
        [true, false]
    )
    func freed(backend: IOBackend, isDeadline: Bool) async throws {
        let loopback = try Loopback(backend)
        defer { loopback.reactor.shutdown() }
        let client = try await loopback.reactor.connect(to: loopback.address)
        do {
            let server = try await loopback.reactor.accept(loopback.listener)
            let waits = loopback.watchWaits()
            let deadline = isDeadline ? ContinuousClock.now + .milliseconds(1) : nil
            let waiting = Task {
                await ioError { try await loopback.reactor.waitUntilReadable(server, deadline: deadline) }
            }
            await waits.waitFor()
            if !isDeadline { waiting.cancel() }
            #expect(await waiting.value?.errno == (isDeadline ? .timedOut : .canceled))
        }
        // A request that the kernel still had would keep the connection open, and this would never end.
        #expect(try await loopback.receive(1, from: client) == [])
    }

    @Test("a cancelled task stops waiting, also where it was cancelled before", arguments: IOBackend.testable)
    func cancellation(backend: IOBackend) async throws {
        let loopback = try Loopback(backend)
        defer { loopback.reactor.shutdown() }
        let (server, client) = try await loopback.connection()
        let waits = loopback.watchWaits()
        let waiting = Task { await ioError { _ = try await loopback.receive(1, from: server) } }
        await waits.waitFor()
        waiting.cancel()
        let error = await waiting.value
        #expect(error?.call == .poll)
        #expect(error?.errno == .canceled)
        let late = Task {
            while !Task.isCancelled { await Task.yield() }
            let error = await ioError { _ = try await loopback.receive(1, from: server) }
            // What needs no wait goes on.
            try await loopback.send([5], on: server)
            return error
        }
        late.cancel()
        #expect(try await late.value?.errno == .canceled)
        #expect(try await loopback.receive(1, from: client) == [5])
        try await loopback.send([6], on: client)
        #expect(try await loopback.receive(1, from: server) == [6])
    }

    @Test(
        "cancellations, deadlines and traffic that meet leave every byte where it belongs",
        arguments: IOBackend.testable,
        Seed.all
    )
    func races(backend: IOBackend, seed: Seed) async throws {
        let loopback = try Loopback(backend)
        defer { loopback.reactor.shutdown() }
        let (server, client) = try await loopback.connection()
        var generator = seed.generator
        var received: [UInt8] = []
        for round in 0..<100 {
            let deadline = ContinuousClock.now + .microseconds(Int.random(in: 0...100, using: &generator))
            let isCancelled = generator.chance(oneIn: 2)
            let receiving = Task(executorPreference: generator.chance(oneIn: 2) ? loopback.reactor : nil) {
                let buffer = IOBuffer(count: 10)
                let count = try await loopback.reactor.receive(server, into: buffer, 0..<10, deadline: deadline)
                return buffer.withBytes { $0.withUnsafeBytes { Array($0.prefix(count)) } }
            }
            if generator.chance(oneIn: 2) { await Task.yield() }
            try await loopback.send([UInt8(round)], on: client)
            if isCancelled { receiving.cancel() }
            do {
                received += try await receiving.value
            } catch {
                #expect([.timedOut, .canceled].contains((error as? IOError)?.errno))
            }
        }
        received += try await loopback.receive(100 - received.count, from: server)
        #expect(received == Array(0..<100))
    }

    @Test("the end of a reactor ends all waits", arguments: IOBackend.testable)
    func shutdown(backend: IOBackend) async throws {
        let loopback = try Loopback(backend)
        let (server, client) = try await loopback.connection()
        let waits = loopback.watchWaits()
        let reactor = loopback.reactor
        let waiting =
            [
                Task { await ioError { try await reactor.waitUntilReadable(server) } },
                Task { await ioError { try await reactor.waitUntilReadable(server, deadline: .now + .seconds(3600)) } },
                Task { await ioError { _ = try await loopback.receive(1, from: server) } },
                Task { await ioError { _ = try await reactor.accept(loopback.listener) } },
                Task { await ioError { try await loopback.send([UInt8](repeating: 1, count: 32 << 20), on: server) } },
            ]
        await waits.waitFor(waiting.count)
        reactor.shutdown()
        for task in waiting {
            let error = await task.value
            #expect(error?.call == .poll)
            #expect(error?.errno == .canceled)
        }
        #expect(await ioError { try await reactor.waitUntilReadable(server) }?.errno == .canceled)
        #expect(await ioError { _ = try await reactor.connect(to: loopback.address) }?.errno == .canceled)
        withExtendedLifetime(client) {}
    }

    @Test(
        "far more waits than fit into the ring are over at the same time",
        arguments: IOBackend.testable,
        [true, false]
    )
    func beyondDepth(backend: IOBackend, isReady: Bool) async throws {
        let loopback = try Loopback(backend, queueDepth: 1)
        let (reactor, (server, client)) = (loopback.reactor, try await loopback.connection())
        let waits = loopback.watchWaits()
        let waiting = (0..<500).map { _ in Task { await ioError { try await reactor.waitUntilReadable(server) } } }
        await waits.waitFor(waiting.count)
        if isReady { try await loopback.send([1], on: client) } else { waiting.forEach { $0.cancel() } }
        for task in waiting { #expect(await task.value?.errno == (isReady ? nil : .canceled)) }
        reactor.shutdown()
    }

    @Test(
        "thousands of idle connections take no turns of the loop, and no places of operations on files",
        .temporaryDirectory,
        arguments: IOBackend.testable
    )
    func idleConnections(backend: IOBackend) async throws {
        try raiseDescriptorLimit(to: 8192)
        let count = 2000
        let loopback = try Loopback(backend, queueDepth: 4)
        defer { loopback.reactor.shutdown() }
        var connections: [(server: Socket, client: Socket)] = []
        for _ in 0..<count { connections.append(try await loopback.connection()) }
        let waits = loopback.watchWaits()
        let waiting = connections.map(\.server).map { server in
            Task(executorPreference: loopback.reactor) { try await loopback.receive(1, from: server) }
        }
        await waits.waitFor(count)
        // Goes to the kernel behind the waits, of which a small ring takes a few with each turn.
        let path = TemporaryDirectory.current.appending("file")
        try FileSystem.make(path, patternBytes(100))
        let (file, buffer) = (LinuxIO.FileHandle(try File.open(path)), IOBuffer(count: 100))
        #expect(try await loopback.reactor.read(file, into: buffer, count: 100, at: 0) == 100)
        try await loopback.run {}
        let turns = loopback.reactor.inbox.turns
        // Work elsewhere, through which a loop that does not rest would make thousands of turns.
        let pool = ThreadPool(name: "others", threads: 1)
        for _ in 0..<2000 { await pool.run {} }
        pool.shutdown()
        #expect(loopback.reactor.inbox.turns <= turns + 1)
        for (number, (_, client)) in connections.enumerated() {
            try await loopback.send([UInt8(number % 256)], on: client)
        }
        for (number, task) in waiting.enumerated() { #expect(try await task.value == [UInt8(number % 256)]) }
    }

    /// Lets this process have so many descriptors.
    private func raiseDescriptorLimit(to count: UInt) throws {
        var limit = rlimit()
        #expect(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
        guard limit.rlim_cur < count else { return }
        try #require(limit.rlim_max >= count, "This test needs \(count) descriptors (ulimit -Hn)")
        limit.rlim_cur = count
        #expect(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
    }
}
