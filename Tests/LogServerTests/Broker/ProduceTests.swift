import CommitLog
import Dispatch
import KafkaProtocol
import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import LogServer

@Suite("Produce", .temporaryDirectory)
struct ProduceTests {
    @Test("what is produced in any version is fetched in any version", arguments: IOBackend.testable)
    func allVersions(_ backend: IOBackend) async throws {
        let broker = try await TestBroker(backend)
        let topic = try await broker.topic("t")
        var expected: [Int64: String] = [:]
        for version in APIKey.produce.versions {
            let records = try batch(["a\(version)", "b\(version)"])
            let answer = try await broker.client.call(ProduceRequest.of("t", [0: records]), version, records: [records])
            let partition = try #require(answer.message.responses.first?.partitionResponses.first)
            #expect(partition.errorCode == .none && partition.baseOffset.rawValue == Int64(expected.count))
            #expect(partition.logStartOffset == (version < 5 ? Offset(-1) : Offset(0)))
            expected[Int64(expected.count)] = "a\(version)"
            expected[Int64(expected.count)] = "b\(version)"
        }
        for version in APIKey.fetch.versions {
            let answer = try await broker.client.call(FetchRequest.of(topic, [0: 0]), version)
            let partition = try #require(answer.message.responses.first?.partitions.first)
            #expect(partition.errorCode == .none && partition.highWatermark.rawValue == Int64(expected.count))
            #expect(partition.lastStableOffset == partition.highWatermark && partition.abortedTransactions == nil)
            #expect(try values(answer.records(partition.records)) == expected)
        }
        try await broker.stop()
    }

    @Test("a part of a request that is refused says why, and the other parts are appended")
    func refusals() async throws {
        let broker = try await TestBroker()
        _ = try await broker.topic("t", partitions: 4, ["max.message.bytes": "200"])
        let good = try batch(["good"])
        var damaged = good
        damaged[damaged.count - 1] ^= 1
        let large = try batch([String(repeating: "x", count: 300)])
        let parts: [Int32: [UInt8]] = [0: damaged, 1: good, 2: large, 3: [], 4: good, -1: good]
        let answer = try await broker.client.call(
            ProduceRequest.of("t", parts),
            12,
            records: parts.sorted { $0.key < $1.key }.map(\.value).filter { !$0.isEmpty }
        )
        let partitions = try #require(answer.message.responses.first).partitionResponses
        let codes = Dictionary(uniqueKeysWithValues: partitions.map { ($0.index, $0.errorCode) })
        #expect(
            codes == [
                -1: .unknownTopicOrPartition, 0: .corruptMessage, 1: .none, 2: .messageTooLarge, 3: .invalidRecord,
                4: .unknownTopicOrPartition,
            ]
        )
        for partition in partitions where partition.errorCode != .none {
            #expect(partition.baseOffset == Offset(-1) && partition.errorMessage?.isEmpty == false)
        }
        let others: [(ProduceRequest, ErrorCode)] = [
            (.of("no-topic", [0: good]), .unknownTopicOrPartition),
            (.of("t", [0: good], acks: 2), .invalidRequiredAcks),
        ]
        for (request, code) in others {
            let answer = try await broker.client.call(request, 9, records: [good])
            #expect(answer.message.responses[0].partitionResponses[0].errorCode == code)
        }
        try await broker.stop()
    }

    @Test("a request of a transaction is refused, and nobody but the broker writes to its own topics")
    func forbidden() async throws {
        let broker = try await TestBroker()
        _ = try await broker.topic(OffsetsTopic.name)
        let good = try batch(["good"])
        var transactional = ProduceRequest.of("t", [0: good])
        transactional.transactionalID = "id"
        let requests: [(ProduceRequest, ErrorCode)] = [
            (transactional, .transactionalIDAuthorizationFailed),
            (.of(OffsetsTopic.name, [0: good]), .invalidTopicException),
        ]
        for (request, code) in requests {
            let answer = try await broker.client.call(request, 9, records: [good])
            #expect(answer.message.responses[0].partitionResponses[0].errorCode == code)
        }
        try await broker.stop()
    }

    @Test("acks=0 is not answered; where it fails the connection ends")
    func noAcks() async throws {
        let broker = try await TestBroker()
        let topic = try await broker.topic("t")
        let records = try batch(["a"])
        try await broker.client.send(ProduceRequest.of("t", [0: records], acks: 0), 9, records: [records])
        let answer = try await broker.client.call(FetchRequest.of(topic, [0: 0], maxWaitMs: 60_000), 12)
        #expect(try values(answer.records(answer.message.responses[0].partitions[0].records)) == [0: "a"])
        try await broker.client.send(ProduceRequest.of("none", [0: records], acks: 0), 9, records: [records])
        #expect(await broker.client.isClosed())
        try await broker.stop()
    }

    @Test("acks=all is answered, and seen by readers, when it is on disk; acks=1 is answered before")
    func durability() async throws {
        let broker = try await TestBroker()
        let topic = try await broker.topic("t")
        let syncs = HeldSyncs(of: TemporaryDirectory.current.appending("data/t-0"))
        let records = try batch(["a"])
        try await broker.client.send(ProduceRequest.of("t", [0: records]), 9, id: 1, records: [records])
        await syncs.begun.wait()
        let other = try await broker.server.connect()
        let early = try await other.call(ProduceRequest.of("t", [0: records], acks: 1), 9, records: [records])
        #expect(early.message.responses[0].partitionResponses[0].baseOffset == Offset(1))
        let unseen = try await other.call(FetchRequest.of(topic, [0: 0]), 12)
        #expect(unseen.message.responses[0].partitions[0].highWatermark == Offset(0))
        #expect(unseen.message.responses[0].partitions[0].records?.byteCount == 0)
        syncs.letGo()
        let answer = try await broker.client.answer(to: ProduceRequest.self, 9)
        #expect(answer.message.responses[0].partitionResponses[0].baseOffset == Offset(0))
        let seen = try await other.call(FetchRequest.of(topic, [0: 0], maxWaitMs: 60_000), 12)
        #expect(try values(seen.records(seen.message.responses[0].partitions[0].records))[0] == "a")
        syncs.injector.remove()
        try await broker.stop()
    }

    @Test("what was taken when the server ends is made durable, and answered")
    func draining() async throws {
        let broker = try await TestBroker()
        _ = try await broker.topic("t")
        let syncs = HeldSyncs(of: TemporaryDirectory.current.appending("data/t-0"))
        let records = try batch(["a"])
        try await broker.client.send(ProduceRequest.of("t", [0: records]), 9, id: 1, records: [records])
        await syncs.begun.wait()
        let idle = try await broker.server.connect()
        _ = try await idle.call(APIVersionsRequest(), 0)
        broker.server.task.cancel()
        // When it is closed the other has been told to end as well.
        #expect(await idle.isClosed())
        syncs.letGo()
        let answer = try await broker.client.answer(to: ProduceRequest.self, 9)
        let partition = answer.message.responses[0].partitionResponses[0]
        #expect(partition.errorCode == .none && partition.baseOffset == Offset(0))
        #expect(await broker.client.isClosed())
        syncs.injector.remove()
        try await broker.stop()
    }

    @Test("where the disk fails acks=all says so, and the partition can still be read")
    func failedSync() async throws {
        let broker = try await TestBroker()
        let topic = try await broker.topic("t")
        let records = try batch(["a"])
        _ = try await broker.client.call(ProduceRequest.of("t", [0: records]), 9, records: [records])
        let injector = FaultInjector.install(under: TemporaryDirectory.current.appending("data/t-0")) { call in
            call.name == .fdatasync ? .fail(.ioError) : .proceed
        }
        for _ in 0..<2 {
            let answer = try await broker.client.call(ProduceRequest.of("t", [0: records]), 9, records: [records])
            #expect(answer.message.responses[0].partitionResponses[0].errorCode == .kafkaStorageError)
        }
        let seen = try await broker.client.call(FetchRequest.of(topic, [0: 0]), 12)
        #expect(try values(seen.records(seen.message.responses[0].partitions[0].records)) == [0: "a"])
        // There will never be more: the wait lasts its time, and uses it for nothing else.
        let end = try await broker.client.call(FetchRequest.of(topic, [0: 1], maxWaitMs: 20), 12)
        #expect(end.message.responses[0].partitions[0].errorCode == .none)
        injector.remove()
        try await broker.server.stop()
        try? await broker.store.close()
    }

    @Test("requests that come together are answered in their order, though the first waits for the disk")
    func pipelined() async throws {
        let broker = try await TestBroker()
        _ = try await broker.topic("t")
        for id in 0..<20 {
            let records = try batch(["\(id)"])
            let request = ProduceRequest.of("t", [0: records], acks: id % 2 == 0 ? -1 : 1)
            try await broker.client.send(request, 9, id: Int32(id), records: [records])
        }
        #expect(try await broker.client.correlationIDs(20) == Array(0..<20))
        try await broker.stop()
    }
}

/// Holds up the syncs of a log's files until they are let go.
private struct HeldSyncs {
    let injector: FaultInjector
    /// Given when the first one has begun.
    let begun = Signal()
    private let goOn = DispatchSemaphore(value: 0)

    init(of directory: FilePath) {
        injector = FaultInjector.install(under: directory) { [begun, goOn] call in
            guard call.name == .fdatasync else { return .proceed }
            begun.give()
            goOn.wait()
            return .proceed
        }
    }

    /// Lets all go on, those that are still to come too.
    func letGo() { for _ in 0..<8 { goOn.signal() } }
}
