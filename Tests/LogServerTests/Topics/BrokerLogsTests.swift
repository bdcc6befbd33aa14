import CommitLog
import KafkaProtocol
import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import LogServer

@Suite("Requests about logs as a whole", .temporaryDirectory)
struct BrokerLogsTests {
    private static func delete(_ offsets: [(topic: String, partition: Int32, offset: Int64)]) -> DeleteRecordsRequest {
        var request = DeleteRecordsRequest()
        request.topics = offsets.map { name, index, offset in
            var partition = DeleteRecordsRequest.Topic.Partition()
            (partition.partitionIndex, partition.offset) = (index, Offset(offset))
            var topic = DeleteRecordsRequest.Topic()
            (topic.name, topic.partitions) = (name, [partition])
            return topic
        }
        return request
    }

    private func results(_ response: DeleteRecordsResponse) -> [String] {
        response.topics.flatMap { topic in
            topic.partitions.map { "\(topic.name)-\($0.partitionIndex) \($0.lowWatermark) \($0.errorCode.rawValue)" }
        }
    }

    @Test("a log's head is cut, durably, in every version", arguments: APIKey.deleteRecords.versions)
    func deleted(version: Int16) async throws {
        let broker = try await AdminBroker()
        let topic = try await broker.make("a", 2)
        for partition in Int32(0)...1 { try await broker.append(5, to: topic, partition) }
        let response = try await broker.ask(Self.delete([("a", 0, 3), ("a", 1, -1)]), version)
        #expect(results(response) == ["a-0 3 0", "a-1 5 0"])
        // What was deleted before stays so.
        #expect(results(try await broker.ask(Self.delete([("a", 0, 1)]), version)) == ["a-0 3 0"])
        #expect(broker.store.log(of: topic, 0)?.logStartOffset == Offset(3))
        // As a crash would leave it: the directory is not closed.
        let copy = TemporaryDirectory.current.appending("copy")
        try Fixtures.copy(TemporaryDirectory.current.appending("data"), to: copy)
        let crashed = try await AdminBroker(copy)
        #expect(crashed.store.log(of: topic, 0)?.logStartOffset == Offset(3))
        #expect(crashed.store.log(of: topic, 1)?.logStartOffset == Offset(5))
        try await crashed.close()
        try await broker.close()
    }

    @Test("what cannot be deleted stays, and each partition is told why")
    func refused() async throws {
        let broker = try await AdminBroker()
        let topic = try await broker.make("a")
        try await broker.append(2, to: topic)
        let compacted = try await broker.make("compacted", 1, ["cleanup.policy": "compact"])
        try await broker.append(2, to: compacted)
        try await broker.make("__consumer_offsets")
        let response = try await broker.ask(
            Self.delete([
                ("a", 0, 3), ("a", 0, -2), ("a", 1, 0), ("a", -1, 0), ("none", 0, 0), ("compacted", 0, 1),
                ("__consumer_offsets", 0, 0), ("a", 0, .max), ("a", 0, .min), ("a", 0, 1),
            ])
        )
        #expect(
            results(response) == [
                "a-0 -1 1", "a-0 -1 1", "a-1 -1 3", "a--1 -1 3", "none-0 -1 3", "compacted-0 -1 44",
                "__consumer_offsets-0 -1 17", "a-0 -1 1", "a-0 -1 1", "a-0 1 0",
            ]
        )
        #expect(broker.store.log(of: compacted, 0)?.logStartOffset == Offset(0))
        try await broker.close()
    }

    @Test(
        "logs are told with their sizes, and the room that there is, in every version",
        arguments: APIKey.describeLogDirs.versions
    )
    func sizes(version: Int16) async throws {
        let broker = try await AdminBroker()
        let topic = try await broker.make("a", 2)
        try await broker.make("b")
        try await broker.append(3, to: topic)
        let size = Int64(try #require(broker.store.log(of: topic, 0)).byteCount)
        var request = DescribeLogDirsRequest()
        request.topics = nil
        let response = try await broker.ask(request, version)
        #expect(response.errorCode == .none)
        let result = try #require(response.results.first)
        #expect(response.results.count == 1 && result.errorCode == .none)
        #expect(result.logDir == TemporaryDirectory.current.appending("data").string)
        #expect(result.topics.map(\.name) == ["a", "b"])
        #expect(size > 0 && result.topics[0].partitions.map(\.partitionSize) == [size, 0])
        #expect(result.topics[0].partitions.allSatisfy { $0.offsetLag == 0 && !$0.isFutureKey })
        if version >= 4 { #expect(0 < result.usableBytes && result.usableBytes <= result.totalBytes) }
        var one = DescribeLogDirsRequest.DescribableLogDirTopic()
        (one.topic, one.partitions) = ("a", [1, 9])
        var none = one
        none.topic = "none"
        request.topics = [one, none]
        let some = try await broker.ask(request, version).results[0]
        #expect(some.topics.map(\.name) == ["a"] && some.topics[0].partitions.map(\.partitionIndex) == [1])
        try await broker.close()
    }

    @Test("where the room is not known, the sizes are told all the same")
    func unknownRoom() async throws {
        let broker = try await AdminBroker()
        try await broker.make("a")
        var request = DescribeLogDirsRequest()
        request.topics = nil
        let injector = FaultInjector.install(under: TemporaryDirectory.current) { call in
            call.name == .statvfs ? .fail(.ioError) : .proceed
        }
        defer { injector.remove() }
        let result = try await broker.ask(request).results[0]
        #expect(result.totalBytes == -1 && result.usableBytes == -1)
        #expect(result.topics.map(\.name) == ["a"])
        try await broker.close()
    }
}
