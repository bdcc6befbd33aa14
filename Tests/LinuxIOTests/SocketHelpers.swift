import SystemPackage
import TestSupport
import Testing

@testable import LinuxIO

/// A listener on a free port of this machine, and what tests do with connections to it.
struct Loopback: Sendable {
    let reactor: Reactor
    let listener: Socket

    init(_ backend: IOBackend, queueDepth: Int = 256) throws {
        reactor = try Reactor(name: "test", backend: backend, queueDepth: queueDepth)
        listener = try Socket.listen(on: .loopback())
    }

    var address: SocketAddress {
        get throws { try #require(listener.localAddress) }
    }

    /// What scopes a fault injector to this listener and the connections that it takes.
    var path: FilePath { listener.path }

    /// What scopes one to the connections that are made to it.
    var clientPath: FilePath {
        get throws { Socket.path(nil, try address) }
    }

    /// A connection: the end that the listener has taken, and the one that made it.
    func connection() async throws -> (server: Socket, client: Socket) {
        let client = try await reactor.connect(to: address)
        return (try await reactor.accept(listener), client)
    }

    /// Runs `body` on the reactor's thread.
    func run<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        try await Task(executorPreference: reactor, operation: body).value
    }

    /// Receives until there are `count` bytes, or the end.
    func receive(_ count: Int, from socket: Socket, steps: Int = 1 << 20) async throws -> [UInt8] {
        let buffer = IOBuffer(count: max(1, min(count, steps)))
        var bytes: [UInt8] = []
        while bytes.count < count {
            let most = min(count - bytes.count, steps)
            let received = try await reactor.receive(socket, into: buffer, 0..<most)
            if received == 0 { break }
            bytes += buffer.withBytes { $0.withUnsafeBytes { Array($0.prefix(received)) } }
        }
        return bytes
    }

    func send(_ bytes: [UInt8], on socket: Socket) async throws {
        try await reactor.send([.bytes(bytes[...])], on: socket)
    }

    /// Installs an injector that tells when somebody begins to wait for a connection of the listener's.
    func watchWaits() -> WaitWatch {
        let watch = WaitWatch()
        watch.install(under: path)
        return watch
    }
}

/// Tells how many waits have begun.
final class WaitWatch: Sendable {
    private let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
    private let injector = Lock<FaultInjector?>(nil)

    func install(under path: FilePath) {
        let installed = FaultInjector.install(under: path) { [continuation] call in
            if call.name == .poll { continuation.yield() }
            return .proceed
        }
        injector.withLock { $0 = installed }
    }

    /// Suspends until `count` waits have begun since the watch was installed.
    func waitFor(_ count: Int = 1) async {
        var (iterator, seen) = (stream.makeAsyncIterator(), 0)
        while seen < count, await iterator.next() != nil { seen += 1 }
    }

    deinit {
        injector.withLock { $0 }?.remove()
    }
}

extension SocketAddress {
    /// An address of this machine that no other one can reach.
    static func loopback(port: UInt16 = 0) throws -> SocketAddress {
        try resolve(HostAndPort(host: "127.0.0.1", port: port))[0]
    }
}

/// The error that `body` throws, or nil.
func ioError(_ body: () async throws -> Void) async -> IOError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? IOError
    }
}
