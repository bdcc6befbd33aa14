import CommitLog
import KafkaProtocol
import LinuxIO
import Logging
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import LogServer

extension EmbeddedMetadataStore {
    /// Opens a store that logs nothing.
    static func open(_ path: FilePath, _ properties: [String: String] = [:]) async throws -> EmbeddedMetadataStore {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        return try await open(path, defaults: BrokerTopicDefaults(properties), logger: logger)
    }
}

extension TopicMetadata {
    /// A topic that is to be made.
    static func new(_ name: String, _ count: Int32, _ configs: [String: String] = [:]) -> TopicMetadata {
        TopicMetadata(name: name, id: .random(), partitionCount: count, configs: configs)
    }
}

@Suite("The embedded store of topics", .temporaryDirectory)
struct EmbeddedMetadataStoreTests {
    private var root: FilePath { TemporaryDirectory.current.appending("data") }

    private var directories: [String] {
        get throws {
            try FileSystem.list(root).filter { $0.kind == .directory && !$0.name.hasSuffix("-delete") }.map(\.name)
        }
    }

    @Test("what is made, widened, configured and deleted is so after a reopening")
    func changes() async throws {
        let (a, b) = (TopicMetadata.new("a", 2, ["segment.bytes": "2097152"]), TopicMetadata.new("b", 1))
        let store = try await EmbeddedMetadataStore.open(root)
        #expect(store.image == MetadataImage())
        try await store.createTopic(a)
        try await store.createTopic(b)
        #expect(store.image.topics == ["a": a, "b": b])
        #expect(store.log(of: a, 1)?.configuration.segmentBytes == 2_097_152)
        #expect(store.log(of: a, 2) == nil && store.log(of: a, -1) == nil)
        try await store.createPartitions(of: a.id, count: 3)
        try await store.alterConfigs(of: a.id) { _ in ["flush.ms": "9"] }
        try await store.deleteTopic(b.id)
        let widened = TopicMetadata(name: "a", id: a.id, partitionCount: 3, configs: ["flush.ms": "9"])
        #expect(store.image.topics == ["a": widened])
        #expect(try directories == ["a-0", "a-1", "a-2"])
        try await store.close()

        let again = try await EmbeddedMetadataStore.open(root, ["log.segment.bytes": "3145728"])
        #expect(again.image.topics == ["a": widened])
        #expect(again.log(of: widened, 2)?.configuration.flushMs == 9)
        #expect(again.log(of: widened, 2)?.configuration.segmentBytes == 3_145_728)
        #expect(again.directory.topicID(of: TopicReconciliation.partition("a", 2)) == a.id)
        try await again.close()
    }

    @Test("what cannot be done is refused with Kafka's code, and changes nothing")
    func refusals() async throws {
        let store = try await EmbeddedMetadataStore.open(root)
        let topic = TopicMetadata.new("a", 2)
        try await store.createTopic(topic)
        func code(_ change: () async throws -> Void) async -> ErrorCode? {
            do { try await change() } catch { return (error as? APIError)?.code }
            return nil
        }
        #expect(await code { try await store.createTopic(.new("a", 1)) } == .topicAlreadyExists)
        #expect(await code { try await store.createPartitions(of: topic.id, count: 2) } == .invalidPartitions)
        #expect(await code { try await store.createPartitions(of: .random(), count: 9) } == .unknownTopicID)
        #expect(await code { try await store.alterConfigs(of: .random()) { _ in [:] } } == .unknownTopicID)
        #expect(await code { try await store.deleteTopic(.random()) } == .unknownTopicID)
        #expect(store.image.topics == ["a": topic])
        try await store.close()
        #expect(await code { try await store.createTopic(.new("b", 1)) } == .kafkaStorageError)
        #expect(try directories == ["a-0", "a-1"])
    }

    @Test("a topic's name can be used again at once, for another topic")
    func reuse() async throws {
        let store = try await EmbeddedMetadataStore.open(root)
        for count in Int32(1)...4 {
            let topic = TopicMetadata.new("a", count)
            try await store.createTopic(topic)
            #expect(store.image.topics == ["a": topic])
            try await store.deleteTopic(topic.id)
        }
        #expect(store.image == MetadataImage())
        try await store.close()
        #expect(try directories == [])
    }

    @Test("changes that are asked for at once are made one after the other")
    func concurrency() async throws {
        let store = try await EmbeddedMetadataStore.open(root)
        let made = await withTaskGroup(of: Bool.self) { group in
            for index in 0..<12 {
                group.addTask { (try? await store.createTopic(.new("t\(index / 3)", 1))) != nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(made == 4)
        #expect(store.image.topics.keys.sorted() == ["t0", "t1", "t2", "t3"])
        try await store.close()
    }

    @Test("topics of a directory that Kafka wrote are those of its directories", arguments: Fixtures.State.allCases)
    func kafka(state: Fixtures.State) async throws {
        try Fixtures.copy(Fixtures.logDirectory(state), to: root)
        let store = try await EmbeddedMetadataStore.open(root)
        let image = store.image
        #expect(!image.topics.isEmpty)
        for log in store.directory.logs {
            let topic = try #require(image.topics[log.topicPartition.topic])
            #expect(topic.id == store.directory.topicID(of: log.topicPartition))
            #expect(topic.configs.isEmpty)
            #expect(store.log(of: topic, log.topicPartition.partition) === log)
        }
        let partitions = image.topics.values.map { Int($0.partitionCount) }.reduce(0, +)
        #expect(partitions == store.directory.logs.count)
        try await store.close()

        let again = try await EmbeddedMetadataStore.open(root)
        #expect(again.image == image)
        try await again.close()
    }

    @Test("a damaged register is an error, and a missing one is not")
    func damage() async throws {
        let store = try await EmbeddedMetadataStore.open(root)
        let topic = TopicMetadata.new("a", 1, ["flush.ms": "1"])
        try await store.createTopic(topic)
        try await store.close()
        let file = root.appending(TopicRegister.fileName)
        let bytes = try FileSystem.readFile(file, limit: 1 << 20)
        for damaged in [[], Array(bytes.dropLast()), bytes + bytes] {
            try FileSystem.replaceFile(file, contents: damaged)
            do {
                try await EmbeddedMetadataStore.open(root).close()
                Issue.record("a register of \(damaged.count) bytes was read")
            } catch {
                #expect((error as? LogError)?.code == .invalidDirectory)
            }
        }
        try FileSystem.removeFile(file)
        let again = try await EmbeddedMetadataStore.open(root)
        #expect(again.image.topics == ["a": TopicMetadata(name: "a", id: topic.id, partitionCount: 1)])
        try await again.close()
    }

    @Test("a partition whose directory is gone, or is another topic's, has no log")
    func strangers() async throws {
        let store = try await EmbeddedMetadataStore.open(root)
        let topic = TopicMetadata.new("a", 3)
        try await store.createTopic(topic)
        try await store.close()
        try FileSystem.removeTree(root.appending("a-0"))
        let other = PartitionMetadata(topicID: .random()).encoded()
        try FileSystem.replaceFile(root.appending("a-1").appending("partition.metadata"), contents: other)
        let again = try await EmbeddedMetadataStore.open(root)
        #expect(again.image.topics == ["a": topic])
        #expect(again.log(of: topic, 0) == nil && again.log(of: topic, 1) == nil && again.log(of: topic, 2) != nil)
        try await again.close()
        #expect(try directories == ["a-1", "a-2"])
    }
}
