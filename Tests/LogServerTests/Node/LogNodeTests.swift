import CommitLog
import CoreMetrics
import KafkaProtocol
import LinuxIO
import Logging
import RecordBatch
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

    // MARK: Records without a connection

    private func texts(_ records: LogRecords, _ count: Int) async throws -> [String] {
        var texts: [String] = []
        for try await record in records {
            texts.append(String(decoding: record.value ?? [], as: UTF8.self))
            if texts.count == count { break }
        }
        return texts
    }

    private func record(_ text: String) -> Record { Record(value: Array(text.utf8)) }

    @Test("what a program appends to its node clients fetch, and the other way round")
    func records() async throws {
        let node = LogNode(configuration: try configuration(["num.partitions": "2"]), logger: logger)
        try await run(node) { client in
            let appended = try await node.append(
                [record("a"), record("b")],
                toTopic: "shared",
                partition: 1,
                codec: .zstd
            )
            #expect(appended.baseOffset == Offset(0) && appended.lastOffset == Offset(1))
            let produce = ProduceRequest.of("shared", [1: try batch(["c"])])
            let produced = try await client.call(produce, 9, records: [try batch(["c"])])
            #expect(produced.message.responses[0].partitionResponses[0].baseOffset == Offset(2))
            _ = try await node.append([record("d")], toTopic: "shared", partition: 1)

            let topic = try #require(try await node.running().broker.metadata.image.topics["shared"])
            let fetched = try await client.call(FetchRequest.of(topic, [1: 0]), 12)
            let partition = fetched.message.responses[0].partitions[0]
            #expect(partition.highWatermark == Offset(4))
            let batches = fetched.records(partition.records)
            var (bases, iterator) = ([Offset](), RecordBatchIterator(batches.span.bytes))
            while let batch = try iterator.next() { bases.append(batch.header.baseOffset) }
            #expect(bases == [Offset(0), Offset(2), Offset(3)])

            #expect(try await texts(node.records(ofTopic: "shared", partition: 1), 4) == ["a", "b", "c", "d"])
            #expect(try await texts(node.records(ofTopic: "shared", partition: 1, from: Offset(2)), 2) == ["c", "d"])
        }
    }

    @Test("a program that reads waits for what clients produce")
    func waitingReader() async throws {
        let node = LogNode(configuration: try configuration(), logger: logger)
        try await run(node) { client in
            let records = try await node.records(ofTopic: "later")
            async let read = texts(records, 1)
            let bytes = try batch(["x"])
            _ = try await client.call(ProduceRequest.of("later", [0: bytes]), 9, records: [bytes])
            #expect(try await read == ["x"])
        }
    }

    @Test("a program is told what it cannot append to, and does not make it")
    func refusedPlaces() async throws {
        let settings = ["auto.create.topics.enable": "false"]
        let node = LogNode(configuration: try configuration(settings), logger: logger)
        try await run(node) { _ in
            #expect(await refusal(of: "missing", by: node) == .notFound)
            #expect(await refusal(of: "not/a topic", by: node) == .invalidArgument)
            #expect(await refusal(of: "__consumer_offsets", by: node) == .invalidArgument)
            let topics = try await node.running().broker.metadata.image.topics
            #expect(topics.isEmpty)
        }
        #expect(await refusal(of: "missing", by: node) != nil)
    }

    private func refusal(of topic: String, by node: LogNode) async -> LogError.Code? {
        do {
            _ = try await node.append([record("a")], toTopic: topic)
            return nil
        } catch {
            return (error as? LogError)?.code
        }
    }
}
