import CommitLog
import KafkaProtocol
import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import LogServer

@Suite("What producers ask for", .temporaryDirectory)
struct ProducerRequestTests {
    private var root: FilePath { TemporaryDirectory.current.appending("data") }

    private func request(
        _ transactionalID: String? = nil,
        _ id: Int64 = -1,
        _ epoch: Int16 = -1
    ) -> InitProducerIDRequest {
        var request = InitProducerIDRequest()
        request.transactionalID = transactionalID
        request.producerID = ProducerID(id)
        request.producerEpoch = ProducerEpoch(epoch)
        return request
    }

    private func batch(_ id: ProducerID, _ sequence: Int32, _ epoch: Int16 = 0) throws -> [UInt8] {
        var builder = RecordBatchBuilder(
            producerID: id,
            producerEpoch: ProducerEpoch(epoch),
            baseSequence: SequenceNumber(sequence)
        )
        try builder.append(key: nil, value: Array("value".utf8), timestamp: .now)
        var compressor = Compressor()
        return try builder.finish(with: &compressor)
    }

    // MARK: Ids

    @Test("each gets an id of its own in every version, with epoch 0")
    func allVersions() async throws {
        let broker = try await AdminBroker(root)
        var ids: [Int64] = []
        for version in APIKey.initProducerID.versions {
            let answer = try await broker.ask(request(), version)
            #expect(answer.errorCode == .none && answer.producerEpoch == ProducerEpoch(0))
            ids.append(answer.producerID.rawValue)
        }
        #expect(ids == Array(0..<6))
        // Who has one, and asks for the next epoch, gets another.
        #expect(try await broker.ask(request(nil, 3, 0), 4).producerID == ProducerID(6))
        try await broker.close()
    }

    @Test("an id is never given out twice, by many at once, over reopenings and kills")
    func unique() async throws {
        var ids: Set<ProducerID> = []
        for round in 0..<4 {
            let place = root
            let broker = try await AdminBroker(place)
            let given = try await withThrowingTaskGroup(of: ProducerID.self) { group in
                for _ in 0..<1500 { group.addTask { try await broker.store.nextProducerID() } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(given.count == 1500 && ids.isDisjoint(with: given), "round \(round)")
            ids.formUnion(given)
            if round == 1 {
                let copy = TemporaryDirectory.current.appending("copy")
                try Fixtures.copy(place, to: copy)
                try await broker.close()
                try FileSystem.removeTree(place)
                try FileSystem.rename(from: copy, to: place)
            } else {
                try await broker.close()
            }
        }
        #expect(ids.count == 6000)
    }

    @Test("ids that a log knows of are not given out, though the register does not tell of them")
    func foreign() async throws {
        var broker = try await AdminBroker(root)
        let topic = TopicMetadata(name: "t", id: .random(), partitionCount: 1)
        try await broker.store.createTopic(topic)
        _ = try broker.store.log(of: topic, 0)?.append(batch(ProducerID(4321), 0))
        // Made up: were it believed, there would be none left.
        _ = try broker.store.log(of: topic, 0)?.append(batch(ProducerID(.max), 0))
        try await broker.close()
        broker = try await AdminBroker(root)
        #expect(try await broker.ask(request()).producerID == ProducerID(5000))
        try await broker.close()
    }

    @Test("what makes no sense is refused, and transactions by a code that ends the client's attempts")
    func refusals() async throws {
        let broker = try await AdminBroker(root)
        for (request, code) in [
            (request("", 1, 1), .invalidRequest), (request(nil, 1), .invalidRequest),
            (request(nil, -1, 1), .invalidRequest),
            (request("id"), .transactionalIDAuthorizationFailed),
        ] as [(InitProducerIDRequest, ErrorCode)] {
            let answer = try await broker.ask(request)
            #expect(answer.errorCode == code && answer.producerID == .none && answer.producerEpoch == .none)
        }
        var find = FindCoordinatorRequest()
        find.keyType = 1
        find.coordinatorKeys = ["id"]
        let found = try await broker.ask(find)
        #expect(found.coordinators.map(\.errorCode) == [.transactionalIDAuthorizationFailed])
        try await broker.close()
    }

    @Test("no id is given out that could not be made durable")
    func full() async throws {
        let broker = try await AdminBroker(root)
        let fault = FaultInjector.install(under: root) { $0.name == .pwrite ? .fail(.noSpace) : .proceed }
        #expect(try await broker.ask(request()).errorCode == .kafkaStorageError)
        fault.remove()
        #expect(try await broker.ask(request()).producerID == ProducerID(0))
        try await broker.close()
    }

    // MARK: Producing

    @Test(
        "a batch that is sent again is answered as the first time; one that leaves a gap says so",
        arguments: [3, 12]
    )
    func produce(version: Int16) async throws {
        let broker = try await TestBroker()
        let topic = try await broker.topic("t")
        func send(_ records: [UInt8]) async throws -> ProduceResponse.TopicProduceResponse.PartitionProduceResponse {
            let answer = try await broker.client.call(ProduceRequest.of("t", [0: records]), version, records: [records])
            return try #require(answer.message.responses.first?.partitionResponses.first)
        }
        let id = ProducerID(7)
        for sequence: Int32 in 0..<3 {
            for _ in 0..<2 {
                let answer = try await send(batch(id, sequence))
                #expect(answer.errorCode == .none && answer.baseOffset == Offset(Int64(sequence)))
            }
        }
        #expect(try await send(batch(id, 4)).errorCode == .outOfOrderSequenceNumber)
        #expect(try await send(batch(id, 0, 1)).errorCode == .none)
        #expect(try await send(batch(id, 3)).errorCode == .invalidProducerEpoch)
        #expect(broker.store.log(of: topic, 0)?.logEndOffset == Offset(4))
        try await broker.stop()
    }

    @Test("what a log knows of its producers is told")
    func describe() async throws {
        let broker = try await AdminBroker(root)
        let topic = TopicMetadata(name: "t", id: .random(), partitionCount: 2)
        try await broker.store.createTopic(topic)
        let log = try #require(broker.store.log(of: topic, 0))
        for sequence: Int32 in 0..<3 { _ = try log.append(batch(ProducerID(7), sequence, 2)) }
        _ = try log.append(batch(ProducerID(9), 50))
        var request = DescribeProducersRequest()
        for name in ["t", "none", "t"] {
            var asked = DescribeProducersRequest.TopicRequest()
            asked.name = name
            asked.partitionIndexes = [0, 1, 0, 2, 0]
            request.topics.append(asked)
        }
        let answer = try await broker.ask(request)
        #expect(answer.topics.map(\.name) == ["t", "none"])
        let partitions = answer.topics[0].partitions
        #expect(partitions.map(\.errorCode) == [.none, .none, .unknownTopicOrPartition])
        #expect(partitions[0].activeProducers.map(\.producerID.rawValue) == [7, 9])
        #expect(partitions[0].activeProducers.map(\.producerEpoch) == [2, 0])
        #expect(partitions[0].activeProducers.map(\.lastSequence) == [2, 50])
        #expect(partitions[0].activeProducers.allSatisfy { $0.currentTxnStartOffset == Offset(-1) })
        #expect(partitions[1].activeProducers.isEmpty)
        #expect(answer.topics[1].partitions.allSatisfy { $0.errorCode == .unknownTopicOrPartition })
        try await broker.close()
    }
}
