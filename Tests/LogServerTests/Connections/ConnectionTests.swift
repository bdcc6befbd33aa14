import KafkaProtocol
import LinuxIO
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import LogServer

@Suite("Connections", .temporaryDirectory)
struct ConnectionTests {
    /// An answer that costs nothing to make: no groups.
    private static func empty(_ header: RequestHeader) throws(ProtocolError) -> Response {
        try Response(ListGroupsResponse(), to: header)
    }

    private static let answersAtOnce = TestHandler { (header, _) throws(ProtocolError) in .ready(try empty(header)) }

    private func request(_ id: Int32) -> [UInt8] { frame(.listGroups, 0, id) }

    // MARK: Requests and answers

    @Test(
        "a client learns which versions there are, even if it asks in one that there is not",
        arguments: IOBackend.testable
    )
    func versions(backend: IOBackend) async throws {
        let apis = ServedAPIs()
        let handler = TestHandler { (header, body) throws(ProtocolError) in
            let request = try APIVersionsRequest(reading: body.span.bytes, version: header.version)
            return .ready(try Response(apis.answer(request, version: header.version), to: header))
        }
        let server = try TestServer(backend, handler)
        let client = try await server.connect()
        for version in Int16(0)...4 {
            var request = APIVersionsRequest()
            (request.clientSoftwareName, request.clientSoftwareVersion) = ("test", "1.0")
            try await client.send(frame(request, version, Int32(version)))
            let response = try #require(try await client.response())
            #expect(Array(response.prefix(4)) == [0, 0, 0, UInt8(version)])
            let message = try APIVersionsResponse(reading: response.span.bytes, from: 4, version: version)
            #expect(message.errorCode == .none)
            #expect(message.apiKeys.count == APIKey.allCases.count)
        }
        try await client.send(frame(.apiVersions, 99, 1234))
        let response = try #require(try await client.response())
        let message = try APIVersionsResponse(reading: response.span.bytes, from: 4, version: 0)
        #expect(message.errorCode == .unsupportedVersion)
        #expect(message.apiKeys.map(\.apiKey) == [APIKey.apiVersions.rawValue])
        try await server.stop()
    }

    @Test("requests in any pieces are answered in their order", arguments: IOBackend.testable, Seed.all)
    func pieces(backend: IOBackend, seed: Seed) async throws {
        var generator = seed.generator
        let server = try TestServer(backend, Self.answersAtOnce)
        let client = try await server.connect()
        let bytes = (0..<500).flatMap { request(Int32($0)) }
        async let ids = client.correlationIDs(500)
        var sent = 0
        while sent < bytes.count {
            let count = min(bytes.count - sent, Int.random(in: 1...700, using: &generator))
            try await client.send(Array(bytes[sent..<sent + count]))
            sent += count
        }
        #expect(try await ids == Array(0..<500), "\(seed)")
        try await server.stop()
    }

    @Test("answers that are much longer than their requests come in order, however many", arguments: IOBackend.testable)
    func longAnswers(backend: IOBackend) async throws {
        let handler = TestHandler { (header, _) throws(ProtocolError) in
            var response = ListGroupsResponse()
            response.groups = (0..<2000).map { _ in
                var group = ListGroupsResponse.ListedGroup()
                group.groupID = String(repeating: "g", count: 50)
                return group
            }
            return .ready(try Response(response, to: header))
        }
        let server = try TestServer(backend, handler)
        let client = try await server.connect()
        try await client.send((0..<60).flatMap { request(Int32($0)) })
        #expect(try await client.correlationIDs(60) == Array(0..<60))
        try await server.stop()
    }

    @Test("what came before something that is no request is answered", arguments: IOBackend.testable)
    func answeredBeforeEnd(backend: IOBackend) async throws {
        let server = try TestServer(backend, Self.answersAtOnce)
        let client = try await server.connect()
        try await client.send(request(1) + request(2) + [0xFF, 0xFF, 0xFF, 0xFF])
        #expect(try await client.correlationIDs(2) == [1, 2])
        #expect(await client.isClosed())
        try await server.stop()
    }

    @Test("a client that never ceases to send does not keep the server from ending", arguments: IOBackend.testable)
    func floodAtEnd(backend: IOBackend) async throws {
        let seen = Lock(0)
        let handler = TestHandler { (_, _) in
            seen.withLock { $0 += 1 }
            return .ready(nil)
        }
        let server = try TestServer(backend, handler)
        let clients = [try await server.connect(), try await server.connect()]
        let bytes = (0..<2000).flatMap { request(Int32($0)) }
        let floods = clients.map { client in
            Task {
                do { while true { try await client.send(bytes) } } catch {}
            }
        }
        while seen.withLock(\.self) < 20_000 { await Task.yield() }
        try await server.stop()
        for flood in floods { await flood.value }
    }

    @Test("a request that is larger than a buffer arrives whole", arguments: IOBackend.testable)
    func large(backend: IOBackend) async throws {
        let seen = Mutex<[UInt8]>([])
        let handler = TestHandler { (header, body) throws(ProtocolError) in
            seen.withLock { $0 = body }
            return .ready(try Self.empty(header))
        }
        let server = try TestServer(backend, handler)
        let client = try await server.connect()
        let body = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        try await client.send(frame(.listGroups, 0, 9, body: body) + request(10))
        #expect(try await client.correlationIDs(1) == [9])
        #expect(try await client.correlationIDs(1) == [10])
        try await server.stop()
    }

    @Test("a request that wants no answer gets none", arguments: IOBackend.testable)
    func noAnswer(backend: IOBackend) async throws {
        let handler = TestHandler { (header, _) throws(ProtocolError) in
            .ready(header.correlationID == 1 ? nil : try Self.empty(header))
        }
        let server = try TestServer(backend, handler)
        let client = try await server.connect()
        try await client.send(request(1) + request(2))
        #expect(try await client.correlationIDs(1) == [2])
        try await server.stop()
    }

    // MARK: Waiting

    @Test("while an answer waits, the requests behind it are taken", arguments: IOBackend.testable)
    func waiting(backend: IOBackend) async throws {
        let second = Signal()
        let handler = TestHandler { (header, _) throws(ProtocolError) in
            if header.correlationID == 1 {
                return .waiting { () throws(ProtocolError) in
                    await second.wait()
                    return try Self.empty(header)
                }
            }
            second.give()
            return .ready(try Self.empty(header))
        }
        let server = try TestServer(backend, handler)
        let client = try await server.connect()
        try await client.send(request(1) + request(2))
        #expect(try await client.correlationIDs(2) == [1, 2])
        try await server.stop()
    }

    @Test("a request that is being carried out is answered before the next is taken", arguments: IOBackend.testable)
    func working(backend: IOBackend) async throws {
        let steps = Mutex<[String]>([])
        let handler = TestHandler { (header, _) throws(ProtocolError) in
            let id = header.correlationID
            steps.withLock { $0.append("take \(id)") }
            return .working { () throws(ProtocolError) in
                await Task.yield()
                steps.withLock { $0.append("finish \(id)") }
                return try Self.empty(header)
            }
        }
        let server = try TestServer(backend, handler)
        let client = try await server.connect()
        try await client.send(request(1) + request(2))
        #expect(try await client.correlationIDs(2) == [1, 2])
        #expect(steps.withLock(\.self) == ["take 1", "finish 1", "take 2", "finish 2"])
        try await server.stop()
    }

    @Test(
        "clients whose requests wait, with more behind them, keep no buffer from others",
        arguments: IOBackend.testable
    )
    func waitingClients(backend: IOBackend) async throws {
        let go = Signal()
        let handler = TestHandler { (header, _) throws(ProtocolError) in
            guard header.correlationID == 1 else { return .ready(try Self.empty(header)) }
            return .working { () throws(ProtocolError) in
                await go.wait()
                return try Self.empty(header)
            }
        }
        let server = try TestServer(backend, handler, buffers: 1)
        var waiting: [TestClient] = []
        for _ in 0..<3 {
            let client = try await server.connect()
            // The third request has not come in full yet.
            try await client.send(request(1) + request(2) + Array(request(3).dropLast(2)))
            waiting.append(client)
        }
        let other = try await server.connect()
        try await other.send(request(4))
        #expect(try await other.correlationIDs(1) == [4])
        go.give()
        for client in waiting {
            #expect(try await client.correlationIDs(2) == [1, 2])
            try await client.send(Array(request(3).suffix(2)))
            #expect(try await client.correlationIDs(1) == [3])
        }
        try await server.stop()
    }

    // MARK: Files

    @Test("ranges of files lie where the message has its records", arguments: IOBackend.testable)
    func files(backend: IOBackend) async throws {
        let path = TemporaryDirectory.current.appending("records")
        let content = (0..<400_000).map { UInt8(truncatingIfNeeded: $0 / 5) }
        let file = FileHandle(try File.open(path, .readWrite, create: .mustNotExist))
        try file.file.write(content, at: 0)
        let ranges = [1000..<300_000, 0..<7]
        let handler = TestHandler { (header, _) throws(ProtocolError) in
            var (message, records) = (FetchResponse(), [[Response.Part]]())
            var topic = FetchResponse.FetchableTopicResponse()
            for range in ranges {
                var partition = FetchResponse.FetchableTopicResponse.PartitionData()
                partition.records = RecordsField(byteCount: range.count + 3)
                topic.partitions.append(partition)
                records.append([
                    .file(FileRange(file, from: Int64(range.lowerBound), byteCount: Int64(range.count))),
                    .bytes([7, 8, 9]),
                ])
            }
            message.responses = [topic]
            return .ready(try Response(message, to: header, records: records))
        }
        let server = try TestServer(backend, handler)
        let client = try await server.connect()
        try await client.send(frame(.fetch, 12, 5) + frame(.fetch, 12, 6))
        for _ in 0..<2 {
            let response = try #require(try await client.response())
            let message = try FetchResponse(reading: response.span.bytes, from: 5, version: 12)
            let partitions = try #require(message.responses.first?.partitions)
            for (partition, range) in zip(partitions, ranges) {
                let place = try #require(partition.records?.range)
                #expect(Array(response[place]) == Array(content[range]) + [7, 8, 9])
            }
        }
        try await server.stop()
    }

    // MARK: Clients that misbehave

    @Test(
        "what is no request closes its connection, and no other one",
        arguments: IOBackend.testable,
        [
            [0x7F, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 7],
            [0, 0, 0, 8, 0x7F, 0, 0, 0, 0, 0, 0, 1], Array("GET / HTTP/1.1\r\n\r\n".utf8),
            frame(.metadata, 99, 1), frame(.apiVersions, 3, 1).dropLast() + [0xFF],
        ] as [[UInt8]]
    )
    func violations(backend: IOBackend, bytes: [UInt8]) async throws {
        let handler = TestHandler { (header, body) throws(ProtocolError) in
            if header.api == .apiVersions {
                _ = try APIVersionsRequest(reading: body.span.bytes, version: header.version)
            }
            return .ready(try Self.empty(header))
        }
        let server = try TestServer(backend, handler)
        let (honest, liar) = (try await server.connect(), try await server.connect())
        try await liar.send(bytes)
        #expect(await liar.isClosed())
        try await honest.send(request(3))
        #expect(try await honest.correlationIDs(1) == [3])
        try await server.stop()
    }

    @Test("more clients than buffers are all served", arguments: IOBackend.testable)
    func fewBuffers(backend: IOBackend) async throws {
        let server = try TestServer(backend, Self.answersAtOnce, buffers: 1)
        try await withThrowingTaskGroup(of: [Int32].self) { group in
            for _ in 0..<50 {
                group.addTask {
                    let client = try await server.connect()
                    var ids: [Int32] = []
                    for id in Int32(0)..<5 {
                        try await client.send(self.request(id))
                        ids += try await client.correlationIDs(1)
                    }
                    return ids
                }
            }
            for try await ids in group { #expect(ids == [0, 1, 2, 3, 4]) }
        }
        try await server.stop()
    }

    @Test("who is silent for too long, between requests or within one, is disconnected", arguments: IOBackend.testable)
    func idle(backend: IOBackend) async throws {
        var limits = ConnectionLimits()
        limits.maxIdle = .milliseconds(20)
        let server = try TestServer(backend, Self.answersAtOnce, limits: limits)
        let (silent, stuck) = (try await server.connect(), try await server.connect())
        try await stuck.send(Array(request(1).dropLast()))
        #expect(await silent.isClosed())
        #expect(await stuck.isClosed())
        try await server.stop()
    }

    @Test(
        "the end of the server ends connections that wait for requests, and those that wait for answers",
        arguments: IOBackend.testable
    )
    func stop(backend: IOBackend) async throws {
        let taken = Signal()
        let handler = TestHandler { (header, _) throws(ProtocolError) in
            taken.give()
            return .waiting { () throws(ProtocolError) in
                // As a long poll does: until its time is up, or the task is cancelled.
                try? await Task.sleep(for: .seconds(3600))
                return try Self.empty(header)
            }
        }
        let server = try TestServer(backend, handler)
        let (idle, waiting) = (try await server.connect(), try await server.connect())
        try await waiting.send(request(1))
        await taken.wait()
        server.task.cancel()
        try await server.task.value
        #expect(await idle.isClosed())
        _ = await waiting.isClosed()
        try await server.stop()
    }
}
