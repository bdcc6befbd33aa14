import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import LinuxIO

/// One call on a socket, and how to get it made.
private struct Case: Sendable, CustomTestStringConvertible {
    let call: SystemCall
    /// Given a listener with a connection waiting, a connection, and a file of 100 bytes.
    let run: @Sendable (Loopback, Socket, FileHandle) async throws -> Void

    var testDescription: String { call.name }

    static let all: [Case] = [
        Case(call: .accept4) { loopback, _, _ in _ = try await loopback.reactor.accept(loopback.listener) },
        Case(call: .setsockopt) { _, server, _ in try server.set(.noDelay(true)) },
        Case(call: .getsockname) { _, server, _ in _ = try server.currentLocalAddress() },
        Case(call: .getpeername) { _, server, _ in _ = try server.currentPeerAddress() },
        Case(call: .shutdown) { _, server, _ in try server.shutdown(.sending) },
        Case(call: .recv) { loopback, server, _ in
            let bytes = try await loopback.receive(100, from: server)
            #expect(bytes == patternBytes(100))
        },
        Case(call: .send) { loopback, server, _ in try await loopback.send(patternBytes(100), on: server) },
        Case(call: .sendmsg) { loopback, server, _ in
            let bytes = patternBytes(100)
            try await loopback.reactor.send([.bytes(bytes[..<50]), .bytes(bytes[50...])], on: server)
        },
        Case(call: .sendfile) { loopback, server, file in
            try await loopback.run { try await loopback.reactor.sendFile(file, from: 0, bytes: 100, on: server) }
        },
        Case(call: .poll) { loopback, server, _ in try await loopback.reactor.waitUntilReadable(server) },
    ]

    /// Those that move bytes.
    static var sending: [Case] { all.filter { [.send, .sendmsg, .sendfile].contains($0.call) } }
    /// Those that may find that there is nothing, or no room.
    static var waiting: [Case] { sending + all.filter { [.recv, .accept4].contains($0.call) } }
}

@Suite(.temporaryDirectory) struct SocketFaultTests {
    /// What a case is run with: the client has sent 100 bytes, and another connection waits to be taken.
    private struct Stage {
        let loopback: Loopback
        let server: Socket
        let client: Socket
        let other: Socket
        let file: LinuxIO.FileHandle

        init(_ backend: IOBackend) async throws {
            loopback = try Loopback(backend)
            (server, client) = try await loopback.connection()
            try await loopback.send(patternBytes(100), on: client)
            try await loopback.reactor.waitUntilReadable(server)
            other = try await loopback.reactor.connect(to: loopback.address)
            try await loopback.reactor.waitUntilReadable(loopback.listener)
            let path = TemporaryDirectory.current.appending("file")
            try FileSystem.make(path, patternBytes(100))
            file = LinuxIO.FileHandle(try File.open(path))
        }
    }

    @Test(
        "a failed call is reported with call, socket and reason",
        arguments: IOBackend.testable,
        Case.all
    )
    private func failed(backend: IOBackend, this: Case) async throws {
        let stage = try await Stage(backend)
        defer { stage.loopback.reactor.shutdown() }
        for errno in [Errno.connectionReset, .tooManyOpenFiles, .noBufferSpace] {
            // A connection that was reset before it was taken is none.
            if this.call == .accept4 && errno == .connectionReset { continue }
            let injector = FaultInjector.install(under: stage.loopback.path) { call in
                call.name == this.call ? .fail(errno) : .proceed
            }
            defer { injector.remove() }
            let error = await ioError { try await this.run(stage.loopback, stage.server, stage.file) }
            #expect(error?.call == this.call)
            #expect(error?.errno == errno)
            let socket = this.call == .accept4 ? "\(stage.loopback.listener)" : "\(stage.server)"
            #expect(error?.description.contains(socket) == true)
            #expect(error?.description.contains("(\(errno.symbol), \(this.call))") == true)
        }
        try await this.run(stage.loopback, stage.server, stage.file)
    }

    @Test("an interrupted call is made again", arguments: IOBackend.testable, Case.all)
    private func interrupted(backend: IOBackend, this: Case) async throws {
        let stage = try await Stage(backend)
        defer { stage.loopback.reactor.shutdown() }
        let injector = FaultInjector.install(under: stage.loopback.path) { call in
            call.name == this.call && call.occurrence < 3 ? .fail(.interrupted) : .proceed
        }
        defer { injector.remove() }
        try await this.run(stage.loopback, stage.server, stage.file)
        // A wait that was interrupted is over, since waiting for nothing does no harm.
        #expect(this.call == .poll || injector.count(of: this.call) > 3)
    }

    @Test(
        "a storm of EAGAIN is waited out, and the wait is interrupted too",
        arguments: IOBackend.testable,
        Case.waiting
    )
    private func storm(backend: IOBackend, this: Case) async throws {
        let stage = try await Stage(backend)
        defer { stage.loopback.reactor.shutdown() }
        let injector = FaultInjector.install(under: stage.loopback.path) { call in
            if call.name == .poll { return call.occurrence % 3 == 0 ? .fail(.interrupted) : .proceed }
            return call.name == this.call && call.occurrence < 100 ? .fail(.resourceTemporarilyUnavailable) : .proceed
        }
        defer { injector.remove() }
        try await this.run(stage.loopback, stage.server, stage.file)
        #expect(injector.count(of: this.call) > 100)
        #expect(injector.count(of: .poll) == 100)
        if Case.sending.contains(where: { $0.call == this.call }) {
            #expect(try await stage.loopback.receive(100, from: stage.client) == patternBytes(100))
        }
    }

    @Test("short calls are continued until all is moved", arguments: IOBackend.testable, Case.sending)
    private func short(backend: IOBackend, this: Case) async throws {
        let stage = try await Stage(backend)
        defer { stage.loopback.reactor.shutdown() }
        for most in [1, 7, 99] {
            let injector = FaultInjector.install(under: stage.loopback.path) { call in
                call.name == .poll ? .proceed : .short(most)
            }
            defer { injector.remove() }
            try await this.run(stage.loopback, stage.server, stage.file)
            #expect(try await stage.loopback.receive(100, from: stage.client) == patternBytes(100))
            // The last of several pieces goes by send.
            let moved = injector.count(of: this.call) + (this.call == .sendmsg ? injector.count(of: .send) : 0)
            #expect(moved == (100 + most - 1) / most)
        }
    }

    @Test("sending that makes no progress is an error and not an endless loop", arguments: Case.sending)
    private func stuck(this: Case) async throws {
        let stage = try await Stage(.epoll)
        defer { stage.loopback.reactor.shutdown() }
        let injector = FaultInjector.install(under: stage.loopback.path) { call in
            call.name == this.call ? .short(0) : .proceed
        }
        defer { injector.remove() }
        let error = await ioError { try await this.run(stage.loopback, stage.server, stage.file) }
        #expect(error?.errno == (this.call == .sendfile ? .noData : .ioError))
    }

    @Test(
        "without descriptors nothing is taken, once per call, and the connection waits",
        arguments: IOBackend.testable
    )
    func outOfDescriptors(backend: IOBackend) async throws {
        let stage = try await Stage(backend)
        let (loopback, reactor) = (stage.loopback, stage.loopback.reactor)
        defer { reactor.shutdown() }
        let injector = FaultInjector.install(under: loopback.path) { call in
            call.name == .accept4 && call.occurrence < 3 ? .fail(.tooManyOpenFiles) : .proceed
        }
        defer { injector.remove() }
        var failures = 0
        while true {
            do {
                let accepted = try await reactor.accept(loopback.listener)
                #expect(try accepted.peerAddress == stage.other.currentLocalAddress())
                break
            } catch {
                #expect(error.isOutOfDescriptors && error.isRetryable)
                failures += 1
                try await reactor.sleep(until: .now + .microseconds(100))
            }
        }
        #expect(failures == 3)
        #expect(injector.count(of: .accept4) == 4)
        #expect(injector.count(of: .poll) == 0)
    }

    @Test("a process that has no descriptor left takes the connection when it has", arguments: ["ring", "epoll"])
    func realLimit(backend: String) async throws {
        guard let chosen = IOBackend(rawValue: backend), IOBackend.testable.contains(chosen) else { return }
        await #expect(processExitsWith: .success) { [backend = backend as String] in
            let loopback = try Loopback(try IOBackend.parse(backend))
            let client = try await loopback.reactor.connect(to: loopback.address)
            var limit = rlimit()
            #expect(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
            limit.rlim_cur = 128
            #expect(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
            var files: [LinuxIO.FileHandle] = []
            while let file = try? LinuxIO.FileHandle(File.open("/dev/null")) { files.append(file) }
            for _ in 0..<3 {
                let error = await ioError { _ = try await loopback.reactor.accept(loopback.listener) }
                #expect(error?.call == .accept4)
                #expect(error?.errno == .tooManyOpenFiles)
            }
            files.removeLast()
            let server = try await loopback.reactor.accept(loopback.listener)
            #expect(try server.peerAddress == client.currentLocalAddress())
            loopback.reactor.shutdown()
        }
    }

    @Test(
        "a connection that was over before it was taken is passed over",
        arguments: IOBackend.testable,
        [Errno.connectionAbort, .protocolError, .networkDown, .noRouteToHost]
    )
    func abortedConnection(backend: IOBackend, errno: Errno) async throws {
        let stage = try await Stage(backend)
        defer { stage.loopback.reactor.shutdown() }
        let injector = FaultInjector.install(under: stage.loopback.path) { call in
            call.name == .accept4 && call.occurrence < 2 ? .fail(errno) : .proceed
        }
        defer { injector.remove() }
        let accepted = try await stage.loopback.reactor.accept(stage.loopback.listener)
        #expect(try accepted.peerAddress == stage.other.currentLocalAddress())
    }

    @Test(
        "a listener that cannot be made says why",
        arguments: zip([SystemCall.socket, .setsockopt, .bind, .listen, .getsockname], 1...5)
    )
    func listening(call: SystemCall, number: Int) throws {
        // An address that nobody else listens on, so that this test sees its own calls alone.
        let address = try SocketAddress.resolve(HostAndPort(host: "127.11.22.\(number)", port: 0))[0]
        let injector = FaultInjector.install(under: Socket.path(address, nil)) { made in
            guard made.name == call else { return .proceed }
            return made.occurrence == 0 ? .fail(.interrupted) : .fail(.noBufferSpace)
        }
        defer { injector.remove() }
        let error = try #require(ioError { _ = try Socket.listen(on: address) })
        #expect(error.call == call)
        #expect(error.errno == .noBufferSpace)
        #expect(error.attempt == "listen on \(address)")
        #expect(injector.count(of: call) == 2)
    }

    @Test("connecting goes on after a signal, and says why it failed", arguments: IOBackend.testable)
    func connecting(backend: IOBackend) async throws {
        let loopback = try Loopback(backend)
        defer { loopback.reactor.shutdown() }
        let injector = FaultInjector.install(under: try loopback.clientPath) { call in
            switch (call.name, call.occurrence) {
            case (.connect, 0), (.poll, 0): .fail(.interrupted)
            case (.connect, 1): .fail(.nowInProgress)
            default: .proceed
            }
        }
        let client = try await loopback.reactor.connect(to: loopback.address)
        let server = try await loopback.reactor.accept(loopback.listener)
        try await loopback.send([3], on: client)
        #expect(try await loopback.receive(1, from: server) == [3])
        injector.remove()
        let failing = FaultInjector.install(under: try loopback.clientPath) { call in
            switch (call.name, call.occurrence) {
            case (.connect, _): .fail(.noRouteToHost)
            case (.socket, 1): .fail(.tooManyOpenFiles)
            default: .proceed
            }
        }
        defer { failing.remove() }
        let failed = await ioError { _ = try await loopback.reactor.connect(to: loopback.address) }
        #expect(failed?.call == .connect)
        #expect(failed?.errno == .noRouteToHost)
        let unmade = await ioError { _ = try await loopback.reactor.connect(to: loopback.address) }
        #expect(unmade?.call == .socket)
        #expect(unmade?.isOutOfDescriptors == true)
    }
}
