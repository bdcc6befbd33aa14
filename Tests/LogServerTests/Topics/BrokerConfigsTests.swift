import CommitLog
import KafkaProtocol
import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import LogServer

@Suite("Requests for configurations", .temporaryDirectory)
struct BrokerConfigsTests {
    typealias Entry = DescribeConfigsResponse.Result.ResourceResult

    private static let (topic, brokers, loggers): (Int8, Int8, Int8) = (2, 4, 8)

    static func describe(_ resources: [(type: Int8, name: String)], _ keys: [String]? = nil) -> DescribeConfigsRequest {
        var request = DescribeConfigsRequest()
        request.includeSynonyms = true
        request.resources = resources.map { type, name in
            var resource = DescribeConfigsRequest.Resource()
            (resource.resourceType, resource.resourceName, resource.configurationKeys) = (type, name, keys)
            return resource
        }
        return request
    }

    static func alter(_ resources: [(type: Int8, name: String)], _ configs: [String: String?]) -> AlterConfigsRequest {
        var request = AlterConfigsRequest()
        request.resources = resources.map { type, name in
            var resource = AlterConfigsRequest.Resource()
            (resource.resourceType, resource.resourceName) = (type, name)
            resource.configs = configs.map { name, value in
                var config = AlterConfigsRequest.Resource.AlterableConfig()
                (config.name, config.value) = (name, value)
                return config
            }
            return resource
        }
        return request
    }

    static func increment(
        _ resources: [(type: Int8, name: String)],
        _ operation: ConfigAlteration.Operation,
        _ configs: [String: String?]
    ) -> IncrementalAlterConfigsRequest {
        var request = IncrementalAlterConfigsRequest()
        request.resources = resources.map { type, name in
            var resource = IncrementalAlterConfigsRequest.AlterConfigsResource()
            (resource.resourceType, resource.resourceName) = (type, name)
            resource.configs = configs.map { name, value in
                var config = IncrementalAlterConfigsRequest.AlterConfigsResource.AlterableConfig()
                (config.name, config.value, config.configOperation) = (name, value, operation.rawValue)
                return config
            }
            return resource
        }
        return request
    }

    // MARK: Telling

    @Test("a topic's configurations are told in every version", arguments: APIKey.describeConfigs.versions)
    func describedTopic(version: Int16) async throws {
        let broker = try await AdminBroker(TemporaryDirectory.current.appending("data"), ["log.roll.hours": "2"])
        try await broker.make("a", 1, ["flush.ms": "5"])
        let result = try #require(try await broker.ask(Self.describe([(Self.topic, "a")]), version).results.first)
        #expect(result.errorCode == .none && result.errorMessage == nil)
        #expect((result.resourceType, result.resourceName) == (Self.topic, "a"))
        #expect(result.configs.map(\.name) == TopicConfigKey.all.map(\.name))
        let entries = Dictionary(uniqueKeysWithValues: result.configs.map { ($0.name, $0) })
        #expect(entries["flush.ms"]?.value == "5" && entries["flush.ms"]?.configSource == ConfigSource.topic.rawValue)
        #expect(entries["flush.ms"]?.synonyms.first?.name == "flush.ms" && entries["flush.ms"]?.readOnly == false)
        #expect(entries["segment.ms"]?.value == "7200000")
        #expect(entries["segment.ms"]?.configSource == ConfigSource.staticBroker.rawValue)
        let some = try await broker.ask(Self.describe([(Self.topic, "a")], ["flush.ms", "nothing"]), version)
        #expect(some.results[0].configs.map(\.name) == ["flush.ms"])
        try await broker.close()
    }

    @Test(
        "the broker's configurations are told, and read-only, in every version",
        arguments: APIKey.describeConfigs.versions
    )
    func describedBroker(version: Int16) async throws {
        let properties = ["log.roll.hours": "2", "num.partitions": "3", "message.max.bytes": "100"]
        let broker = try await AdminBroker(TemporaryDirectory.current.appending("data"), properties)
        let response = try await broker.ask(Self.describe([(Self.brokers, "7"), (Self.brokers, "")]), version)
        #expect(response.results.map(\.errorCode) == [.none, .none])
        #expect(response.results[1].configs == [])
        let configs = response.results[0].configs
        #expect(configs.map(\.name) == configs.map(\.name).sorted())
        #expect(Set(configs.map(\.name)).count == configs.count)
        #expect(configs.allSatisfy { $0.readOnly && !$0.isSensitive && $0.synonyms.count == 1 })
        let entries = Dictionary(uniqueKeysWithValues: configs.map { ($0.name, $0) })
        func told(_ name: String) -> String { "\(entries[name]?.value ?? "none") \(entries[name]?.configSource ?? -1)" }
        #expect(told("node.id") == "7 4" && told("advertised.listeners") == "PLAINTEXT://broker:9092 4")
        #expect(told("num.partitions") == "3 4" && told("message.max.bytes") == "100 4")
        #expect(told("log.roll.hours") == "2 4" && entries["log.roll.ms"] == nil)
        #expect(told("log.retention.ms") == "604800000 5" && entries["log.retention.hours"] == nil)
        #expect(told("auto.create.topics.enable") == "true 5")
        #expect(told("group.initial.rebalance.delay.ms") == "3000 5")
        try await broker.close()
    }

    @Test("what has no configurations is refused, each resource by itself")
    func describedNothing() async throws {
        let broker = try await AdminBroker()
        try await broker.make("a")
        let resources: [(type: Int8, name: String)] = [
            (Self.topic, "none"), (Self.topic, "no/name"), (Self.brokers, "8"), (Self.brokers, "x"),
            (Self.loggers, "7"),
            (Self.loggers, ""), (16, "m"), (32, "g"), (0, ""), (99, ""), (Self.topic, "a"),
        ]
        let response = try await broker.ask(Self.describe(resources))
        #expect(response.results.map(\.resourceName) == resources.map(\.name))
        #expect(
            response.results.map(\.errorCode) == [.unknownTopicOrPartition, .invalidTopicException]
                + Array(repeating: .invalidRequest, count: 8) + [.none]
        )
        #expect(response.results.allSatisfy { ($0.errorMessage == nil) == ($0.errorCode == .none) })
        try await broker.close()
    }

    // MARK: Changing

    @Test(
        "all of a topic's configurations are replaced, durably, in every version",
        arguments: APIKey.alterConfigs.versions
    )
    func replaced(version: Int16) async throws {
        let broker = try await AdminBroker()
        try await broker.make("a", 1, ["flush.ms": "5"])
        var request = Self.alter([(Self.topic, "a")], ["segment.ms": "6"])
        request.validateOnly = true
        #expect(try await broker.ask(request, version).responses.map(\.errorCode) == [.none])
        #expect(broker.store.image.topics["a"]?.configs == ["flush.ms": "5"])
        request.validateOnly = false
        let response = try await broker.ask(request, version)
        #expect(response.responses.map(\.errorCode) == [.none] && response.responses[0].errorMessage == nil)
        #expect(broker.store.image.topics["a"]?.configs == ["segment.ms": "6"])
        try await broker.close()
        let again = try await AdminBroker()
        #expect(again.store.image.topics["a"]?.configs == ["segment.ms": "6"])
        try await again.close()
    }

    @Test(
        "some of a topic's configurations are changed, in every version",
        arguments: APIKey.incrementalAlterConfigs.versions
    )
    func incremented(version: Int16) async throws {
        let broker = try await AdminBroker()
        try await broker.make("a", 1, ["flush.ms": "5"])
        var request = Self.increment([(Self.topic, "a")], .append, ["cleanup.policy": "compact"])
        request.validateOnly = true
        #expect(try await broker.ask(request, version).responses.map(\.errorCode) == [.none])
        #expect(broker.store.image.topics["a"]?.configs == ["flush.ms": "5"])
        request.validateOnly = false
        #expect(try await broker.ask(request, version).responses.map(\.errorCode) == [.none])
        #expect(broker.store.image.topics["a"]?.configs == ["flush.ms": "5", "cleanup.policy": "delete,compact"])
        let deletion = Self.increment([(Self.topic, "a")], .delete, ["cleanup.policy": nil, "flush.ms": nil])
        #expect(try await broker.ask(deletion, version).responses.map(\.errorCode) == [.none])
        #expect(broker.store.image.topics["a"]?.configs == [:])
        try await broker.close()
    }

    @Test("logs that are open go by what is changed, and so do those that are made later")
    func openLogs() async throws {
        let broker = try await AdminBroker()
        let topic = try await broker.make("a", 2)
        let configs = ["flush.messages": "9", "segment.bytes": "2097152"]
        #expect(
            try await broker.ask(Self.increment([(Self.topic, "a")], .set, configs)).responses.map(\.errorCode) == [
                .none
            ]
        )
        try await broker.store.createPartitions(of: topic.id, count: 3)
        let widened = try #require(broker.store.image.topics["a"])
        for partition in Int32(0)..<3 {
            let log = try #require(broker.store.log(of: widened, partition))
            #expect(log.configuration.flushMessages == 9 && log.configuration.segmentBytes == 2_097_152)
        }
        #expect(try await broker.ask(Self.alter([(Self.topic, "a")], [:])).responses.map(\.errorCode) == [.none])
        #expect(broker.store.log(of: widened, 1)?.configuration.flushMessages == 1)
        try await broker.close()
    }

    @Test("changes that are asked for at once are all made")
    func concurrent() async throws {
        let broker = try await AdminBroker()
        try await broker.make("a")
        let configs = ["flush.ms": "1", "segment.ms": "2", "retention.ms": "3", "retention.bytes": "4"]
        let codes = try await withThrowingTaskGroup(of: [ErrorCode].self) { group in
            for (name, value) in configs {
                group.addTask {
                    try await broker.ask(Self.increment([(Self.topic, "a")], .set, [name: value])).responses.map(
                        \.errorCode
                    )
                }
            }
            return try await group.reduce([], +)
        }
        #expect(codes == [.none, .none, .none, .none])
        #expect(broker.store.image.topics["a"]?.configs == configs)
        try await broker.close()
    }

    @Test("what cannot be changed is refused and stays, each resource by itself", arguments: [false, true])
    func refused(validateOnly: Bool) async throws {
        let broker = try await AdminBroker()
        for name in ["a", "b", "twice"] { try await broker.make(name, 1, ["flush.ms": "5"]) }
        let before = broker.store.image
        let resources: [(type: Int8, name: String)] = [
            (Self.topic, "twice"), (Self.topic, "none"), (Self.topic, "no/name"), (Self.brokers, "7"),
            (Self.brokers, ""),
            (Self.brokers, "8"), (Self.loggers, "7"), (16, "m"), (32, "g"), (0, ""), (99, ""), (Self.topic, "twice"),
        ]
        let codes: [ErrorCode] =
            [.invalidRequest, .unknownTopicOrPartition, .invalidTopicException]
            + Array(repeating: .invalidRequest, count: 9)
        var replacing = Self.alter(resources, ["segment.ms": "6"])
        var incremental = Self.increment(resources, .set, ["segment.ms": "6"])
        (replacing.validateOnly, incremental.validateOnly) = (validateOnly, validateOnly)
        let replaced = try await broker.ask(replacing)
        #expect(replaced.responses.map(\.errorCode) == codes)
        #expect(replaced.responses.map(\.resourceName) == resources.map(\.name))
        #expect(replaced.responses.allSatisfy { $0.errorMessage != nil })
        let incremented = try await broker.ask(incremental)
        #expect(incremented.responses.map(\.errorCode) == codes)
        for (name, value) in [("nothing", "1"), ("flush.ms", "-1"), ("min.compaction.lag.ms", "\(Int64.max)")] {
            let request = Self.alter([(Self.topic, "a")], [name: value, "max.compaction.lag.ms": "1"])
            #expect(try await broker.ask(request).responses.map(\.errorCode) == [.invalidConfig])
        }
        #expect(
            try await broker.ask(Self.alter([(Self.topic, "a")], ["flush.ms": nil])).responses.map(\.errorCode)
                == [.invalidRequest]
        )
        #expect(broker.store.image == before)
        // Nothing to change is no change.
        #expect(try await broker.ask(Self.alter([(Self.brokers, "7")], [:])).responses.map(\.errorCode) == [.none])
        try await broker.close()
    }
}
