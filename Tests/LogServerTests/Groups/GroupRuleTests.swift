import KafkaProtocol
import LogServer
import RecordBatch
import Testing

@Suite("Protocols, limits, storing and views of groups")
struct GroupRuleTests {
    private func reading(_ names: String...) -> (inout JoinGroupRequest) -> Void {
        { $0.protocols = names.map { .reading(["t"], $0) } }
    }

    @Test("the protocol that most members prefer is taken, of those that all have")
    func votes() throws {
        var group = GroupSimulation()
        let first = try group.enter(reading("only", "range", "sticky")).request
        try (0..<2).forEach { _ in _ = try group.enter(reading("sticky", "range")) }
        group.advance(by: .seconds(6))
        #expect(try group.answer(first).protocolName == "sticky")
        #expect(
            try group.answer(first).members.map(\.metadata)
                == Array(repeating: [0, 1, 0, 0, 0, 1, 0, 1, 116], count: 3)
        )
    }

    @Test("who has no protocol in common with the members, or another type, is refused")
    func inconsistent() throws {
        var group = GroupSimulation()
        _ = try group.enter(reading("range"))
        let requests = [
            group.join("", reading("sticky")),
            group.join("", reading()),
            group.join { $0.protocolType = "connect" },
        ]
        #expect(requests.map { group.outcome($0) } == Array(repeating: "INCONSISTENT_GROUP_PROTOCOL", count: 3))
        var empty = GroupSimulation()
        let nameless = [empty.join("", reading()), empty.join { $0.protocolType = "" }]
        #expect(nameless.map { empty.outcome($0) } == Array(repeating: "INCONSISTENT_GROUP_PROTOCOL", count: 2))
    }

    @Test(
        "session timeouts are held to the broker's bounds",
        arguments: [(5999, false), (6000, true), (1_800_001, false)]
    )
    func sessionBounds(timeout: Int32, isAllowed: Bool) {
        var group = GroupSimulation()
        let request = group.join { $0.sessionTimeoutMs = timeout }
        #expect(group.outcome(request) == (isAllowed ? "MEMBER_ID_REQUIRED" : "INVALID_SESSION_TIMEOUT"))
    }

    @Test("a full group takes nobody else, and of too many members the last ones to join again have to go")
    func maxSize() throws {
        var (group, leader, follower) = try GroupSimulation.stable { $0.maxSize = 2 }
        let third = group.join()
        #expect(group.outcome(third) == "GROUP_MAX_SIZE_REACHED")
        #expect(group.group.state == .stable)
        // After a restart with another limit.
        group.restore { $0.maxSize = 1 }
        #expect(group.group.state == .preparingRebalance)
        let join = group.join(follower, instance: "b")
        let refused = group.join(leader)
        #expect(group.outcome(refused) == "GROUP_MAX_SIZE_REACHED")
        #expect(try group.answer(join).generationID == 2)
        #expect(try group.answer(join).leader == follower)
    }

    @Test("members get their assignment when it is stored, and not before")
    func assignmentIsStored() throws {
        var (group, leader, follower) = try GroupSimulation.completing()
        group.storesAtOnce = false
        let syncs = [
            group.sync(follower, instance: "b"), group.sync(leader, assigning: [leader: [1], follower: [2]]),
        ]
        #expect(syncs.map { group.outcome($0) } == ["waits", "waits"])
        #expect(group.writes[0].metadata.members.map(\.assignment) == [[1], [2]])
        #expect(group.writes[0].metadata.members.map(\.groupInstanceID) == [nil, "b"])
        #expect(group.writes[0].metadata.leader == leader)
        group.advance(by: .seconds(100))
        #expect(syncs.map { group.outcome($0) } == ["waits", "waits"])
        group.endWrite()
        #expect(try syncs.map { try group.syncAnswer($0).assignment } == [[2], [1]])
        #expect(group.heartbeat(leader) == .none)
    }

    @Test("an assignment that cannot be stored is nobody's, and the members join again")
    func assignmentIsNotStored() throws {
        var (group, leader, follower) = try GroupSimulation.completing()
        group.storesAtOnce = false
        let syncs = [group.sync(follower, instance: "b"), group.sync(leader)]
        group.endWrite(.notEnoughReplicas)
        #expect(syncs.map { group.outcome($0) } == Array(repeating: "COORDINATOR_NOT_AVAILABLE", count: 2))
        #expect(group.heartbeat(leader) == .rebalanceInProgress)
    }

    @Test("an assignment that is stored when its generation is over, or stored twice, changes nothing")
    func assignmentIsLate() throws {
        var (group, leader, follower) = try GroupSimulation.completing()
        group.storesAtOnce = false
        group.sync(leader, assigning: [leader: [1]])
        group.sync(leader, assigning: [leader: [9]])
        let join = group.join(leader) { $0.protocols = [.reading(["u"])] }
        group.endWrite()
        #expect(group.group.state == .preparingRebalance)
        group.join(follower, instance: "b")
        #expect(group.outcome(join) == "NONE")
        group.endWrite()
        #expect(group.group.state == .completingRebalance)
    }

    @Test("a restored group is as it was, and its members have a session to be heard of again")
    func restored() throws {
        var (group, leader, follower) = try GroupSimulation.stable()
        group.advance(by: .seconds(9))
        group.restore()
        #expect(group.group.state == .stable)
        #expect(group.group.generation == GenerationID(1))
        #expect(group.group.subscribedTopics == ["t"])
        group.advance(by: .seconds(9))
        #expect(group.heartbeat(leader) == .none)
        let sync = group.sync(follower, instance: "b")
        #expect(try group.syncAnswer(sync).assignment == [2])
        let join = group.join(instance: "b")
        #expect(try group.answer(join).leader == leader)
        group.advance(by: .seconds(9))
        _ = group.heartbeat(try group.answer(join).memberID, instance: "b")
        group.advance(by: .seconds(2))
        #expect(group.heartbeat(leader) == .unknownMemberID)
    }

    @Test("a commit keeps a member alive, and a heartbeat does")
    func signsOfLife() throws {
        var (group, leader, follower) = try GroupSimulation.stable()
        for _ in 0..<5 {
            group.advance(by: .seconds(9))
            #expect(group.commit(leader) == .none)
            #expect(group.heartbeat(follower, instance: "b") == .none)
        }
    }

    @Test("whoever waits when the group goes to another coordinator is sent there")
    func unloaded() throws {
        var (group, leader, follower) = try GroupSimulation.completing()
        let sync = group.sync(follower, instance: "b")
        var joining = group
        let join = joining.join(leader) { $0.protocols = [.reading(["u"])] }
        group.unload()
        joining.unload()
        #expect(group.outcome(sync) == "NOT_COORDINATOR")
        #expect(joining.outcome(join) == "NOT_COORDINATOR")
        #expect(group.waiting == [] && joining.waiting == [])
        #expect(group.group.nextDeadline == nil)
    }

    @Test("a group of consumers reads what any of its members does; what cannot be understood reads everything")
    func subscriptions() throws {
        var group = GroupSimulation()
        _ = try group.enter { $0.protocols = [.reading(["t", "u"], extra: [0xff, 0xff, 0xff, 0xff])] }
        _ = try group.enter { $0.protocols = [.reading(["v"])] }
        group.advance(by: .seconds(6))
        #expect(group.group.subscribedTopics == ["t", "u", "v"])
        #expect(group.group.isSubscribed(to: "v") && !group.group.isSubscribed(to: "w"))
        for metadata in [[], [0], [0, 1, 0, 0, 0, 9], [255, 255, 0, 0, 0, 0]] as [[UInt8]] {
            var strange = GroupSimulation()
            _ = try strange.enter { $0.protocols[0].metadata = metadata }
            strange.advance(by: .seconds(3))
            #expect(strange.group.subscribedTopics == nil)
            #expect(strange.group.isSubscribed(to: "w"))
        }
    }

    @Test("offsets of a group of another type may be deleted only when it has no members")
    func offsetsOfOthers() throws {
        var group = GroupSimulation()
        let (id, _) = try group.enter { $0.protocolType = "connect" }
        #expect(group.group.offsetDeleteError == .nonEmptyGroup)
        group.advance(by: .seconds(3))
        group.leave(id)
        #expect(group.group.offsetDeleteError == .none)
        #expect(!group.group.isSubscribed(to: "t"))
    }

    @Test("a description has metadata and assignments only when the group is stable")
    func description() throws {
        let (stable, leader, _) = try GroupSimulation.stable()
        let described = stable.group.described(version: 6)
        #expect(described.groupState == "Stable")
        #expect(described.protocolType == "consumer")
        #expect(described.protocolData == "range")
        #expect(described.members.map(\.groupInstanceID) == [nil, "b"])
        #expect(described.members.map(\.memberAssignment) == [[1], [2]])
        #expect(described.members[0].memberID == leader)
        #expect(described.members[0].clientHost == "/127.0.0.1")
        #expect(!described.members[0].memberMetadata.isEmpty)
        let completing = try GroupSimulation.completing().simulation.group.described(version: 6)
        #expect(completing.groupState == "CompletingRebalance")
        #expect(completing.protocolData == "")
        #expect(completing.members.allSatisfy { $0.memberMetadata.isEmpty && $0.memberAssignment.isEmpty })
        var dead = stable
        dead.unload()
        #expect(dead.group.described(version: 5).groupState == "Dead")
        #expect(dead.group.described(version: 5).errorCode == .none)
        #expect(dead.group.described(version: 6).errorCode == .groupIDNotFound)
    }

    @Test("a group is listed if its state and type are asked for, in whatever case, or none are")
    func listing() throws {
        let group = try GroupSimulation.stable().simulation.group
        var request = ListGroupsRequest()
        let listed = try #require(group.listed(request))
        #expect([listed.groupID, listed.protocolType, listed.groupState] == ["g", "consumer", "Stable"])
        request.statesFilter = ["empty", "stable"]
        request.typesFilter = ["Classic"]
        #expect(group.listed(request) != nil)
        request.typesFilter = ["consumer"]
        #expect(group.listed(request) == nil)
        request.typesFilter = []
        request.statesFilter = ["Empty"]
        #expect(group.listed(request) == nil)
    }
}
