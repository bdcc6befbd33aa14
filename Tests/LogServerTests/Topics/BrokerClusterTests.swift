import CommitLog
import KafkaProtocol
import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import LogServer

@Suite("Requests about the cluster and its topics", .temporaryDirectory)
struct BrokerClusterTests {
    private typealias Cursor = DescribeTopicPartitionsRequest.Cursor

    private static func describe(
        _ names: [String],
        limit: Int32 = 2000,
        from cursor: (topic: String, partition: Int32)? = nil
    ) -> DescribeTopicPartitionsRequest {
        var request = DescribeTopicPartitionsRequest()
        request.topics = names.map { name in
            var topic = DescribeTopicPartitionsRequest.TopicRequest()
            topic.name = name
            return topic
        }
        request.responsePartitionLimit = limit
        request.cursor = cursor.map { place in
            var cursor = Cursor()
            (cursor.topicName, cursor.partitionIndex) = place
            return cursor
        }
        return request
    }

    @Test("the cluster is told in every version", arguments: APIKey.describeCluster.versions, [false, true])
    func cluster(version: Int16, asksForOperations: Bool) async throws {
        let broker = try await AdminBroker()
        var request = DescribeClusterRequest()
        request.includeClusterAuthorizedOperations = asksForOperations
        let response = try await broker.ask(request, version)
        #expect(response.errorCode == .none && response.errorMessage == nil && response.endpointType == 1)
        #expect(response.clusterID == "cluster" && response.controllerID == 7)
        #expect(response.brokers.map(\.brokerID) == [7])
        #expect(response.brokers.map(\.host) == ["broker"] && response.brokers.map(\.port) == [9092])
        #expect(response.clusterAuthorizedOperations == (asksForOperations ? 0b1_1111_1010_0000 : .min))
        try await broker.close()
    }

    @Test("only brokers can be asked for here")
    func endpoints() async throws {
        let broker = try await AdminBroker()
        for (type, code) in [(Int8(2), ErrorCode.mismatchedEndpointType), (0, .unsupportedEndpointType)] {
            var request = DescribeClusterRequest()
            request.endpointType = type
            let response = try await broker.ask(request)
            #expect(response.errorCode == code && response.errorMessage != nil && response.brokers.isEmpty)
        }
        try await broker.close()
    }

    @Test("partitions are told with their leader and their topic's identity")
    func partitions() async throws {
        let broker = try await AdminBroker()
        let topic = try await broker.make("a", 2)
        try await broker.make("__consumer_offsets")
        let response = try await broker.ask(Self.describe([]))
        #expect(response.topics.map(\.name) == ["__consumer_offsets", "a"] && response.nextCursor == nil)
        #expect(response.topics.map(\.isInternal) == [true, false])
        let told = try #require(response.topics.last)
        #expect(told.topicID == topic.id && told.errorCode == .none)
        #expect(told.topicAuthorizedOperations == 0b1101_1111_1000)
        #expect(told.partitions.map(\.partitionIndex) == [0, 1])
        for partition in told.partitions {
            #expect(partition.errorCode == .none && partition.leaderID == 7)
            #expect(partition.replicaNodes == [7] && partition.isrNodes == [7] && partition.offlineReplicas == [])
            #expect(partition.leaderEpoch == broker.store.directory.leaderEpoch)
        }
        try await broker.close()
    }

    @Test("a partition whose directory is missing has no leader")
    func missing() async throws {
        let before = try await AdminBroker()
        try await before.make("a", 2)
        try await before.close()
        try FileSystem.removeTree(TemporaryDirectory.current.appending("data").appending("a-0"))
        let broker = try await AdminBroker()
        let partitions = try await broker.ask(Self.describe(["a"])).topics[0].partitions
        #expect(partitions.map(\.errorCode) == [.leaderNotAvailable, .none])
        #expect(partitions.map(\.leaderID) == [-1, 7] && partitions.map(\.offlineReplicas) == [[7], []])
        try await broker.close()
    }

    @Test(
        "page after page tells of everything once, whatever the limit",
        arguments: [Int32.min, 0, 1, 2, 3, 4, 7, .max]
    )
    func paging(limit: Int32) async throws {
        let broker = try await AdminBroker { $0.describedPartitions = 4 }
        for (name, count) in [("a", Int32(3)), ("b", 1), ("c", 2)] { try await broker.make(name, count) }
        for names in [[], ["c", "none", "a", "b", "a"]] {
            var told: [String] = []
            var cursor: (topic: String, partition: Int32)?
            repeat {
                let page = try await broker.ask(Self.describe(names, limit: limit, from: cursor))
                let partitions = page.topics.flatMap { topic in
                    topic.partitions.map { "\(topic.name ?? "")-\($0.partitionIndex)" }
                }
                #expect(partitions.count <= min(4, max(1, limit)))
                told += partitions
                cursor = page.nextCursor.map { ($0.topicName, $0.partitionIndex) }
            } while cursor != nil && told.count < 9
            #expect(told == ["a-0", "a-1", "a-2", "b-0", "c-0", "c-1"])
        }
        try await broker.close()
    }

    @Test("a cursor may speak of what is gone, and not of what was not asked for")
    func cursors() async throws {
        let broker = try await AdminBroker()
        try await broker.make("a", 1)
        try await broker.make("c", 2)
        func names(_ request: DescribeTopicPartitionsRequest) async throws -> [String] {
            try await broker.ask(request).topics.map {
                "\($0.name ?? "") \($0.errorCode.rawValue) \($0.partitions.count)"
            }
        }
        #expect(try await names(Self.describe([], from: ("b", 5))) == ["c 0 2"])
        #expect(try await names(Self.describe([], from: ("c", 1))) == ["c 0 1"])
        #expect(try await names(Self.describe([], from: ("c", .max))) == ["c 0 0"])
        #expect(try await names(Self.describe(["a", "c"], from: ("b", 0))) == ["a 42 0", "c 42 0"])
        #expect(try await names(Self.describe(["a"], from: ("a", -1))) == ["a 42 0"])
        #expect(try await names(Self.describe([], from: ("a", -1))) == [])
        #expect(try await names(Self.describe(["none", "no/name"])) == ["no/name 17 0", "none 3 0"])
        try await broker.close()
    }
}
