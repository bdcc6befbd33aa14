import CommitLog
import KafkaProtocol
import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import LogServer

@Suite("Fetch", .temporaryDirectory)
struct FetchTests {
    private func append(_ records: [UInt8], to topic: TopicMetadata, _ broker: TestBroker, _ index: Int32 = 0) throws {
        _ = try #require(broker.store.log(of: topic, index)).append(records)
    }

    @Test("a fetch waits until one of its partitions has more, whichever", arguments: IOBackend.testable)
    func longPoll(_ backend: IOBackend) async throws {
        let broker = try await TestBroker(backend)
        let topic = try await broker.topic("t", partitions: 3)
        for index in 0..<Int32(3) {
            try await broker.client.send(FetchRequest.of(topic, [0: 0, 1: 0, 2: 0], maxWaitMs: 3_600_000), 12)
            let log = try #require(broker.store.log(of: topic, index))
            while log.observerCount == 0 { await Task.yield() }
            _ = try log.append(try batch(["news"]))
            let answer = try await broker.client.answer(to: FetchRequest.self, 12)
            let found = answer.message.responses[0].partitions.filter { ($0.records?.byteCount ?? 0) > 0 }
            #expect(found.map(\.partitionIndex) == [index])
            #expect(try values(answer.records(found[0].records)) == [0: "news"])
            #expect((0..<3).allSatisfy { broker.store.log(of: topic, $0)?.observerCount == 0 }, "nobody waits any more")
            // For the next round, as if it had never been.
            try await broker.store.deleteTopic(topic.id)
            try await broker.store.createTopic(topic)
        }
        try await broker.stop()
    }

    @Test("a fetch whose time is over is answered without records")
    func timeout() async throws {
        let broker = try await TestBroker()
        let topic = try await broker.topic("t")
        let answer = try await broker.client.call(FetchRequest.of(topic, [0: 0], maxWaitMs: 1), 12)
        let partition = answer.message.responses[0].partitions[0]
        #expect(partition.errorCode == .none && partition.records?.byteCount == 0)
        #expect(partition.highWatermark == Offset(0))
        try await broker.stop()
    }

    @Test("a fetch waits for as many bytes as it asks for")
    func minBytes() async throws {
        let broker = try await TestBroker()
        let topic = try await broker.topic("t", partitions: 2)
        let records = try batch(["a"])
        var request = FetchRequest.of(topic, [0: 0, 1: 0], maxWaitMs: 3_600_000)
        request.minBytes = Int32(3 * records.count)
        try await broker.client.send(request, 12)
        for index in [0, 1, 1] as [Int32] {
            while broker.store.log(of: topic, index)?.observerCount == 0 { await Task.yield() }
            try append(records, to: topic, broker, index)
        }
        let answer = try await broker.client.answer(to: FetchRequest.self, 12)
        let counts = answer.message.responses[0].partitions.map { $0.records?.byteCount }
        #expect(counts == [records.count, 2 * records.count])
        try await broker.stop()
    }

    @Test("a fetch ends when its topic is deleted, its connection, or the server")
    func endOfWait() async throws {
        let broker = try await TestBroker()
        let topic = try await broker.topic("t")
        let log = try #require(broker.store.log(of: topic, 0))
        try await broker.client.send(FetchRequest.of(topic, [0: 0], maxWaitMs: .max), 12)
        while log.observerCount == 0 { await Task.yield() }
        try await broker.store.deleteTopic(topic.id)
        let answer = try await broker.client.answer(to: FetchRequest.self, 12)
        #expect(answer.message.responses[0].partitions[0].errorCode == .unknownTopicOrPartition)
        let other = try await broker.topic("u")
        try await broker.client.send(FetchRequest.of(other, [0: 0], maxWaitMs: .max), 12)
        while broker.store.log(of: other, 0)?.observerCount == 0 { await Task.yield() }
        try await broker.stop()
    }

    @Test("the first batch comes whole though it is larger than all limits, and nothing behind it")
    func oversized() async throws {
        let broker = try await TestBroker()
        let topic = try await broker.topic("t", partitions: 2)
        let records = try batch([String(repeating: "x", count: 5000)])
        for index in [0, 0, 1] as [Int32] { try append(records, to: topic, broker, index) }
        try await broker.store.log(of: topic, 0)?.flush()
        try await broker.store.log(of: topic, 1)?.flush()
        for (maxBytes, partitionMaxBytes) in [(1, 1 << 20), (1 << 20, 1), (0, 0)] as [(Int32, Int32)] {
            var request = FetchRequest.of(topic, [0: 0, 1: 0], maxWaitMs: 1)
            request.maxBytes = maxBytes
            for index in 0..<2 { request.topics[0].partitions[index].partitionMaxBytes = partitionMaxBytes }
            let answer = try await broker.client.call(request, 12)
            let partitions = answer.message.responses[0].partitions
            #expect(partitions.map { $0.records?.byteCount } == [records.count, 0])
            #expect(partitions[1].highWatermark == Offset(1))
        }
        try await broker.stop()
    }

    @Test("what cannot be read is told at once, beside what can")
    func errors() async throws {
        let broker = try await TestBroker()
        let topic = try await broker.topic("t", partitions: 1)
        try append(try batch(["a"]), to: topic, broker)
        try await broker.store.log(of: topic, 0)?.flush()
        func code(_ version: Int16 = 12, _ change: (inout FetchRequest) -> Void) async throws -> ErrorCode {
            var request = FetchRequest.of(topic, [0: 1], maxWaitMs: 3_600_000)
            change(&request)
            return try await broker.client.call(request, version).message.responses[0].partitions[0].errorCode
        }
        func partition(
            _ change: (inout FetchRequest.Topic.Partition) -> Void
        ) async throws -> ErrorCode { try await code { change(&$0.topics[0].partitions[0]) } }

        #expect(try await partition { $0.fetchOffset = Offset(2) } == .offsetOutOfRange)
        #expect(try await partition { $0.fetchOffset = Offset(-1) } == .offsetOutOfRange)
        #expect(try await partition { $0.partition = 1 } == .unknownTopicOrPartition)
        let epoch = broker.store.directory.leaderEpoch
        #expect(try await partition { $0.currentLeaderEpoch = LeaderEpoch(epoch.rawValue + 1) } == .unknownLeaderEpoch)
        #expect(try await partition { $0.lastFetchedEpoch = LeaderEpoch(epoch.rawValue + 1) } == .offsetOutOfRange)
        #expect(try await code { $0.topics[0].topic = "none" } == .unknownTopicOrPartition)
        #expect(try await code(13) { $0.topics[0].topicID = .random() } == .unknownTopicID)
        try await broker.stop()
    }

    @Test("a client that saw an epoch end later than it did is told where it ends")
    func divergence() async throws {
        var broker = try await TestBroker()
        let topic = try await broker.topic("t")
        try append(try batch(["a"]), to: topic, broker)
        let old = broker.store.directory.leaderEpoch
        try await broker.stop()
        broker = try await TestBroker()
        try append(try batch(["b"]), to: topic, broker)
        try await broker.store.log(of: topic, 0)?.flush()
        var request = FetchRequest.of(topic, [0: 2], maxWaitMs: 3_600_000)
        request.topics[0].partitions[0].lastFetchedEpoch = old
        let answer = try await broker.client.call(request, 12)
        let diverging = answer.message.responses[0].partitions[0].divergingEpoch
        #expect(diverging.epoch == old && diverging.endOffset == Offset(1))
        request.topics[0].partitions[0].currentLeaderEpoch = old
        let fenced = try await broker.client.call(request, 12)
        #expect(fenced.message.responses[0].partitions[0].errorCode == .fencedLeaderEpoch)

        var question = OffsetForLeaderEpochRequest()
        var asked = OffsetForLeaderEpochRequest.OffsetForLeaderTopic()
        asked.topic = "t"
        asked.partitions = [OffsetForLeaderEpochRequest.OffsetForLeaderTopic.OffsetForLeaderPartition()]
        asked.partitions[0].leaderEpoch = old
        question.topics = [asked]
        for version in APIKey.offsetForLeaderEpoch.versions {
            let end = try await broker.client.call(question, version).message.topics[0].partitions[0]
            #expect(end.errorCode == .none && end.leaderEpoch == old && end.endOffset == Offset(1))
        }
        try await broker.stop()
    }

    @Test("a session's next answer has only what is new")
    func session() async throws {
        let broker = try await TestBroker()
        let topic = try await broker.topic("t", partitions: 2)
        var request = FetchRequest.of(topic, [0: 0, 1: 0])
        request.sessionEpoch = 0
        let first = try await broker.client.call(request, 13)
        let id = first.message.sessionID
        #expect(id != 0 && first.message.responses[0].partitions.count == 2)
        var next = FetchRequest()
        next.sessionID = id
        next.sessionEpoch = 1
        next.minBytes = 1
        next.maxBytes = 1 << 20
        next.maxWaitMs = 3_600_000
        try await broker.client.send(next, 13)
        let log = try #require(broker.store.log(of: topic, 1))
        while log.observerCount == 0 { await Task.yield() }
        _ = try log.append(try batch(["a"]))
        let second = try await broker.client.answer(to: FetchRequest.self, 13)
        #expect(second.message.responses.map(\.topicID) == [topic.id])
        #expect(second.message.responses[0].partitions.map(\.partitionIndex) == [1])
        #expect(try values(second.records(second.message.responses[0].partitions[0].records)) == [0: "a"])
        next.sessionEpoch = 1
        #expect(try await broker.client.call(next, 13).message.errorCode == .invalidFetchSessionEpoch)
        try await broker.stop()
    }
}
