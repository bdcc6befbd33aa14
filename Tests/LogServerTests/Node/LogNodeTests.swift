import CoreMetrics
import KafkaProtocol
import LinuxIO
import Logging
import SystemPackage
import TestSupport
import Testing

@testable import LogServer

@Suite("A node in a program", .temporaryDirectory)
struct LogNodeTests {
    private var directory: FilePath { TemporaryDirectory.current.appending("data") }

    private var logger: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

    private func configuration(_ settings: [String: String] = [:]) throws -> LogNode.Configuration {
        try .init(directory: directory, settings: settings.merging(["listeners": "PLAINTEXT://127.0.0.1:0"]) { $1 })
    }

    /// Runs a node, and what a client does.
    private func run(
        _ node: LogNode,
        _ body: (_ client: TestClient) async throws -> Void
    ) async throws {
        let task = Task { try await node.run() }
        let reactor = try Reactor(name: "client")
        defer { reactor.shutdown() }
        let addresses = try SocketAddress.resolve(try await node.address())
        try await body(TestClient(reactor: reactor, socket: try await reactor.connect(to: addresses[0])))
        task.cancel()
        try await task.value
    }

    @Test("a node serves with its settings until its task is cancelled, and leaves the directory free")
    func settings() async throws {
        for _ in 0..<2 {
            let node = LogNode(configuration: try configuration(["node.id": "9"]), logger: logger)
            try await run(node) { client in
                let answer = try await client.call(MetadataRequest(), 9)
                #expect(answer.message.brokers.map(\.nodeID) == [9])
                #expect(answer.message.brokers[0].host == "127.0.0.1")
            }
        }
    }

    @Test("a node stands the least of all that can be set")
    func leastSettings() async throws {
        var configuration = try configuration([
            "socket.request.max.bytes": "8", "queued.max.request.bytes": "1", "num.network.threads": "1",
            "max.incremental.fetch.session.cache.slots": "0", "fetch.max.bytes": "1024", "group.max.size": "1",
            "group.initial.rebalance.delay.ms": "0", "offset.metadata.max.bytes": "0", "message.max.bytes": "0",
            "log.segment.bytes": "1048576", "log.index.size.max.bytes": "4", "log.index.interval.bytes": "0",
            "num.recovery.threads.per.data.dir": "1", "max.request.partition.size.limit": "1",
        ])
        try await run(LogNode(configuration: configuration, logger: logger)) { client in
            try await client.send(frame(.apiVersions, 0, 1))
            #expect(await client.isClosed(), "longer than 8 bytes")
        }
        configuration.limits.requestMaxBytes = 1 << 20
        try await run(LogNode(configuration: configuration, logger: logger)) { client in
            for version in Int16(0)...3 { _ = try await client.call(APIVersionsRequest(), version) }
            _ = try await client.call(MetadataRequest(), 9)
        }
    }

    @Test("what is wrong with a program's settings is told as of the program")
    func wrongSettings() {
        #expect(
            throws: ServerPropertiesError(problems: [
                "num.partitions is \"no\" (set by the program), but it has to be an integer from 1 to 10000"
            ])
        ) { _ = try LogNode.Configuration(directory: directory, settings: ["num.partitions": "no"]) }
    }

    @Test("a program gets a node's metrics where it wants them, with and without a port for them")
    func metrics() async throws {
        for place in ["none", "127.0.0.1:0"] {
            let mine = MetricsRegistry()
            let configuration = try configuration(["metrics.listener": place])
            try await run(LogNode(configuration: configuration, logger: logger, metrics: mine)) { client in
                _ = try await client.call(MetadataRequest(), 9)
            }
            let text = String(decoding: mine.text().bytes, as: UTF8.self)
            #expect(text.contains("\nmillrace_requests_total{api=\"Metadata\"} 1\n"))
        }
    }

    @Test(
        "a port for metrics that is taken ends a node that wants it, and not one that would only take it if it is free"
    )
    func takenPort() async throws {
        let taken = try Socket.listen(at: HostAndPort(host: "127.0.0.1", port: 0))
        let place = taken.address(named: "127.0.0.1")
        var configuration = try configuration()
        configuration.metrics = .at(place)
        let failing = LogNode(configuration: configuration, logger: logger)
        await #expect(throws: IOError.self) { try await failing.run() }
        await #expect(throws: IOError.self) { try await failing.address() }
        configuration.metrics = .whereFree(place)
        try await run(LogNode(configuration: configuration, logger: logger)) { client in
            _ = try await client.call(MetadataRequest(), 9)
        }
    }
}
