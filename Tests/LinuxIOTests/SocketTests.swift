import SystemPackage
import TestSupport
import Testing

@testable import LinuxIO

@Suite struct SocketTests {
    @Test("a listener on port 0 gets a free one, and says which")
    func chosenPort() throws {
        let listener = try Socket.listen(on: .loopback())
        let address = try #require(listener.localAddress)
        #expect(address.host == "127.0.0.1")
        #expect(address.port != 0)
        #expect(listener.peerAddress == nil)
        #expect(try listener.currentLocalAddress() == address)
        #expect(listener.description == "the listener \(address)")
        #expect(try listener.acceptIfAny() == nil)
    }

    @Test("a port that is taken is an error that says so, and can be listened on once it is free")
    func addressInUse() throws {
        // On an address that nobody else uses: the port of one of the usual ones may be given away meanwhile.
        let own = try SocketAddress.resolve(HostAndPort(host: "127.71.3.9", port: 0))[0]
        let address: SocketAddress
        do {
            let listener = try Socket.listen(on: own)
            address = try #require(listener.localAddress)
            let error = try #require(ioError { _ = try Socket.listen(on: address) })
            #expect(error.call == .bind || error.call == .listen)
            #expect(error.errno == .addressInUse)
            #expect(error.description.hasPrefix("Could not listen on \(address): "))
            let advice = "Choose another port, or end the process that listens there (ss -ltnp)."
            #expect(error.description.hasSuffix(advice))
        }
        _ = try Socket.listen(on: address)
    }

    @Test("both ends know both addresses", arguments: IOBackend.testable, ["127.0.0.1", "::1"])
    func addresses(backend: IOBackend, host: String) async throws {
        let reactor = try Reactor(name: "test", backend: backend)
        defer { reactor.shutdown() }
        let wanted = try SocketAddress.resolve(HostAndPort(host: host, port: 0))[0]
        let made = Result { try Socket.listen(on: wanted) }
        if wanted.family == .ipv6, case .failure(let error as IOError) = made,
            [.addressNotAvailable, .addressFamilyNotSupported].contains(error.errno)
        {
            return  // a machine without IPv6
        }
        let listener = try made.get()
        let address = try #require(listener.localAddress)
        let client = try await reactor.connect(to: address)
        let server = try await reactor.accept(listener)
        #expect(client.peerAddress == address)
        #expect(try client.currentPeerAddress() == address)
        #expect(server.localAddress == address)
        #expect(try server.currentLocalAddress() == address)
        #expect(try server.peerAddress == client.currentLocalAddress())
        #expect(try server.peerAddress == server.currentPeerAddress())
        #expect(try "\(server)" == "the connection with \(client.currentLocalAddress())")
        #expect(client.localAddress == nil)
    }

    @Test("the kernel takes every option, and refuses those that do not fit")
    func options() async throws {
        let loopback = try Loopback(.epoll)
        defer { loopback.reactor.shutdown() }
        let (server, _) = try await loopback.connection()
        for isOn in [true, false] {
            for option in [Socket.Option.noDelay(isOn), .cork(isOn), .keepAlive(isOn)] { try server.set(option) }
        }
        try server.set(.sendBuffer(1 << 16))
        try server.set(.receiveBuffer(.max))
    }

    @Test("a socket is closed when its last owner lets go of it, which the peer receives as the end")
    func closing() async throws {
        let loopback = try Loopback(.epoll)
        defer { loopback.reactor.shutdown() }
        let client = try await loopback.reactor.connect(to: loopback.address)
        do {
            let server = try await loopback.reactor.accept(loopback.listener)
            try await loopback.send([1, 2, 3], on: server)
        }
        #expect(try await loopback.receive(10, from: client) == [1, 2, 3])
    }

    @Test("one direction can be ended, and the other goes on")
    func halfClosed() async throws {
        let loopback = try Loopback(.epoll)
        defer { loopback.reactor.shutdown() }
        let (server, client) = try await loopback.connection()
        try client.shutdown(.sending)
        #expect(try await loopback.receive(1, from: server) == [])
        try await loopback.send([7], on: server)
        #expect(try await loopback.receive(1, from: client) == [7])
        try server.shutdown(.both)
        #expect(try await loopback.receive(1, from: client) == [])
        let error = await ioError { try await loopback.send([7], on: server) }
        #expect(error?.errno == .brokenPipe)
        #expect(error?.isEndedByPeer == true)
    }

    @Test("a connection to a port where nobody listens is refused", arguments: IOBackend.testable)
    func refused(backend: IOBackend) async throws {
        let reactor = try Reactor(name: "test", backend: backend)
        defer { reactor.shutdown() }
        // Bound by a connection of its own, so that nobody can listen there meanwhile.
        let loopback = try Loopback(backend)
        defer { loopback.reactor.shutdown() }
        let (_, client) = try await loopback.connection()
        let address = try client.currentLocalAddress()
        let error = try #require(await ioError { _ = try await reactor.connect(to: address) })
        #expect(error.call == .connect)
        #expect(error.errno == .connectionRefused)
        #expect(error.description.hasPrefix("Could not connect to \(address): "))
    }

    @Test("to receive no bytes is a mistake")
    func receivingNothing() async {
        await #expect(processExitsWith: .failure) {
            let listener = try Socket.listen(on: .loopback())
            _ = try listener.receiveIfAny(into: IOBuffer(count: 1), 0..<0)
        }
    }

    @Test("to send what a buffer does not have is a mistake")
    func sendingTooMuch() async {
        await #expect(processExitsWith: .failure) {
            let loopback = try Loopback(.epoll)
            let (server, _) = try await loopback.connection()
            try await loopback.reactor.send([.buffer(IOBuffer(count: 4096), 4000..<5000)], on: server)
        }
    }
}
