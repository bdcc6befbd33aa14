import CommitLog
import Dispatch
import KafkaProtocol
import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import LogServer

@Suite("Offsets that are committed", .temporaryDirectory)
struct StoredOffsetTests {
    @Test("a commit is answered, and can be fetched, when it is on the disk and not before")
    func durability() async throws {
        let bench = try await GroupBench()
        #expect(await bench.commit(1) == .none)
        let gate = DispatchGroup()
        gate.enter()
        let injector = FaultInjector.install(under: GroupBench.root) { call in
            if call.name == .fdatasync { gate.wait() }
            return .proceed
        }
        defer { injector.remove() }
        let isAnswered = Lock(false)
        let commit = Task {
            let error = await bench.commit(2)
            isAnswered.withLock { $0 = true }
            return error
        }
        while injector.count(of: .fdatasync) == 0 { await Task.yield() }
        #expect(try bench.log(of: "g").logEndOffset == Offset(2))
        #expect(bench.fetch() == "t-0=1")
        #expect(!isAnswered.withLock { $0 })
        gate.leave()
        #expect(await commit.value == .none)
        #expect(bench.fetch() == "t-0=2")
        try await bench.close()
    }

    @Test("commits of many groups share what the disk does")
    func sharing() async throws {
        let bench = try await GroupBench()
        #expect(await bench.commit(1) == .none)
        let gate = DispatchGroup()
        gate.enter()
        let injector = FaultInjector.install(under: GroupBench.root) { call in
            if call.name == .fdatasync { gate.wait() }
            return .proceed
        }
        defer { injector.remove() }
        let commits = (0..<50).map { index in Task { await bench.commit(Int64(index), group: "g\(index)") } }
        // All are appended while the first sync is still under way.
        while try (0..<4).reduce(0, { try $0 + end(of: $1, bench) }) < 51 { await Task.yield() }
        gate.leave()
        for commit in commits { #expect(await commit.value == .none) }
        #expect((0..<50).allSatisfy { bench.fetch("g\($0)") == "t-0=\($0)" })
        #expect(injector.count(of: .fdatasync) < 50)
        try await bench.close()
    }

    private func end(of partition: Int, _ bench: GroupBench) throws -> Int64 {
        bench.groups.partitions[partition].log.logEndOffset.rawValue
    }

    @Test(
        "a commit that the disk does not take is refused with what makes clients try again",
        arguments: [true, false]
    )
    func failure(isWrite: Bool) async throws {
        let bench = try await GroupBench()
        #expect(await bench.commit(1) == .none)
        let injector = FaultInjector.install(under: GroupBench.root) { call in
            isWrite && call.name == .pwrite && call.path.extension == "log"
                ? .fail(.noSpace) : !isWrite && call.name == .fdatasync ? .fail(.ioError) : .proceed
        }
        #expect(await bench.commit(2) == .notCoordinator)
        #expect(bench.fetch() == "t-0=1")
        injector.remove()
        // A log whose sync has failed takes nothing more.
        #expect(await bench.commit(3) == (isWrite ? .none : .notCoordinator))
        #expect(bench.fetch() == (isWrite ? "t-0=3" : "t-0=1"))
        await bench.broker.stop()
        try? await bench.store.close()
    }

    @Test("members are told when their assignment cannot be stored, and join again")
    func assignmentFailure() async throws {
        let bench = try await GroupBench()
        let join = Task { await bench.join(instance: "a") }
        try await bench.groups.prepare()
        try await bench.waitForMembers(1)
        bench.advance(by: 3)
        let member = await join.value
        let injector = FaultInjector.install(under: GroupBench.root) { call in
            call.name == .pwrite && call.path.extension == "log" ? .fail(.noSpace) : .proceed
        }
        #expect(await bench.sync(member, instance: "a", assigning: [:]).errorCode == .notCoordinator)
        injector.remove()
        #expect(bench.heartbeat(member) == .rebalanceInProgress)
        try await bench.close()
    }

    @Test("offsets are refused of partitions that are not there, and with too much metadata; the others are committed")
    func partly() async throws {
        let bench = try await GroupBench()
        var request = GroupBench.commitRequest(1)
        request.topics += [GroupBench.commitRequest(2, of: 1).topics[0], GroupBench.commitRequest(3, of: 2).topics[0]]
        request.topics += [GroupBench.commitRequest(4, topic: "u").topics[0]]
        request.topics[1].partitions[0].committedMetadata = String(repeating: "m", count: 4097)
        let response = await bench.groups.commit(request, version: 9)
        #expect(response.topics.map(\.name) == ["t", "t", "t", "u"])
        let expected: [ErrorCode] = [
            .none, .offsetMetadataTooLarge, .unknownTopicOrPartition, .unknownTopicOrPartition,
        ]
        #expect(response.topics.map { $0.partitions[0].errorCode } == expected)
        #expect(bench.fetch() == "t-0=1")
        try await bench.close()
    }

    @Test("a deleted group is gone with its offsets, after a restart too; one with members is not deleted")
    func deletion() async throws {
        let bench = try await GroupBench()
        #expect(await bench.delete() == .notCoordinator)
        #expect(await bench.commit(1) == .none)
        #expect(await bench.delete("none") == .groupIDNotFound)
        #expect(await bench.delete() == .none)
        #expect(bench.fetch() == "" && bench.list() == [])
        #expect(try await bench.stored() == ["t-0", "t-0 deleted", "group deleted"])
        let members = try await bench.stable(["a"])
        #expect(await bench.delete() == .nonEmptyGroup)
        #expect(await bench.commit(2, as: members[0]) == .none)
        #expect(await bench.leave("", instance: "a").members[0].errorCode == .none)
        #expect(bench.list() == ["g Empty"])
        #expect(await bench.delete() == .none)
        try await bench.close()
        let again = try await GroupBench()
        #expect(again.fetch() == "" && again.list() == [])
        #expect(again.describe().errorCode == .groupIDNotFound)
        try await again.close()
    }

    @Test("a group that could not be deleted is there as before")
    func failedDeletion() async throws {
        let bench = try await GroupBench()
        #expect(await bench.commit(1) == .none)
        let injector = FaultInjector.install(under: GroupBench.root) { call in
            call.name == .pwrite && call.path.extension == "log" ? .fail(.noSpace) : .proceed
        }
        #expect(await bench.delete() == .notCoordinator)
        injector.remove()
        #expect(bench.fetch() == "t-0=1" && bench.list() == ["g Empty"])
        #expect(await bench.commit(2) == .none)
        try await bench.close()
    }

    @Test("offsets that nobody uses are taken away after their time, and groups that have nothing left")
    func expiry() async throws {
        let bench = try await GroupBench()
        #expect(await bench.commit(1) == .none)
        let members = try await bench.stable(["a"], group: "h")
        #expect(members.count == 1)
        bench.clock.advance(by: .seconds(7 * 24 * 3600 - 10))
        await bench.groups.expireOffsets()
        #expect(bench.fetch() == "t-0=1")
        bench.clock.advance(by: .seconds(10))
        bench.groups.expire()
        await bench.groups.expireOffsets()
        #expect(bench.fetch() == "")
        #expect(try await bench.stored() == ["t-0", "t-0 deleted", "group deleted"])
        // The member of the other one has long fallen silent.
        #expect(bench.list() == [])
        #expect(try await bench.stored("h") == ["group 1", "group 0", "group deleted"])
        try await bench.close()
    }

    @Test("nobody has offsets of a topic that was deleted")
    func deletedTopic() async throws {
        let bench = try await GroupBench()
        try await bench.store.createTopic(.new("u", 1))
        #expect(await bench.commit(1) == .none)
        #expect(await bench.commit(2, topic: "u") == .none)
        await bench.groups.topicsDeleted(["t"])
        #expect(bench.fetch() == "u-0=2")
        #expect(try await bench.stored() == ["t-0", "u-0", "t-0 deleted"])
        try await bench.close()
    }

    @Test("offsets of topics that the members do not read can be deleted, and others not")
    func offsetDeletion() async throws {
        let bench = try await GroupBench()
        try await bench.store.createTopic(.new("u", 1))
        let members = try await bench.stable(["a"])
        #expect(await bench.commit(1, as: members[0]) == .none)
        #expect(await bench.commit(2, topic: "u", as: members[0]) == .none)
        var request = OffsetDeleteRequest()
        request.groupID = "g"
        request.topics = ["t", "u", "v"].map { name in
            var topic = OffsetDeleteRequest.Topic()
            topic.name = name
            topic.partitions = [OffsetDeleteRequest.Topic.Partition()]
            return topic
        }
        let response = await bench.groups.deleteOffsets(request)
        #expect(response.errorCode == .none)
        let expected: [ErrorCode] = [.groupSubscribedToTopic, .none, .unknownTopicOrPartition]
        #expect(response.topics.map { $0.partitions[0].errorCode } == expected)
        #expect(bench.fetch() == "t-0=1")
        request.groupID = "none"
        #expect(await bench.groups.deleteOffsets(request).errorCode == .groupIDNotFound)
        try await bench.close()
    }
}
