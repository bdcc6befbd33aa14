import KafkaProtocol
import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import LogServer

@Suite("Requests that make, widen and delete topics", .temporaryDirectory)
struct BrokerTopicsTests {
    static func create(_ topics: [(name: String, count: Int32)], validateOnly: Bool = false) -> CreateTopicsRequest {
        var request = CreateTopicsRequest()
        request.validateOnly = validateOnly
        request.topics = topics.map { name, count in
            var topic = CreateTopicsRequest.CreatableTopic()
            (topic.name, topic.numPartitions, topic.replicationFactor) = (name, count, -1)
            return topic
        }
        return request
    }

    static func delete(_ names: [String]) -> DeleteTopicsRequest {
        var request = DeleteTopicsRequest()
        request.topicNames = names
        return request
    }

    static func widen(_ name: String, _ count: Int32, validateOnly: Bool = false) -> CreatePartitionsRequest {
        var topic = CreatePartitionsRequest.Topic()
        (topic.name, topic.count, topic.assignments) = (name, count, nil)
        var request = CreatePartitionsRequest()
        (request.topics, request.validateOnly) = ([topic], validateOnly)
        return request
    }

    @Test("topics are made in every version, and are there after a reopening", arguments: APIKey.createTopics.versions)
    func created(version: Int16) async throws {
        let broker = try await AdminBroker()
        var request = Self.create([("a", 3), ("b", -1)])
        var config = CreateTopicsRequest.CreatableTopic.CreatableTopicConfig()
        (config.name, config.value) = ("segment.bytes", "2097152")
        request.topics[0].configs = [config]
        let response = try await broker.ask(request, version)
        #expect(response.topics.map(\.name) == ["a", "b"])
        #expect(response.topics.allSatisfy { $0.errorCode == .none && $0.errorMessage == nil })
        let topics = broker.store.image.topics
        #expect(topics["a"]?.partitionCount == 3 && topics["b"]?.partitionCount == 1)
        if version >= 5 {
            #expect(response.topics.map(\.numPartitions) == [3, 1])
            #expect(response.topics.map(\.replicationFactor) == [1, 1])
            let segmentBytes = response.topics[0].configs?.first { $0.name == "segment.bytes" }
            #expect(segmentBytes?.value == "2097152" && segmentBytes?.configSource == ConfigSource.topic.rawValue)
            #expect(response.topics[1].configs?.count == TopicConfigKey.all.count)
        }
        if version >= 7 { #expect(response.topics.map(\.topicID) == ["a", "b"].map { topics[$0]?.id }) }
        try await broker.close()
        let again = try await AdminBroker()
        #expect(again.store.image.topics == topics)
        try await again.close()
    }

    @Test("a validation answers as the making would, and makes nothing", arguments: APIKey.createTopics.versions)
    func validated(version: Int16) async throws {
        let broker = try await AdminBroker()
        let response = try await broker.ask(Self.create([("a", 3), ("", 1)], validateOnly: true), version)
        #expect(response.topics.map(\.errorCode) == [.none, .invalidTopicException])
        #expect(response.topics.map(\.topicID) == [.zero, .zero])
        #expect(broker.store.image == MetadataImage())
        try await broker.close()
    }

    @Test("one topic that is refused leaves the others be, and is told why")
    func refused() async throws {
        let broker = try await AdminBroker()
        try await broker.make("old")
        var request = Self.create([
            ("old", 1), ("new", 2), ("twice", 1), ("twice", 1), ("none", 0), ("a.b", 1), ("a_b", 1),
        ])
        request.timeoutMs = 0
        let response = try await broker.ask(request)
        #expect(response.topics.map(\.name) == ["old", "new", "twice", "none", "a.b", "a_b"])
        #expect(
            response.topics.map(\.errorCode) == [
                .topicAlreadyExists, .none, .invalidRequest, .invalidPartitions, .none, .invalidTopicException,
            ]
        )
        #expect(response.topics.allSatisfy { ($0.errorMessage == nil) == ($0.errorCode == .none) })
        #expect(broker.store.image.topics.keys.sorted() == ["a.b", "new", "old"])
        try await broker.close()
    }

    @Test("a topic is widened in every version", arguments: APIKey.createPartitions.versions)
    func widened(version: Int16) async throws {
        let broker = try await AdminBroker()
        try await broker.make("a", 2)
        let validated = try await broker.ask(Self.widen("a", 4, validateOnly: true), version)
        #expect(validated.results.map(\.errorCode) == [.none])
        #expect(broker.store.image.topics["a"]?.partitionCount == 2)
        let response = try await broker.ask(Self.widen("a", 4), version)
        #expect(response.results.map(\.name) == ["a"] && response.results.map(\.errorCode) == [.none])
        #expect(response.results[0].errorMessage == nil)
        #expect(broker.store.image.topics["a"]?.partitionCount == 4)
        #expect(try await broker.ask(Self.widen("a", 3), version).results.map(\.errorCode) == [.invalidPartitions])
        #expect(
            try await broker.ask(Self.widen("b", 3), version).results.map(\.errorCode) == [.unknownTopicOrPartition]
        )
        try await broker.close()
    }

    @Test("topics are deleted by name in every version", arguments: APIKey.deleteTopics.versions)
    func deleted(version: Int16) async throws {
        let broker = try await AdminBroker()
        // Internal topics are no exception.
        for name in ["a", "b", "__consumer_offsets"] { try await broker.make(name) }
        var request = Self.delete(version < 6 ? ["a", "none", "__consumer_offsets"] : [])
        if version >= 6 {
            request.topics = ["a", "none", "__consumer_offsets"].map { name in
                var topic = DeleteTopicsRequest.DeleteTopicState()
                topic.name = name
                return topic
            }
        }
        let response = try await broker.ask(request, version)
        #expect(response.responses.map(\.name) == ["a", "none", "__consumer_offsets"])
        #expect(response.responses.map(\.errorCode) == [.none, .unknownTopicOrPartition, .none])
        if version >= 5 { #expect(response.responses.map { $0.errorMessage == nil } == [true, false, true]) }
        #expect(broker.store.image.topics.keys.sorted() == ["b"])
        try await broker.close()
        let again = try await AdminBroker()
        #expect(again.store.image.topics.keys.sorted() == ["b"])
        try await again.close()
    }

    @Test("a topic is deleted by its identity, once")
    func deletedByID() async throws {
        let broker = try await AdminBroker()
        let topic = try await broker.make("a")
        var state = DeleteTopicsRequest.DeleteTopicState()
        state.topicID = topic.id
        var request = DeleteTopicsRequest()
        request.topics = [state]
        let response = try await broker.ask(request)
        #expect(response.responses.map(\.name) == ["a"] && response.responses.map(\.topicID) == [topic.id])
        #expect(response.responses.map(\.errorCode) == [.none])
        let again = try await broker.ask(request)
        #expect(again.responses.map(\.errorCode) == [.unknownTopicID] && again.responses[0].name == nil)
        try await broker.close()
    }

    @Test("where topics cannot be deleted, a client is told so by the code that it knows")
    func deletionDisabled() async throws {
        let broker = try await AdminBroker { $0.deletesTopics = false }
        try await broker.make("a")
        #expect(try await broker.ask(Self.delete(["a"]), 2).responses.map(\.errorCode) == [.invalidRequest])
        #expect(try await broker.ask(Self.delete(["a"]), 3).responses.map(\.errorCode) == [.topicDeletionDisabled])
        #expect(broker.store.image.topics.count == 1)
        try await broker.close()
    }

    @Test("a connection's next request finds what the one before has made", arguments: IOBackend.testable)
    func overTheWire(backend: IOBackend) async throws {
        let broker = try await AdminBroker()
        let server = try TestServer(backend, broker.broker)
        let client = try await server.connect()
        try await client.send(
            frame(Self.create([("a", 1)]), 7, 1) + frame(Self.widen("a", 2), 3, 2) + frame(Self.delete(["a"]), 5, 3)
        )
        let made = try #require(try await client.response())
        let widened = try #require(try await client.response())
        let deleted = try #require(try await client.response())
        let first = try CreateTopicsResponse(reading: made.span.bytes, from: 5, version: 7)
        let second = try CreatePartitionsResponse(reading: widened.span.bytes, from: 5, version: 3)
        let third = try DeleteTopicsResponse(reading: deleted.span.bytes, from: 5, version: 5)
        #expect(first.topics.map(\.errorCode) == [.none])
        #expect(second.results.map(\.errorCode) == [.none])
        #expect(third.responses.map(\.errorCode) == [.none])
        try await server.stop()
        try await broker.close()
    }
}
