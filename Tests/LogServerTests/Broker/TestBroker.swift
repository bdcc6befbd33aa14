import CommitLog
import KafkaProtocol
import LinuxIO
import Logging
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import LogServer

/// A broker on a directory of the test's, behind a real connection.
struct TestBroker: Sendable {
    let store: EmbeddedMetadataStore
    let broker: Broker
    let server: TestServer
    let client: TestClient
    /// What was counted.
    let registry = MetricsRegistry()

    init(
        _ backend: IOBackend = .testable[0],
        _ properties: [String: String] = [:],
        change: (inout BrokerConfiguration) -> Void = { _ in }
    ) async throws {
        store = try await EmbeddedMetadataStore.open(TemporaryDirectory.current.appending("data"), properties)
        var configuration = BrokerConfiguration(
            nodeID: 7,
            clusterID: "a-cluster",
            advertised: HostAndPort(host: "example.test", port: 1234)
        )
        configuration.topicDefaults = try BrokerTopicDefaults(properties)
        change(&configuration)
        let metrics = ServerMetrics(factory: registry)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        broker = Broker(configuration, metadata: store, metrics: metrics, logger: logger)
        server = try TestServer(backend, broker, metrics: metrics)
        client = try await server.connect()
    }

    func stop() async throws {
        try await server.stop()
        try await store.close()
    }

    /// Makes a topic, and gives its logs.
    func topic(_ name: String, partitions: Int32 = 1, _ configs: [String: String] = [:]) async throws -> TopicMetadata {
        let topic = TopicMetadata.new(name, partitions, configs)
        try await store.createTopic(topic)
        return topic
    }
}

/// A response, and the bytes that its record fields speak of.
struct Answered<Response: ResponseMessage> {
    let message: Response
    let body: [UInt8]

    func records(_ field: RecordsField?) -> [UInt8] { field.map { Array(body[$0.range]) } ?? [] }
}

extension TestClient {
    /// Sends a request without waiting for its answer.
    func send<Request: RequestMessage>(
        _ request: Request,
        _ version: Int16,
        id: Int32 = 1,
        records: [[UInt8]] = []
    ) async throws {
        let writer = try request.written(version: version)
        var (body, start): ([UInt8], Int) = ([], 0)
        for (gap, bytes) in zip(writer.gaps, records) {
            #expect(gap.byteCount == bytes.count)
            body += writer.bytes[start..<gap.position] + bytes
            start = gap.position
        }
        body += writer.bytes[start...]
        try await send(frame(Request.api, version, id, body: body))
    }

    /// The answer to a request that was sent.
    func answer<Request: RequestMessage>(
        to request: Request.Type,
        _ version: Int16
    ) async throws -> Answered<Request.Response> {
        let response = try #require(try await response(), "the connection was closed")
        let start = Request.api.hasFlexibleResponseHeader(version) ? 5 : 4
        let body = Array(response[start...])
        return Answered(message: try Request.Response(reading: body.span.bytes, version: version), body: body)
    }

    /// Sends a request, and waits for its answer.
    func call<Request: RequestMessage>(
        _ request: Request,
        _ version: Int16,
        records: [[UInt8]] = []
    ) async throws -> Answered<Request.Response> {
        try await send(request, version, records: records)
        return try await answer(to: Request.self, version)
    }
}

/// A batch of records with these values.
func batch(_ values: [String], timestamp: Timestamp = .now) throws -> [UInt8] {
    var builder = RecordBatchBuilder()
    for value in values { try builder.append(key: nil, value: Array(value.utf8), timestamp: timestamp) }
    var compressor = Compressor()
    return try builder.finish(with: &compressor)
}

/// The values of the records of batches, by offset.
func values(_ batches: [UInt8]) throws -> [Int64: String] {
    var values: [Int64: String] = [:]
    var iterator = RecordBatchIterator(batches.span.bytes)
    while let batch = try iterator.next() {
        try batch.validateCRC()
        var records = try batch.records()
        while let record = try records.next() {
            let value = record.value?.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            values[record.offset.rawValue] = value
        }
    }
    return values
}

extension ProduceRequest {
    /// A request for partitions of a topic, with so many bytes of records each.
    static func of(_ topic: String, _ records: [Int32: [UInt8]], acks: Int16 = -1) -> ProduceRequest {
        var request = ProduceRequest()
        request.acks = acks
        request.timeoutMs = 30_000
        var data = TopicProduceData()
        data.name = topic
        data.partitionData = records.sorted { $0.key < $1.key }.map { index, bytes in
            var partition = TopicProduceData.PartitionProduceData()
            partition.index = index
            partition.records = RecordsField(byteCount: bytes.count)
            return partition
        }
        request.topicData = [data]
        return request
    }
}

extension FetchRequest {
    /// A request for partitions of a topic, from an offset each.
    static func of(_ topic: TopicMetadata, _ offsets: [Int32: Int64], maxWaitMs: Int32 = 0) -> FetchRequest {
        var request = FetchRequest()
        request.maxWaitMs = maxWaitMs
        request.minBytes = 1
        request.maxBytes = 1 << 20
        var wanted = Topic()
        wanted.topic = topic.name
        wanted.topicID = topic.id
        wanted.partitions = offsets.sorted { $0.key < $1.key }.map { index, offset in
            var partition = Topic.Partition()
            partition.partition = index
            partition.fetchOffset = Offset(offset)
            partition.partitionMaxBytes = 1 << 20
            return partition
        }
        request.topics = [wanted]
        return request
    }
}
