import CommitLog
import KafkaProtocol
import LinuxIO
import RecordBatch
import TestSupport
import Testing

@testable import LogServer

@Suite("Metadata and ListOffsets", .temporaryDirectory)
struct MetadataTests {
    private func request(_ names: [String]?, mayCreate: Bool = false) -> MetadataRequest {
        var request = MetadataRequest()
        request.topics = names?.map { name in
            var topic = MetadataRequest.Topic()
            topic.name = name
            return topic
        }
        request.allowAutoTopicCreation = mayCreate
        return request
    }

    @Test("topics are told in every version, with this node as their leader")
    func allVersions() async throws {
        let broker = try await TestBroker()
        let topic = try await broker.topic("t", partitions: 3)
        _ = try await broker.topic(OffsetsTopic.name)
        for version in APIKey.metadata.versions {
            let all = try await broker.client.call(request(version == 0 ? [] : nil), version).message
            #expect(all.brokers.map(\.nodeID) == [7] && all.brokers.map(\.host) == ["example.test"])
            #expect(all.brokers.map(\.port) == [1234])
            #expect(version < 1 || all.controllerID == 7)
            #expect(version < 2 || all.clusterID == "a-cluster")
            #expect(all.topics.map(\.name) == [OffsetsTopic.name, "t"])
            #expect(version < 1 || all.topics.map(\.isInternal) == [true, false])
            let one = try await broker.client.call(request(["t", "t", "none"]), version).message
            #expect(one.topics.map(\.name) == ["t", "none"])
            // In versions that cannot say otherwise a client wants what it asks for.
            #expect(one.topics[1].errorCode == (version < 4 ? .none : .unknownTopicOrPartition))
            #expect(one.topics[0].partitions.map(\.partitionIndex) == [0, 1, 2])
            #expect(one.topics[0].partitions.allSatisfy { $0.leaderID == 7 && $0.isrNodes == [7] })
            if version >= 1 {
                let none = try await broker.client.call(request([]), version).message
                #expect(none.topics.isEmpty && none.brokers.count == 1)
            }
            guard version >= 10 else {
                if let made = broker.store.image.topics["none"] {
                    try await broker.store.deleteTopic(made.id)
                }
                continue
            }
            #expect(one.topics[0].topicID == topic.id)
            guard version >= 12 else { continue }
            var byID = request([])
            byID.topics = [topic.id, TopicID.random()].map { id in
                var topic = MetadataRequest.Topic()
                topic.name = nil
                topic.topicID = id
                return topic
            }
            let found = try await broker.client.call(byID, version).message
            #expect(found.topics.map(\.errorCode) == [.none, .unknownTopicID])
            #expect(found.topics[0].name == "t" && found.topics[1].name == nil)
        }
        try await broker.stop()
    }

    @Test("a topic that is asked for is made, with the defaults, where client and server allow it")
    func autoCreation() async throws {
        let broker = try await TestBroker(.testable[0], ["num.partitions": "4"])
        let made = try await broker.client.call(request(["new"], mayCreate: true), 12).message.topics[0]
        #expect(made.errorCode == .none && made.partitions.count == 4 && made.topicID != .zero)
        #expect(broker.store.image.topics["new"]?.id == made.topicID)
        let refused: [(String, ErrorCode)] = [
            ("a b", .invalidTopicException), ("", .invalidTopicException), (".", .invalidTopicException),
            ("__transaction_state", .unknownTopicOrPartition),
        ]
        for (name, code) in refused {
            let answer = try await broker.client.call(request([name], mayCreate: true), 12).message.topics[0]
            #expect(answer.errorCode == code && answer.name == name)
        }
        #expect(broker.store.image.topics.count == 1)
        try await broker.stop()

        let other = try await TestBroker { $0.autoCreatesTopics = false }
        let unknown = try await other.client.call(request(["newer"], mayCreate: true), 12).message.topics[0]
        #expect(unknown.errorCode == .unknownTopicOrPartition)
        try await other.stop()
    }

    @Test("clients that ask for the same new topic at the same time all get it")
    func concurrentCreation() async throws {
        let broker = try await TestBroker()
        let clients = try await withThrowingTaskGroup(of: TestClient.self) { group in
            for _ in 0..<8 { group.addTask { try await broker.server.connect() } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let wanted = request(["new"], mayCreate: true)
        for client in clients { try await client.send(wanted, 12) }
        var ids: Set<TopicID> = []
        for client in clients {
            let topic = try await client.answer(to: MetadataRequest.self, 12).message.topics[0]
            #expect(topic.errorCode == .none)
            ids.insert(topic.topicID)
        }
        #expect(ids.count == 1)
        try await broker.stop()
    }

    @Test("offsets are found by time, and by what the negative numbers mean, in every version")
    func listOffsets() async throws {
        let broker = try await TestBroker()
        let topic = try await broker.topic("t")
        let log = try #require(broker.store.log(of: topic, 0))
        let now = Timestamp.now.rawValue
        for tag in [0, 20, 10] as [Int64] { _ = try log.append(try batch(["\(tag)"], timestamp: Timestamp(now + tag))) }
        try await log.flush()
        let expected: [(Int64, Int64, Int64, ErrorCode)] = [
            (-1, 3, -1, .none), (-2, 0, -1, .none), (-3, 1, now + 20, .none), (-4, 0, -1, .none),
            (-5, -1, -1, .none), (now + 5, 1, now + 20, .none), (now, 0, now, .none), (now + 21, -1, -1, .none),
            (-6, -1, -1, .unsupportedVersion),
        ]
        for version in APIKey.listOffsets.versions {
            for (asked, offset, timestamp, code) in expected {
                var request = ListOffsetsRequest()
                var wanted = ListOffsetsRequest.Topic()
                wanted.name = "t"
                wanted.partitions = [ListOffsetsRequest.Topic.Partition()]
                wanted.partitions[0].timestamp = Timestamp(asked)
                request.topics = [wanted]
                let found = try await broker.client.call(request, version).message.topics[0].partitions[0]
                #expect(found.errorCode == code, "\(asked)")
                #expect(found.offset == Offset(offset) && found.timestamp == Timestamp(timestamp), "\(asked)")
            }
        }
        try await broker.stop()
    }
}
