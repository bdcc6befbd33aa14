import CommitLog
import KafkaProtocol
import LinuxIO
import Logging
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import LogServer

/// A broker over a real directory, and what its clients do without a connection.
struct AdminBroker: Sendable {
    static let nodeID: Int32 = 7

    let broker: Broker
    let store: EmbeddedMetadataStore
    private let reactor: Reactor

    /// - Parameters:
    ///   - root: The directory.
    ///   - properties: What the server sets for all topics.
    ///   - change: Changes what the broker is.
    init(
        _ root: FilePath = TemporaryDirectory.current.appending("data"),
        _ properties: [String: String] = [:],
        _ change: (inout BrokerConfiguration) -> Void = { _ in }
    ) async throws {
        store = try await .open(root, properties)
        let advertised = HostAndPort(host: "broker", port: 9092)
        var configuration = BrokerConfiguration(nodeID: Self.nodeID, clusterID: "cluster", advertised: advertised)
        configuration.topicDefaults = try BrokerTopicDefaults(properties)
        change(&configuration)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        broker = Broker(configuration, metadata: store, logger: logger)
        reactor = try Reactor(name: "test")
    }

    func close() async throws {
        reactor.shutdown()
        try await store.close()
    }

    /// Sends a request as bytes, and reads the bytes of the answer; in the latest version by default.
    func ask<Request: RequestMessage>(_ request: Request, _ version: Int16? = nil) async throws -> Request.Response {
        let version = version ?? Request.api.versions.upperBound
        var bytes = Array(try frame(request, version, 77).dropFirst(4))
        guard case .serve(let header, let bodyStart) = broker.apis.decide(on: bytes.span.bytes) else {
            throw ProtocolError(.unknownAPI, "\(Request.api) is not served", at: 0)
        }
        let response: Response?
        switch try take(header, &bytes, bodyStart) {
        case .ready(let answer): response = answer
        case .waiting(let answer), .working(let answer): response = try await answer()
        case .failed(let reason): throw ConnectionEnd.unanswered(reason)
        }
        var answer: [UInt8] = []
        for part in try #require(response).parts {
            guard case .bytes(let bytes) = part else { preconditionFailure("An answer without records has no files") }
            answer += bytes
        }
        #expect(Array(answer[4..<8]) == [0, 0, 0, 77])
        let start = Request.api.hasFlexibleResponseHeader(version) ? 9 : 8
        return try Request.Response(reading: answer.span.bytes, from: start, version: version)
    }

    private func take(
        _ header: RequestHeader,
        _ request: inout [UInt8],
        _ bodyStart: Int
    ) throws(ProtocolError) -> Answer {
        var span = request.mutableSpan
        var raw = span.mutableBytes
        return try broker.take(header, &raw, bodyStart: bodyStart, on: reactor)
    }

    /// Makes a topic.
    @discardableResult
    func make(
        _ name: String,
        _ count: Int32 = 1,
        _ configs: [String: String] = [:]
    ) async throws -> TopicMetadata {
        let topic = TopicMetadata.new(name, count, configs)
        try await store.createTopic(topic)
        return topic
    }

    /// Appends so many records to a partition, and waits until they are durable.
    func append(_ count: Int, to topic: TopicMetadata, _ partition: Int32 = 0) async throws {
        let log = try #require(store.log(of: topic, partition))
        for _ in 0..<count { _ = try log.append(records: [Record(value: [1, 2, 3])]) }
        try await log.flush()
    }
}
