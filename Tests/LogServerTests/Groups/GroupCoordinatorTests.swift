import CommitLog
import Dispatch
import KafkaProtocol
import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import LogServer

@Suite("The coordinator of groups", .temporaryDirectory)
struct GroupCoordinatorTests {
    @Test("three members share a generation; when one leaves and one falls silent, the third has the next alone")
    func members() async throws {
        let bench = try await GroupBench()
        let members = try await bench.stable(["a", "b", "c"])
        #expect(Set(members.map(\.generationID)) == [1])
        #expect(members.count { !$0.members.isEmpty } == 1)
        #expect(members.allSatisfy { bench.heartbeat($0) == .none })
        #expect(bench.describe().groupState == "Stable" && bench.describe().members.count == 3)

        #expect(await bench.leave(members[0].memberID, instance: "a").members[0].errorCode == .none)
        #expect(bench.heartbeat(members[0]) == .unknownMemberID)
        #expect(bench.heartbeat(members[1]) == .rebalanceInProgress)
        // One joins again, and the other one's session ends before the rebalance would.
        let again = Task { await bench.join(members[1].memberID, instance: "b") }
        try await bench.waitForMembers(2, waiting: 1)
        bench.advance(by: 10)
        let answer = await again.value
        #expect(
            answer.errorCode == .none && answer.generationID == 2 && answer.members.map(\.memberID) == [answer.memberID]
        )
        let synced = await bench.sync(answer, instance: "b", assigning: [answer.memberID: [9]])
        #expect(synced.assignment == [9])
        #expect(bench.heartbeat(members[2]) == .unknownMemberID)
        try await bench.close()
    }

    @Test("a member gets its id first, and joins with it")
    func memberID() async throws {
        let bench = try await GroupBench()
        let first = await bench.join()
        #expect(first.errorCode == .memberIDRequired)
        #expect(first.memberID.hasPrefix("c-") && first.memberID.utf8.count == 2 + 36)
        let second = Task { await bench.join(first.memberID) }
        try await bench.waitForMembers(1)
        bench.advance(by: 3)
        #expect(await second.value.leader == first.memberID)
        #expect(await bench.join("x").errorCode == .unknownMemberID)
        #expect(await bench.join(group: "").errorCode == .invalidGroupID)
        try await bench.close()
    }

    @Test("a static member that comes back without its id keeps its assignment, and its old self is fenced")
    func staticMember() async throws {
        let bench = try await GroupBench()
        let members = try await bench.stable(["a", "b"])
        let back = await bench.join(instance: "b")
        #expect(back.errorCode == .none && back.generationID == 1 && back.memberID != members[1].memberID)
        #expect(await bench.sync(back, instance: "b").assignment == [1])
        #expect(await bench.sync(members[1], instance: "b").errorCode == .fencedInstanceID)
        try await bench.close()
    }

    @Test("groups and offsets are there again after a restart, and after a kill", arguments: [false, true])
    func restart(isKilled: Bool) async throws {
        let first = try await GroupBench()
        let members = try await first.stable(["a", "b"])
        #expect(await first.commit(5, as: members[0]) == .none)
        #expect(await first.commit(6, of: 1, as: members[1]) == .none)
        #expect(await first.commit(7, group: "other") == .none)
        #expect(await first.commit(8, as: members[0]) == .none)
        let copy = TemporaryDirectory.current.appending("copy")
        if isKilled {
            try Fixtures.copy(GroupBench.root, to: copy)
            try await first.close()
        } else {
            try await first.close()
            try Fixtures.copy(GroupBench.root, to: copy)
        }

        let second = try await GroupBench(copy)
        #expect(second.fetch() == "t-0=8 t-1=6")
        #expect(second.fetch("other") == "t-0=7")
        #expect(second.list() == ["g Stable", "other Empty"])
        let assignments = second.describe().members.map { ($0.memberID, $0.memberAssignment) }
        #expect(Dictionary(uniqueKeysWithValues: assignments) == [members[0].memberID: [0], members[1].memberID: [1]])
        // Members have a whole session, and keep their generation.
        second.advance(by: 9)
        #expect(members.map { second.heartbeat($0) } == [.none, .none])
        second.advance(by: 9)
        #expect(second.heartbeat(members[0]) == .none)
        second.advance(by: 2)
        #expect(second.heartbeat(members[1]) == .unknownMemberID)
        try await second.close()
    }

    @Test("until groups are read, requests are told to come again, and heartbeats that all is well")
    func loading() async throws {
        let bench = try await GroupBench(starts: false)
        #expect(await bench.join().errorCode == .coordinatorLoadInProgress)
        #expect(await bench.commit(1) == .coordinatorLoadInProgress)
        #expect(bench.fetch() == "\(ErrorCode.coordinatorLoadInProgress)")
        #expect(bench.describe().errorCode == .coordinatorLoadInProgress)
        #expect(bench.groups.list(ListGroupsRequest()).errorCode == .coordinatorLoadInProgress)
        #expect(await bench.delete() == .coordinatorLoadInProgress)
        #expect(bench.heartbeat(JoinGroupResponse(.none, memberID: "m")) == .none)
        await bench.broker.start()
        #expect(await bench.commit(1) == .none)
        try await bench.close()
        #expect(await bench.commit(1) == .coordinatorNotAvailable)
    }

    @Test("who waits for a rebalance is sent away when the node stops")
    func stopping() async throws {
        let bench = try await GroupBench()
        let join = Task { await bench.join(instance: "a") }
        try await bench.groups.prepare()
        try await bench.waitForMembers(1)
        await bench.broker.stop()
        #expect(await join.value.errorCode == .notCoordinator)
        try await bench.close()
    }

    @Test("a client whose connection is closed while it waits does not keep anybody")
    func cancellation() async throws {
        let bench = try await GroupBench()
        let join = Task { await bench.join(instance: "a") }
        try await bench.groups.prepare()
        try await bench.waitForMembers(1)
        join.cancel()
        #expect(await join.value.errorCode == .notCoordinator)
        bench.advance(by: 3)
        #expect(bench.describe().groupState == "CompletingRebalance")
        try await bench.close()
    }

    @Test("deadlines are kept, and offsets looked after, without anybody asking")
    func alarm() async throws {
        let bench = try await GroupBench(wakes: true)
        let join = Task { await bench.join(instance: "a") }
        try await bench.groups.prepare()
        try await bench.waitForMembers(1)
        bench.clock.advance(by: .seconds(3))
        let member = await join.value
        #expect(await bench.sync(member, instance: "a").errorCode == .none)
        #expect(await bench.commit(1, group: "other") == .none)
        // The first moment is past because of this, and nobody dies of it.
        bench.clock.advance(by: .seconds(9))
        #expect(bench.heartbeat(member) == .none)
        bench.clock.advance(by: .seconds(9))
        #expect(bench.heartbeat(member) == .none)
        bench.clock.advance(by: .seconds(11))
        while bench.describe().groupState != "Empty" { await Task.yield() }
        bench.clock.advance(by: .seconds(7 * 24 * 3600))
        while bench.list() != [] { await Task.yield() }
        #expect(bench.fetch("other") == "")
        try await bench.close()
    }

    @Test("a deadline is kept that comes nearer only when something is stored")
    func alarmAfterStoring() async throws {
        let bench = try await GroupBench(wakes: true)
        let join = Task { await bench.join(instance: "a") }
        try await bench.groups.prepare()
        try await bench.waitForMembers(1)
        bench.clock.advance(by: .seconds(3))
        let member = await join.value
        let gate = DispatchGroup()
        gate.enter()
        let injector = FaultInjector.install(under: GroupBench.root) { call in
            if call.name == .fdatasync { gate.wait() }
            return .proceed
        }
        defer { injector.remove() }
        let sync = Task { await bench.sync(member, instance: "a") }
        while injector.count(of: .fdatasync) == 0 { await Task.yield() }
        // Who waits does not die, so that the next moment is that at which the rebalance would end.
        let partition = try bench.groups.partition(of: "g")
        let before = try #require(partition.nextDeadline)
        bench.clock.advance(by: .seconds(10))
        while partition.nextDeadline == before { await Task.yield() }
        gate.leave()
        #expect(await sync.value.errorCode == .none)
        bench.clock.advance(by: .seconds(10))
        while bench.describe().groupState != "Empty" { await Task.yield() }
        try await bench.close()
    }

    @Test("groups that Kafka has stored are served", arguments: Fixtures.State.allCases)
    func kafka(state: Fixtures.State) async throws {
        var (offsets, groups) = (OffsetTable(), Set<String>())
        for (key, value) in try KafkaGroupRecords.all(state) {
            guard let record = try GroupRecord(key: key, value: value) else { continue }
            offsets.apply(record)
            if case .group(let key, let value) = record {
                if value == nil { groups.remove(key.groupID) } else { groups.insert(key.groupID) }
            }
        }
        try Fixtures.copy(Fixtures.logDirectory(state), to: GroupBench.root)
        let bench = try await GroupBench()
        groups.formUnion(offsets.groupIDs)
        #expect(!groups.isEmpty)
        #expect(Set(bench.groups.list(ListGroupsRequest()).groups.map(\.groupID)) == groups)
        for group in groups {
            var wanted = OffsetFetchRequest.Group()
            (wanted.groupID, wanted.topics) = (group, nil)
            var request = OffsetFetchRequest()
            request.groups = [wanted]
            #expect(bench.groups.fetch(request, version: 8).groups == [offsets.fetch(wanted)])
        }
        try await bench.close()
    }

    @Test("a group whose partition is damaged is not served, and others are")
    func damage() async throws {
        let bench = try await GroupBench()
        #expect(await bench.commit(1, group: "g") == .none)
        #expect(await bench.commit(2, group: "h") == .none)
        let log = try bench.log(of: "g")
        #expect(try bench.log(of: "h") !== log)
        _ = try log.append(records: [Record(key: [0, 1, 0], value: [])])
        try await log.flush()
        try await bench.close()

        let again = try await GroupBench()
        #expect(again.fetch("g") == "\(ErrorCode.notCoordinator)")
        #expect(await again.commit(3, group: "g") == .notCoordinator)
        #expect(again.fetch("h") == "t-0=2")
        #expect(again.list() == ["h Empty"])
        try await again.close()
    }

    @Test("a group's partition is that of the hash that Kafka takes")
    func partitions() {
        #expect(OffsetsTopic.partition(of: "", count: 50) == 0)
        #expect(
            OffsetsTopic.partition(of: "console-consumer-12345", count: 50) == Self.reference("console-consumer-12345")
        )
        #expect(OffsetsTopic.partition(of: "gruppe-ä-😀", count: 50) == Self.reference("gruppe-ä-😀"))
        // "polygenelubricants" is known for the hash that has no absolute value.
        #expect(OffsetsTopic.partition(of: "polygenelubricants", count: 50) == 0)
    }

    private static func reference(_ text: String) -> Int {
        var hash: Int64 = 0
        for unit in text.utf16 { hash = (hash * 31 + Int64(unit)) % (1 << 32) }
        if hash >= 1 << 31 { hash -= 1 << 32 }
        return Int(abs(hash) % 50)
    }
}
