import CommitLog
import KafkaProtocol
import LinuxIO
import TestSupport
import Testing

@testable import LogServer

@Suite("What a server counts", .temporaryDirectory)
struct ServerMetricsTests {
    /// The values of all metrics but histograms' buckets, by name and labels.
    private func values(_ registry: MetricsRegistry) -> [String: Double] {
        var values: [String: Double] = [:]
        for line in String(decoding: registry.text().bytes, as: UTF8.self).split(separator: "\n")
        where !line.hasPrefix("#") {
            let space = line.lastIndex(of: " ") ?? line.endIndex
            values[String(line[..<space])] = Double(line[space...].dropFirst())
        }
        return values
    }

    @Test("requests and their answers, the errors in them, and records both ways", arguments: IOBackend.testable)
    func requests(backend: IOBackend) async throws {
        let broker = try await TestBroker(backend)
        let topic = try await broker.topic("t", partitions: 2)
        let records = try batch(["a", "b", "c"])
        _ = try await broker.client.call(
            ProduceRequest.of("t", [0: records, 1: records]),
            9,
            records: [records, records]
        )
        _ = try await broker.client.call(ProduceRequest.of("nothing", [0: records]), 9, records: [records])
        let one = try await broker.client.call(FetchRequest.of(topic, [0: 0]), 12)
        let two = try await broker.client.call(FetchRequest.of(topic, [0: 0, 1: 0]), 12)
        #expect(one.records(one.message.responses[0].partitions[0].records).count == records.count)
        #expect(two.message.responses[0].partitions.count == 2)
        // What is counted after an answer was sent is counted when its connection has ended.
        try await broker.stop()
        let found = values(broker.registry)
        #expect(found[#"millrace_requests_total{api="Produce"}"#] == 2)
        #expect(found[#"millrace_requests_total{api="Fetch"}"#] == 2)
        #expect(found[#"millrace_requests_total{api="Metadata"}"#] == 0)
        #expect(found[#"millrace_request_duration_seconds_count{api="Fetch"}"#] == 2)
        #expect(found[#"millrace_request_errors_total{api="Produce",error="UNKNOWN_TOPIC_OR_PARTITION"}"#] == 1)
        #expect(found.keys.count { $0.hasPrefix("millrace_request_errors_total") } == 1)
        let bytes = Double(records.count)
        #expect(found["millrace_produced_bytes_total"] == 2 * bytes)
        #expect(found["millrace_produced_records_total"] == 6)
        #expect(found[#"millrace_fetched_bytes_total{way="sendfile"}"#] == bytes)
        #expect(found[#"millrace_fetched_bytes_total{way="copy"}"#] == 2 * bytes)
        #expect(found[#"millrace_fetched_bytes_total{way="disk"}"#] == 0)
        #expect(found["millrace_received_bytes_total"] ?? 0 > 3 * bytes)
        #expect(found["millrace_sent_bytes_total"] ?? 0 > 3 * bytes)
    }

    @Test("what there is of a directory is read when somebody asks, and counters take only what is new")
    func directory() async throws {
        let broker = try await TestBroker()
        _ = try await broker.topic("t", partitions: 3)
        let records = try batch(["a"])
        _ = try await broker.client.call(ProduceRequest.of("t", [0: records]), 9, records: [records])
        // Nothing is under way any more that would be counted later.
        try await broker.server.stop()
        let directory = broker.store.directory
        try await directory.close()
        let metrics = DirectoryMetrics(directory, factory: broker.registry)
        metrics.update()
        let first = values(broker.registry)
        #expect(first["millrace_commits_total"] == Double(directory.commitCount) && directory.commitCount > 0)
        #expect(first["millrace_commit_seconds_total"] ?? 0 > 0)
        #expect(first["millrace_partitions"] == 3 && first["millrace_segments"] == 3)
        #expect(first["millrace_log_bytes"] == Double(records.count))
        #expect(first["millrace_bytes_at_risk"] == 0)
        metrics.update()
        #expect(values(broker.registry) == first)
        try await broker.store.close()
    }

    @Test("connections are counted while they are open, and their ends by reason")
    func connections() async throws {
        let registry = MetricsRegistry()
        let answersAtOnce = TestHandler { (header, _) throws(ProtocolError) in
            .ready(try Response(ListGroupsResponse(), to: header))
        }
        let server = try TestServer(.testable[0], answersAtOnce, metrics: ServerMetrics(factory: registry))
        let client = try await server.connect()
        try await client.send(frame(.listGroups, 0, 1))
        _ = try await client.response()
        #expect(values(registry)["millrace_connections"] == 1)
        let liar = try await server.connect()
        try await liar.send([0xff, 0xff, 0xff, 0xff])
        #expect(await liar.isClosed())
        let polite = try await server.connect()
        try polite.socket.shutdown(.sending)
        #expect(await polite.isClosed())
        try await server.stop()
        let found = values(registry)
        #expect(found["millrace_connections"] == 0)
        #expect(found["millrace_connections_accepted_total"] == 3)
        #expect(found[#"millrace_connections_closed_total{reason="frame"}"#] == 1)
        #expect(found[#"millrace_connections_closed_total{reason="finished"}"#] == 1)
        #expect(found[#"millrace_connections_closed_total{reason="closing"}"#] == 1)
        #expect(found[#"millrace_connections_closed_total{reason="idle"}"#] == 0)
    }

    @Test("a client that does not take its answers is waited for, and that is counted")
    func blocked() async throws {
        let registry = MetricsRegistry()
        let large = [UInt8](repeating: 1, count: 32 << 20)
        let handler = TestHandler { (header, _) throws(ProtocolError) in
            var response = DescribeGroupsResponse()
            response.groups = [.init()]
            response.groups[0].members = [.init()]
            response.groups[0].members[0].memberMetadata = large
            return .ready(try Response(response, to: header))
        }
        let server = try TestServer(.testable[0], handler, metrics: ServerMetrics(factory: registry))
        let client = try await server.connect()
        try await client.send(frame(.describeGroups, 0, 1))
        #expect(try await client.response()?.count ?? 0 > large.count)
        try await server.stop()
        #expect(values(registry)["millrace_blocked_sends_total"] ?? 0 > 0)
    }

    @Test("APIs are called what Kafka calls them")
    func names() {
        #expect(APIKey.fetch.kafkaName == "Fetch")
        #expect(APIKey.apiVersions.kafkaName == "ApiVersions")
        #expect(APIKey.initProducerID.kafkaName == "InitProducerId")
        #expect(Set(APIKey.allCases.map(\.kafkaName)).count == APIKey.allCases.count)
    }

    @Test("each metric has a meaning, and a name of its own that says its unit")
    func descriptions() {
        let all = ServerMetrics.descriptions + DirectoryMetrics.descriptions
        #expect(Set(all.map(\.name)).count == all.count)
        #expect(all.allSatisfy { $0.name.hasPrefix("millrace_") && $0.help.hasSuffix(".") })
    }
}
