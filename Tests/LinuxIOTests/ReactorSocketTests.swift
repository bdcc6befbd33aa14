import SystemPackage
import TestSupport
import Testing

@testable import LinuxIO

private typealias Handle = LinuxIO.FileHandle

@Suite(.temporaryDirectory) struct ReactorSocketTests {
    private let path = TemporaryDirectory.current.appending("file")

    private func makeFile(_ contents: [UInt8]) throws -> Handle {
        try FileSystem.make(path, contents)
        return Handle(try File.open(path))
    }

    /// Pieces of odd sizes that make up `bytes`, some of them in buffers.
    private func pieces(of bytes: [UInt8], from generator: inout SplitMix64) -> [SendPiece] {
        var (pieces, start): ([SendPiece], Int) = ([], 0)
        while start < bytes.count {
            let most = generator.chance(oneIn: 8) ? 50_000 : 300
            let end = min(bytes.count, start + Int.random(in: 0...most, using: &generator))
            if end > start, generator.chance(oneIn: 3) {
                let skipped = Int.random(in: 0...100, using: &generator)
                let buffer = IOBuffer(count: skipped + end - start)
                buffer.withMutableBytes { target in
                    target.withUnsafeMutableBytes { memory in
                        UnsafeMutableRawBufferPointer(rebasing: memory[skipped...]).copyBytes(from: bytes[start..<end])
                    }
                }
                pieces.append(.buffer(buffer, skipped..<skipped + end - start))
            } else {
                pieces.append(.bytes(bytes[start..<end]))
            }
            start = end
        }
        return pieces
    }

    @Test("megabytes in odd pieces come back as they were sent", arguments: IOBackend.testable, Seed.all)
    func echo(backend: IOBackend, seed: Seed) async throws {
        let loopback = try Loopback(backend)
        defer { loopback.reactor.shutdown() }
        let (server, client) = try await loopback.connection()
        let echo = Task(executorPreference: loopback.reactor) { [reactor = loopback.reactor] in
            let buffer = IOBuffer(count: 20_000)
            while true {
                let count = try await reactor.receive(server, into: buffer, 7..<19_991)
                if count == 0 { break }
                try await reactor.send([.buffer(buffer, 7..<7 + count)], on: server)
            }
            try server.shutdown(.sending)
        }
        var generator = seed.generator
        let bytes = patternBytes(2_500_000)
        let pieces = pieces(of: bytes, from: &generator)
        let sending = Task {
            try await loopback.reactor.send(pieces, on: client)
            try client.shutdown(.sending)
        }
        let received = try await loopback.receive(bytes.count + 1, from: client, steps: 77_777)
        #expect(received == bytes)
        try await sending.value
        try await echo.value
    }

    @Test("a sender waits for a slow reader, and everything arrives", arguments: IOBackend.testable, [false, true])
    func slowReader(backend: IOBackend, isFile: Bool) async throws {
        let loopback = try Loopback(backend)
        defer { loopback.reactor.shutdown() }
        let (server, client) = try await loopback.connection()
        try server.set(.sendBuffer(1 << 14))
        let bytes = patternBytes(8 << 20)
        let file = isFile ? try makeFile(bytes) : nil
        let waits = loopback.watchWaits()
        let sending = Task(executorPreference: loopback.reactor) { [reactor = loopback.reactor] in
            if let file {
                try await reactor.sendFile(file, from: 0, bytes: Int64(bytes.count), on: server)
            } else {
                try await reactor.send([.bytes(bytes[..<5]), .bytes(bytes[5...])], on: server)
            }
        }
        // Nothing is read before the sender has met EAGAIN; and in small steps then, so that it does again.
        await waits.waitFor(1)
        #expect(try await loopback.receive(bytes.count, from: client, steps: 50_000) == bytes)
        try await sending.value
    }

    @Test(
        "a header and a range of a file arrive byte for byte, under a cork or with more announced",
        arguments: IOBackend.testable,
        [false, true]
    )
    func headerAndRange(backend: IOBackend, isCorked: Bool) async throws {
        let loopback = try Loopback(backend)
        defer { loopback.reactor.shutdown() }
        let (server, client) = try await loopback.connection()
        let contents = patternBytes(1 << 20)
        let file = try makeFile(contents)
        let ranges = [0..<1, 4095..<4097, 1000..<500_000, 77..<77, 1_048_575..<1_048_576, 0..<1_048_576]
        let sending = Task(executorPreference: loopback.reactor) { [reactor = loopback.reactor] in
            try server.set(.noDelay(true))
            for range in ranges {
                if isCorked { try server.set(.cork(true)) }
                let header = [UInt8](repeating: 0xAA, count: 13)
                try await reactor.send([.bytes(header[...])], on: server, moreFollows: !isCorked && !range.isEmpty)
                try await reactor.sendFile(file, from: Int64(range.lowerBound), bytes: Int64(range.count), on: server)
                if isCorked { try server.set(.cork(false)) }
            }
        }
        for range in ranges {
            #expect(try await loopback.receive(13, from: client) == [UInt8](repeating: 0xAA, count: 13))
            if range.isEmpty { continue }
            #expect(try await loopback.receive(range.count, from: client) == Array(contents[range]))
        }
        try await sending.value
    }

    @Test("a file that ends before the range does is an error", arguments: IOBackend.testable)
    func fileEndsEarly(backend: IOBackend) async throws {
        let loopback = try Loopback(backend)
        defer { loopback.reactor.shutdown() }
        let (server, client) = try await loopback.connection()
        let file = try makeFile(patternBytes(100))
        let error = await ioError {
            try await loopback.run { try await loopback.reactor.sendFile(file, from: 40, bytes: 100, on: server) }
        }
        #expect(error?.call == .sendfile)
        #expect(error?.errno == .noData)
        #expect(error?.path == path)
        #expect(error?.attempt == "send 40 bytes from position 100 of \(path) on \(server)")
        #expect(try await loopback.receive(60, from: client) == patternBytes(60, startingAt: 40))
    }

    @Test("sending from a file outside of the reactor's thread is a mistake")
    func wrongThread() async {
        await #expect(processExitsWith: .failure) {
            let loopback = try Loopback(.epoll)
            let (server, _) = try await loopback.connection()
            let file = Handle(try File.open("/dev/null"))
            try await loopback.reactor.sendFile(file, from: 0, bytes: 1, on: server)
        }
    }

    @Test("a peer that resets ends the wait of a receiver", arguments: IOBackend.testable)
    func resetWhileReceiving(backend: IOBackend) async throws {
        let loopback = try Loopback(backend)
        defer { loopback.reactor.shutdown() }
        var client: Socket? = try await loopback.reactor.connect(to: loopback.address)
        let server = try await loopback.reactor.accept(loopback.listener)
        let waits = loopback.watchWaits()
        let receiving = Task { await ioError { _ = try await loopback.receive(1, from: server) } }
        await waits.waitFor()
        try await reset(&client, from: server, loopback)
        let error = try #require(await receiving.value)
        #expect(error.call == .recv)
        #expect(error.errno == .connectionReset)
        #expect(error.isEndedByPeer)
        #expect(error.description.hasPrefix("Could not receive on \(server): "))
        // Afterwards nothing can be sent, by memory or by file, and no signal ends the process.
        #expect(await ioError { try await loopback.send([1], on: server) }?.errno == .brokenPipe)
        let file = try makeFile([1])
        let failed = await ioError {
            try await loopback.run { try await loopback.reactor.sendFile(file, from: 0, bytes: 1, on: server) }
        }
        #expect(failed?.errno == .brokenPipe)
    }

    @Test("a peer that resets ends the wait of a sender", arguments: IOBackend.testable, [false, true])
    func resetWhileSending(backend: IOBackend, isFile: Bool) async throws {
        let loopback = try Loopback(backend)
        defer { loopback.reactor.shutdown() }
        var client: Socket? = try await loopback.reactor.connect(to: loopback.address)
        let server = try await loopback.reactor.accept(loopback.listener)
        let bytes = patternBytes(32 << 20)
        let file = isFile ? try makeFile(bytes) : nil
        let waits = loopback.watchWaits()
        let sending = Task(executorPreference: loopback.reactor) { [reactor = loopback.reactor] in
            await ioError {
                if let file {
                    try await reactor.sendFile(file, from: 0, bytes: Int64(bytes.count), on: server)
                } else {
                    try await reactor.send([.bytes(bytes[...])], on: server)
                }
            }
        }
        await waits.waitFor()
        try await reset(&client, from: nil, loopback)
        let error = try #require(await sending.value)
        #expect(error.isEndedByPeer)
        #expect(error.call == (isFile ? .sendfile : .send))
    }

    /// Lets go of a connection with something in it that was not received, to which TCP's answer is a reset.
    private func reset(_ client: inout Socket?, from server: Socket?, _ loopback: Loopback) async throws {
        if let server { try await loopback.send([1], on: server) }
        if let client { try await loopback.reactor.waitUntilReadable(client) }
        client = nil
    }

    @Test("one task receives while another one sends on the same connection", arguments: IOBackend.testable)
    func bothDirections(backend: IOBackend) async throws {
        let loopback = try Loopback(backend)
        defer { loopback.reactor.shutdown() }
        let (server, client) = try await loopback.connection()
        let (down, up) = (patternBytes(6 << 20), patternBytes(5 << 20, startingAt: 3))
        let waits = loopback.watchWaits()
        let sending = Task { try await loopback.send(down, on: server) }
        let receiving = Task { try await loopback.receive(up.count, from: server) }
        // Both directions of the one socket are waited for at the same time.
        await waits.waitFor(2)
        let receivingDown = Task { try await loopback.receive(down.count, from: client) }
        try await loopback.send(up, on: client)
        #expect(try await receiving.value == up)
        #expect(try await receivingDown.value == down)
        try await sending.value
    }

    @Test("descriptors whose numbers are used again are waited for like new ones", arguments: IOBackend.testable)
    func numbersUsedAgain(backend: IOBackend) async throws {
        let loopback = try Loopback(backend)
        defer { loopback.reactor.shutdown() }
        for number in UInt8(0)..<100 {
            let (server, client) = try await loopback.connection()
            let waits = loopback.watchWaits()
            let receiving = Task { try await loopback.receive(1, from: server) }
            await waits.waitFor()
            // A wait that is cut short leaves nothing behind either, for the same number or another one.
            let deadline = number.isMultiple(of: 3) ? ContinuousClock.now : nil
            let other = Task {
                await ioError { try await loopback.reactor.waitUntilReadable(client, deadline: deadline) }
            }
            if deadline == nil { other.cancel() }
            #expect(await other.value != nil)
            try await loopback.send([number], on: client)
            #expect(try await receiving.value == [number])
        }
    }

    @Test("several tasks take connections from one listener, each its own", arguments: IOBackend.testable)
    func severalAcceptors(backend: IOBackend) async throws {
        let loopback = try Loopback(backend)
        defer { loopback.reactor.shutdown() }
        let waits = loopback.watchWaits()
        let acceptors = (0..<4).map { _ in
            Task { try await loopback.reactor.accept(loopback.listener).peerAddress }
        }
        await waits.waitFor(4)
        var clients: [Socket] = []
        for _ in 0..<4 { clients.append(try await loopback.reactor.connect(to: loopback.address)) }
        var accepted: Set<SocketAddress?> = []
        for acceptor in acceptors { accepted.insert(try await acceptor.value) }
        #expect(accepted == Set(try clients.map { try $0.currentLocalAddress() }))
    }
}
