import KafkaProtocol
import LinuxIO
import Logging
import RecordBatch
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import LogServer

/// A server on a free port, and what tests do as its clients.
struct TestServer: Sendable {
    let clients: Reactor
    let address: SocketAddress
    let task: Task<Void, any Error>
    private let reactors: [Reactor]

    /// Serves with two reactors.
    init(
        _ backend: IOBackend,
        _ handler: any RequestHandler,
        limits: ConnectionLimits = ConnectionLimits(),
        buffers: Int = 8,
        metrics: ServerMetrics = ServerMetrics()
    ) throws {
        clients = try Reactor(name: "clients", backend: backend)
        reactors = try (0..<2).map { try Reactor(name: "server-\($0)", backend: backend) }
        let listener = try Socket.listen(on: SocketAddress.resolve(HostAndPort(host: "127.0.0.1", port: 0))[0])
        address = try #require(listener.localAddress)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let server = ConnectionServer(
            listener: listener,
            reactors: reactors,
            handler: handler,
            limits: limits,
            buffers: buffers,
            metrics: metrics,
            logger: logger
        )
        task = Task { try await server.run() }
    }

    /// Ends the server, which has to close all connections by itself.
    func stop() async throws {
        task.cancel()
        try await task.value
        for reactor in reactors + [clients] { reactor.shutdown() }
    }

    func connect() async throws -> TestClient {
        TestClient(reactor: clients, socket: try await clients.connect(to: address))
    }
}

/// A client that says exactly what it is told to.
struct TestClient: Sendable {
    let reactor: Reactor
    let socket: Socket

    func send(_ bytes: [UInt8]) async throws {
        try await reactor.send([.bytes(bytes[...])], on: socket)
    }

    /// The next so many bytes; fewer if the server closes the connection before.
    func receive(_ count: Int) async throws -> [UInt8] {
        let buffer = IOBuffer(count: max(1, count))
        var received = 0
        while received < count {
            let more = try await reactor.receive(socket, into: buffer, received..<count)
            if more == 0 { break }
            received += more
        }
        return buffer.withBytes { $0.withUnsafeBytes { Array($0.prefix(received)) } }
    }

    /// The next response, without its length; `nil` if the server closes the connection.
    func response() async throws -> [UInt8]? {
        let length = try await receive(4)
        if length.isEmpty { return nil }
        return try await receive(Int(length.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }))
    }

    /// The correlation ids of the next so many responses, whose messages are left out.
    func correlationIDs(_ count: Int) async throws -> [Int32] {
        var ids: [Int32] = []
        for _ in 0..<count {
            guard let response = try await response() else { break }
            ids.append(Int32(bitPattern: response.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }))
        }
        return ids
    }

    /// Whether the server has closed the connection, in order or with a reset.
    func isClosed() async -> Bool {
        do {
            return try await receive(1).isEmpty
        } catch {
            return (error as? IOError)?.errno == .connectionReset
        }
    }
}

/// A request as it goes over the wire.
func frame(_ api: APIKey, _ version: Int16, _ correlationID: Int32, body: [UInt8] = []) -> [UInt8] {
    var request: [UInt8] = []
    request.appendInteger(api.rawValue)
    request.appendInteger(version)
    request.appendInteger(correlationID)
    request += [0, 1, UInt8(ascii: "c")]
    if api.isFlexible(version) { request.append(0) }
    request += body
    var frame: [UInt8] = []
    frame.appendInteger(Int32(request.count))
    return frame + request
}

/// The same for a message.
func frame<Request: RequestMessage>(_ message: Request, _ version: Int16, _ correlationID: Int32) throws -> [UInt8] {
    frame(Request.api, version, correlationID, body: try message.written(version: version).bytes)
}

/// Answers as a test tells it to, by the correlation id.
struct TestHandler: RequestHandler {
    let answer: @Sendable (RequestHeader, [UInt8]) throws(ProtocolError) -> Answer

    func take(
        _ header: RequestHeader,
        _ request: inout MutableRawSpan,
        bodyStart: Int,
        on reactor: Reactor
    ) throws(ProtocolError) -> Answer {
        let body = request.bytes.extracting(droppingFirst: bodyStart)
        return try answer(header, body.withUnsafeBytes { Array($0) })
    }
}

/// Something that happens once, and that any number may wait for.
final class Signal: Sendable {
    private let (stream, continuation) = AsyncStream.makeStream(of: Never.self)

    func give() { continuation.finish() }

    func wait() async {
        for await _ in stream {}
    }
}
