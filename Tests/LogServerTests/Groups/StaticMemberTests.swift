import KafkaProtocol
import LogServer
import Testing

@Suite("Static members")
struct StaticMemberTests {
    @Test("one that starts again gets its assignment without a rebalance, and its old id is fenced")
    func restart() throws {
        var (group, leader, follower) = try GroupSimulation.stable()
        let join = group.join(instance: "b")
        let answer = try group.answer(join)
        #expect(answer.errorCode == .none)
        #expect(answer.generationID == 1)
        #expect(answer.memberID != follower)
        #expect(answer.leader == leader)
        #expect(!answer.skipAssignment)
        let sync = group.sync(answer.memberID, instance: "b")
        #expect(try group.syncAnswer(sync).assignment == [2])
        #expect(group.heartbeat(leader) == .none)
        #expect(group.heartbeat(follower, instance: "b") == .fencedInstanceID)
        #expect(group.heartbeat(follower) == .unknownMemberID)
        #expect(group.stored.last?.members.map(\.memberID) == [leader, answer.memberID])
        #expect(group.stored.last?.members.map(\.assignment) == [[1], [2]])
    }

    /// A group with nobody but static members, of which `a` leads.
    private func stable() throws -> (group: GroupSimulation, leader: String) {
        var group = GroupSimulation()
        let join = group.join(instance: "a")
        group.advance(by: .seconds(3))
        let leader = try group.answer(join).memberID
        group.sync(leader, instance: "a", assigning: [leader: [7]])
        try #require(group.group.state == .stable)
        return (group, leader)
    }

    @Test("a leader that starts again learns that it need not assign, if its version can say so")
    func leaderRestart() throws {
        var (group, _) = try stable()
        let join = group.join(instance: "a", version: 9)
        let answer = try group.answer(join)
        #expect(answer.skipAssignment)
        #expect(answer.leader == answer.memberID)
        #expect(answer.members.map(\.memberID) == [answer.memberID])
        let sync = group.sync(answer.memberID, instance: "a")
        #expect(try group.syncAnswer(sync).assignment == [7])
    }

    @Test("a leader that starts again does not learn that it leads, if it would assign then")
    func oldLeaderRestart() throws {
        var (group, leader) = try stable()
        let join = group.join(instance: "a", version: 8)
        let answer = try group.answer(join)
        #expect(answer.leader == leader)
        #expect(answer.leader != answer.memberID)
        #expect(answer.members == [])
        #expect(group.group.leaderID == answer.memberID)
    }

    @Test("one that starts again while the group waits for the leader's assignment makes another generation")
    func restartBeforeAssignment() throws {
        var (group, leader, follower) = try GroupSimulation.completing()
        let sync = group.sync(follower, instance: "b")
        let join = group.join(instance: "b")
        #expect(group.outcome(sync) == "FENCED_INSTANCE_ID")
        let leaderJoin = group.join(leader)
        #expect(try group.answer(join).generationID == 2)
        #expect(group.outcome(leaderJoin) == "NONE")
    }

    @Test("one that starts again while members join takes the place of the one that waits")
    func restartWhileJoining() throws {
        var group = GroupSimulation()
        let first = group.join(instance: "a")
        let second = group.join(instance: "a")
        #expect(group.outcome(first) == "FENCED_INSTANCE_ID")
        group.advance(by: .seconds(6))
        #expect(group.outcome(second) == "NONE")
        #expect(group.group.memberCount == 1)
    }

    @Test("one that starts again with another protocol than the group's makes another generation")
    func restartWithOtherProtocol() throws {
        var group = GroupSimulation()
        let both: (inout JoinGroupRequest) -> Void = {
            $0.protocols = [.reading(["t"], "range"), .reading(["t"], "sticky")]
        }
        let first = group.join(instance: "a", both)
        group.advance(by: .seconds(3))
        group.sync(try group.answer(first).memberID, instance: "a")
        let second = group.join(instance: "a") { $0.protocols = [.reading(["t"], "sticky")] }
        #expect(try group.answer(second).generationID == 2)
        #expect(try group.answer(second).protocolName == "sticky")
    }

    @Test("one that cannot be stored under its new id keeps the old one")
    func restartNotStored() throws {
        var (group, leader, follower) = try GroupSimulation.stable()
        group.storesAtOnce = false
        let join = group.join(instance: "b")
        #expect(group.outcome(join) == "waits")
        group.endWrite(.kafkaStorageError)
        #expect(group.outcome(join) == "NOT_COORDINATOR")
        #expect(group.heartbeat(follower, instance: "b") == .none)
        #expect(group.heartbeat(leader) == .none)
        group.storesAtOnce = true
        let again = group.join(instance: "b")
        #expect(group.outcome(again) == "NONE")
    }

    @Test("one whose new id is stored only when members join again is answered with them")
    func restartOvertaken() throws {
        var (group, leader, _) = try GroupSimulation.stable()
        group.storesAtOnce = false
        let join = group.join(instance: "b")
        let leaderJoin = group.join(leader)
        #expect(try group.answer(join).generationID == 2)
        #expect(group.outcome(leaderJoin) == "NONE")
        group.endWrite()
        #expect(group.waiting == [])
    }

    @Test("one that starts again twice before it is stored is answered the second time")
    func restartsTwice() throws {
        var (group, _, _) = try GroupSimulation.stable()
        group.storesAtOnce = false
        let first = group.join(instance: "b")
        let second = group.join(instance: "b")
        #expect(group.outcome(first) == "FENCED_INSTANCE_ID")
        group.endWrite()
        #expect(group.outcome(second) == "waits")
        group.endWrite()
        #expect(group.outcome(second) == "NONE")
    }

    @Test("one that does not join again in time stays a member, without a say, until its session is over")
    func slow() throws {
        var (group, leader, follower) = try GroupSimulation.stable()
        let quick: (inout JoinGroupRequest) -> Void = { $0.rebalanceTimeoutMs = 5_000 }
        let first = group.join(leader, quick)
        group.join(follower, instance: "b", quick)
        #expect(group.outcome(first) == "NONE")
        group.sync(leader)
        group.sync(follower, instance: "b")
        let second = group.join(leader, quick)
        group.advance(by: .seconds(5))
        #expect(try group.answer(second).members.map(\.memberID) == [leader, follower])
        #expect(group.heartbeat(follower, instance: "b") == .none)
        group.sync(leader)
        group.advance(by: .seconds(5))
        // It has not asked for the assignment either.
        #expect(group.heartbeat(follower, instance: "b") == .unknownMemberID)
    }

    @Test("one whose session ends while it is waited for is waited for no longer")
    func dies() throws {
        var (group, leader, _) = try GroupSimulation.stable()
        let join = group.join(leader)
        group.advance(by: .seconds(9))
        #expect(group.outcome(join) == "waits")
        group.advance(by: .seconds(1))
        #expect(try group.answer(join).members.map(\.memberID) == [leader])
    }

    @Test("one that leads and does not join again in time leads no longer")
    func slowLeader() throws {
        var (group, leader) = try stable()
        let (id, join) = try group.enter { $0.rebalanceTimeoutMs = 5_000 }
        for _ in 0..<12 {
            group.advance(by: .seconds(5))
            #expect(group.heartbeat(leader, instance: "a") != .unknownMemberID)
        }
        let answer = try group.answer(join)
        #expect(answer.leader == id)
        #expect(answer.members.map(\.memberID) == [leader, id])
    }

    @Test("one that starts again and does not ask for its assignment is taken out as the old one would be")
    func restartWithoutSync() throws {
        var (group, leader, _) = try GroupSimulation.completing()
        group.sync(leader)
        #expect(group.group.state == .stable)
        let join = group.join(instance: "b")
        let id = try group.answer(join).memberID
        for _ in 0..<12 {
            #expect(group.heartbeat(id, instance: "b") == .none)
            #expect(group.heartbeat(leader) == .none)
            group.advance(by: .seconds(5))
        }
        #expect(group.heartbeat(id, instance: "b") == .unknownMemberID)
    }

    @Test("one that cannot be stored knows the protocols that it knew before")
    func protocolsNotStored() throws {
        var group = GroupSimulation()
        let first = group.join(instance: "a") {
            $0.protocols = [.reading(["t"], "range"), .reading(["t"], "sticky")]
        }
        group.advance(by: .seconds(3))
        group.sync(try group.answer(first).memberID, instance: "a")
        group.storesAtOnce = false
        group.join(instance: "a") { $0.protocols = [.reading(["t"], "range")] }
        let refused = group.join { $0.protocols = [.reading(["t"], "sticky")] }
        group.endWrite(.kafkaStorageError)
        let accepted = group.join { $0.protocols = [.reading(["t"], "sticky")] }
        #expect(group.outcome(refused) == "INCONSISTENT_GROUP_PROTOCOL")
        #expect(group.outcome(accepted) == "MEMBER_ID_REQUIRED")
    }

    @Test("static members of which none joins again are waited for until their sessions are over")
    func allSlow() throws {
        var (group, leader) = try stable()
        // Removing the one that did join leaves one that never will.
        let other = group.join(instance: "c") {
            $0.sessionTimeoutMs = 30_000; $0.rebalanceTimeoutMs = 6_000
        }
        group.join(leader, instance: "a") {
            $0.rebalanceTimeoutMs = 6_000; $0.sessionTimeoutMs = 30_000
        }
        group.sync(leader, instance: "a")
        group.sync(try group.answer(other).memberID, instance: "c")
        let (id, join) = try group.enter { $0.rebalanceTimeoutMs = 6_000 }
        group.leave(id)
        #expect(group.outcome(join) == "UNKNOWN_MEMBER_ID")
        group.advance(by: .seconds(20))
        #expect(group.group.state == .preparingRebalance)
        #expect(group.group.memberCount == 2)
        group.advance(by: .seconds(20))
        #expect(group.group.state == .empty)
    }
}
