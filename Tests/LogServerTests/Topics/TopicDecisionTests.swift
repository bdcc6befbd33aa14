import KafkaProtocol
import RecordBatch
import Testing

@testable import LogServer

/// Topics that are there, each with three partitions.
func image(_ names: String...) -> MetadataImage {
    var image = MetadataImage()
    for name in names { image.put(TopicMetadata(name: name, id: .random(), partitionCount: 3)) }
    return image
}

/// What was decided on a topic: how many partitions it gets, or why it gets none.
private enum Outcome: Hashable {
    case success(Int32)
    case failure(ErrorCode)

    init<Decided>(_ result: Result<Decided, APIError>, _ count: (Decided) -> Int32) {
        switch result {
        case .success(let decided): self = .success(count(decided))
        case .failure(let error): self = .failure(error.code)
        }
    }
}

@Suite("Making and widening topics")
struct TopicDecisionTests {
    private typealias Topic = CreateTopicsRequest.CreatableTopic

    private func decisions(_ broker: [String: String] = [:]) throws -> TopicDecisions {
        TopicDecisions(nodeID: 1, defaults: try BrokerTopicDefaults(broker))
    }

    private func topic(
        _ name: String,
        partitions: Int32 = 1,
        replicas: Int16 = -1,
        assignments: [(Int32, [Int32])] = [],
        configs: [(String, String?)] = []
    ) -> Topic {
        var topic = Topic()
        (topic.name, topic.numPartitions, topic.replicationFactor) = (name, partitions, replicas)
        topic.assignments = assignments.map { index, brokers in
            var assignment = Topic.CreatableReplicaAssignment()
            (assignment.partitionIndex, assignment.brokerIDs) = (index, brokers)
            return assignment
        }
        topic.configs = configs.map { name, value in
            var config = Topic.CreatableTopicConfig()
            (config.name, config.value) = (name, value)
            return config
        }
        return topic
    }

    private func create(_ topics: [Topic], in image: MetadataImage = .init()) throws -> [Outcome] {
        var request = CreateTopicsRequest()
        request.topics = topics
        return try decisions(["num.partitions": "4"]).create(request, in: image).map {
            Outcome($0.outcome, \.partitionCount)
        }
    }

    @Test("a topic gets as many partitions as it asks for, or the server's number")
    func counts() throws {
        #expect(try create([topic("a", partitions: 3, replicas: 1)]) == [.success(3)])
        #expect(try create([topic("a", partitions: -1)]) == [.success(4)])
        let assigned = topic("a", partitions: -1, assignments: [(1, [1]), (0, [1])])
        #expect(try create([assigned]) == [.success(2)])
    }

    @Test("what cannot be made is refused with Kafka's code")
    func refusals() throws {
        let table: [(Topic, ErrorCode)] = [
            (topic(""), .invalidTopicException), (topic("."), .invalidTopicException),
            (topic(".."), .invalidTopicException), (topic("a b"), .invalidTopicException),
            (topic("ü"), .invalidTopicException),
            (topic(String(repeating: "a", count: 250)), .invalidTopicException),
            (topic("__cluster_metadata"), .invalidRequest),
            (topic("there"), .topicAlreadyExists), (topic("a_b"), .invalidTopicException),
            (topic("a", partitions: 0), .invalidPartitions), (topic("a", partitions: -2), .invalidPartitions),
            (topic("a", replicas: 0), .invalidReplicationFactor), (topic("a", replicas: -2), .invalidReplicationFactor),
            (topic("a", replicas: 2), .invalidReplicationFactor),
            (topic("a", partitions: 10_001), .policyViolation),
            (topic("a", configs: [("flush.ms", "x")]), .invalidConfig),
            (topic("a", configs: [("flush.mss", "1")]), .invalidConfig),
            (topic("a", configs: [("flush.ms", nil)]), .invalidConfig),
            (topic("a", partitions: 1, assignments: [(0, [1])]), .invalidRequest),
            (topic("a", partitions: -1, replicas: 1, assignments: [(0, [1])]), .invalidRequest),
            (topic("a", partitions: -1, assignments: [(0, [2])]), .invalidReplicaAssignment),
            (topic("a", partitions: -1, assignments: [(0, [])]), .invalidReplicaAssignment),
            (topic("a", partitions: -1, assignments: [(0, [1, 1])]), .invalidReplicaAssignment),
            (topic("a", partitions: -1, assignments: [(0, [1]), (0, [1])]), .invalidReplicaAssignment),
            (topic("a", partitions: -1, assignments: [(1, [1])]), .invalidReplicaAssignment),
            (topic("a", partitions: -1, assignments: [(-1, [1])]), .invalidReplicaAssignment),
        ]
        for (topic, code) in table {
            #expect(try create([topic], in: image("there", "a.b")) == [.failure(code)], "\(topic.name) \(topic)")
        }
    }

    @Test("the longest name is taken, and names that look alike to metrics only once")
    func names() throws {
        #expect(try create([topic(String(repeating: "a", count: 249))]) == [.success(1)])
        let alike = try create([topic("x.y"), topic("x_y"), topic("x-y")])
        #expect(alike == [.success(1), .failure(.invalidTopicException), .success(1)])
    }

    @Test("a name that comes twice is refused once, and the others are made")
    func duplicates() throws {
        let outcomes = try create([topic("a"), topic("b"), topic("a")])
        #expect(outcomes == [.failure(.invalidRequest), .success(1)])
    }

    @Test("one request makes so many partitions at most")
    func limit() throws {
        let outcomes = try create([topic("a", partitions: 9_999), topic("b", partitions: 1), topic("c", partitions: 1)])
        #expect(outcomes == [.success(9_999), .success(1), .failure(.policyViolation)])
    }

    @Test("a topic's configurations are those of the request")
    func configs() throws {
        var request = CreateTopicsRequest()
        request.topics = [topic("a", configs: [("flush.ms", "7")])]
        let outcomes = try decisions().create(request, in: .init())
        #expect(try outcomes.first?.outcome.get().config.overrides == ["flush.ms": "7"])
    }

    @Test("partitions are added, and never taken away")
    func widening() throws {
        func widen(_ name: String, _ count: Int32, _ assignments: [[Int32]]? = nil) throws -> Outcome {
            var topic = CreatePartitionsRequest.Topic()
            (topic.name, topic.count) = (name, count)
            topic.assignments = assignments?.map { brokers in
                var assignment = CreatePartitionsRequest.Topic.Assignment()
                assignment.brokerIDs = brokers
                return assignment
            }
            var request = CreatePartitionsRequest()
            request.topics = [topic]
            let outcomes = try decisions().createPartitions(request, in: image("t"))
            #expect(outcomes.map(\.name) == [name])
            return Outcome(outcomes[0].outcome, \.partitionCount)
        }
        #expect(try widen("t", 5) == .success(5))
        #expect(try widen("t", 5, [[1], [1]]) == .success(5))
        #expect(try widen("t", 5, [[1]]) == .failure(.invalidReplicaAssignment))
        #expect(try widen("t", 4, [[2]]) == .failure(.invalidReplicaAssignment))
        #expect(try widen("t", 4, [[]]) == .failure(.invalidReplicaAssignment))
        for count in [Int32.min, -1, 0, 2, 3] { #expect(try widen("t", count) == .failure(.invalidPartitions)) }
        #expect(try widen("t", .max) == .failure(.invalidPartitions))
        #expect(try widen("t", 10_004) == .failure(.policyViolation))
        #expect(try widen("t", 10_003) == .success(10_003))
        #expect(try widen("u", 5) == .failure(.unknownTopicOrPartition))
        #expect(try widen("?", 5) == .failure(.invalidTopicException))
    }

    @Test("a topic that a request widens twice is refused once")
    func widenedTwice() throws {
        var topic = CreatePartitionsRequest.Topic()
        (topic.name, topic.count, topic.assignments) = ("t", 5, nil)
        var request = CreatePartitionsRequest()
        request.topics = [topic, topic]
        let outcomes = try decisions().createPartitions(request, in: image("t"))
        #expect(outcomes.map { Outcome($0.outcome, \.partitionCount) } == [.failure(.invalidRequest)])
    }
}

@Suite("Deleting topics")
struct TopicDeletionTests {
    @Test("topics are deleted by name, or by identity, and each once")
    func table() throws {
        let image = image("a", "b")
        let a = try #require(image.topics["a"]).id
        let b = try #require(image.topics["b"]).id
        func decide(_ topics: [(String?, TopicID)]) -> [ErrorCode?] {
            var request = DeleteTopicsRequest()
            request.topics = topics.map { name, id in
                var topic = DeleteTopicsRequest.DeleteTopicState()
                (topic.name, topic.topicID) = (name, id)
                return topic
            }
            return TopicDeletion.decide(request, in: image).map { $0.error?.code }
        }
        #expect(decide([("a", .zero), (nil, b)]) == [nil, nil])
        #expect(decide([("c", .zero), (nil, .random())]) == [.unknownTopicOrPartition, .unknownTopicID])
        #expect(decide([(nil, .zero), ("a", a)]) == [.invalidRequest, .invalidRequest])
        #expect(decide([("a", .zero), ("a", .zero), (nil, b), (nil, b)]) == [.invalidRequest, .invalidRequest])
        #expect(decide([("a", .zero), (nil, a)]) == [.invalidRequest, .invalidRequest])
    }

    @Test("older versions name topics only")
    func names() {
        var request = DeleteTopicsRequest()
        request.topicNames = ["a", "x"]
        let image = image("a")
        let decisions = TopicDeletion.decide(request, in: image)
        #expect(decisions.map(\.name) == ["a", "x"])
        #expect(decisions.map(\.id) == [image.topics["a"]?.id, .zero])
        #expect(decisions.map { $0.error?.code } == [nil, .unknownTopicOrPartition])
    }
}
