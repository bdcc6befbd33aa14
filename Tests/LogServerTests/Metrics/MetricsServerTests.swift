import LinuxIO
import Logging
import TestSupport
import Testing

@testable import LogServer

@Suite("The port for metrics")
struct MetricsServerTests {
    /// A server with a page, and clients of it.
    private struct Running {
        let clients: Reactor
        let reactor: Reactor
        let task: Task<Void, Never>
        let address: SocketAddress

        /// By default with more patience than a test could need on a machine with much to do.
        init(_ backend: IOBackend, patience: Duration = .seconds(3600)) throws {
            clients = try Reactor(name: "clients", backend: backend)
            reactor = try Reactor(name: "metrics", backend: backend)
            let listener = try Socket.listen(at: HostAndPort(host: "127.0.0.1", port: 0))
            address = try #require(listener.localAddress)
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            let pages = ["/page": { @Sendable in HTTPResponse(.ok, "text\n") }]
            let server = MetricsServer(
                listener: listener,
                reactor: reactor,
                pages: pages,
                patience: patience,
                logger: logger
            )
            task = Task { await server.run() }
        }

        func connect() async throws -> TestClient {
            TestClient(reactor: clients, socket: try await clients.connect(to: address))
        }

        /// What comes for a text, to the end of the connection.
        func answer(_ text: String) async throws -> String {
            let client = try await connect()
            try await client.send(Array(text.utf8))
            return String(decoding: try await client.receive(1 << 20), as: UTF8.self)
        }

        func stop() async {
            task.cancel()
            await task.value
            reactor.shutdown()
            clients.shutdown()
        }
    }

    @Test("a page is answered, and the connection closed", arguments: IOBackend.testable)
    func page(backend: IOBackend) async throws {
        let running = try Running(backend)
        let answer = try await running.answer("GET /page HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.hasSuffix("\r\n\r\ntext\n"))
        let head = try await running.answer("HEAD /page?a HTTP/1.0\r\n\r\n")
        #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n") && head.contains("Content-Length: 5\r\n"))
        #expect(head.hasSuffix("\r\n\r\n"))
        await running.stop()
    }

    @Test(
        "what is not there, not a request, or too long is answered with what is wrong",
        arguments: [
            ("GET /other HTTP/1.1\r\n\r\n", "404"), ("GET /page/ HTTP/1.1\r\n\r\n", "404"),
            ("DELETE /page HTTP/1.1\r\n\r\n", "405"), ("hello\r\n", "400"), ("GET /page HTTP/3\r\n\r\n", "505"),
        ]
    )
    func refusals(text: String, status: String) async throws {
        let running = try Running(.testable[0])
        let long = "GET /page HTTP/1.1\r\n" + String(repeating: "A: b\r\n", count: 5000)
        #expect(try await running.answer(long).hasPrefix("HTTP/1.1 431 "))
        #expect(try await running.answer(text).hasPrefix("HTTP/1.1 \(status) "))
        #expect(try await running.answer("GET /page HTTP/1.1\r\n\r\n").hasSuffix("text\n"))
        await running.stop()
    }

    @Test("a request may come a byte at a time, and clients may go in the middle", arguments: IOBackend.testable)
    func slowly(backend: IOBackend) async throws {
        let running = try Running(backend)
        let slow = try await running.connect()
        for byte in "GET /page HTTP/1.1\r\n\r\n".utf8 { try await slow.send([byte]) }
        let leaving = try await running.connect()
        try await leaving.send(Array("GET /pa".utf8))
        try leaving.socket.shutdown(.sending)
        #expect(await leaving.isClosed())
        #expect(String(decoding: try await slow.receive(1 << 16), as: UTF8.self).hasSuffix("text\n"))
        await running.stop()
    }

    @Test("as many as are served at a time may be silent, and the next is answered when one of them goes")
    func silentClients() async throws {
        let running = try Running(.testable[0])
        var silent: [TestClient] = []
        for _ in 0..<32 { silent.append(try await running.connect()) }
        let waiting = try await running.connect()
        try await waiting.send(Array("GET /page HTTP/1.1\r\n\r\n".utf8))
        try silent.removeLast().socket.shutdown(.both)
        #expect(String(decoding: try await waiting.receive(1 << 16), as: UTF8.self).hasSuffix("text\n"))
        await running.stop()
        for client in silent { #expect(await client.isClosed()) }
    }

    @Test("who does not end its request in time is closed")
    func tooSlow() async throws {
        let running = try Running(.testable[0], patience: .milliseconds(1))
        let client = try await running.connect()
        #expect(await client.isClosed())
        await running.stop()
    }

    @Test("hundreds are answered, one after the other and all at once")
    func many() async throws {
        let running = try Running(.testable[0])
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<300 {
                group.addTask { try await running.answer("GET /page HTTP/1.1\r\n\r\n").hasSuffix("text\n") }
            }
            for try await isAnswered in group { #expect(isAnswered) }
        }
        await running.stop()
    }
}
