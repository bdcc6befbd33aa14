import KafkaProtocol
import LogServer
import Testing

@Suite("Rebalances")
struct RebalanceTests {
    @Test("members join, one leaves, one crashes: each time a generation of those who are left")
    func comingAndGoing() throws {
        var group = GroupSimulation()
        let members = try (0..<3).map { _ in try group.enter() }
        let ids = members.map(\.id)
        group.advance(by: .seconds(6))
        for (id, request) in members {
            let answer = try group.answer(request)
            #expect(answer.generationID == 1)
            #expect(answer.leader == ids[0])
            #expect(answer.protocolName == "range")
            #expect(answer.protocolType == "consumer")
            // Only the leader needs to know the others.
            #expect(answer.members.map(\.memberID) == (id == ids[0] ? ids : []))
        }
        let early = group.sync(ids[1])
        #expect(group.outcome(early) == "waits")
        group.sync(ids[0], assigning: [ids[0]: [0], ids[1]: [1]])
        #expect(try group.syncAnswer(early).assignment == [1])
        // Whom the leader has forgotten gets nothing.
        let late = group.sync(ids[2])
        #expect(try group.syncAnswer(late).assignment == [])
        #expect(group.group.state == .stable)

        #expect(group.leave(ids[0]).members[0].errorCode == .none)
        #expect(group.heartbeat(ids[1]) == .rebalanceInProgress)
        let second = [group.join(ids[1]), group.join(ids[2])]
        #expect(try second.map { try group.answer($0).generationID } == [2, 2])
        #expect(try group.answer(second[0]).leader == ids[1])
        group.sync(ids[1], assigning: [ids[1]: [1], ids[2]: [2]])
        group.sync(ids[2])

        group.advance(by: .seconds(9))
        #expect(group.heartbeat(ids[1]) == .none)
        group.advance(by: .seconds(2))
        #expect(group.heartbeat(ids[1]) == .rebalanceInProgress)
        #expect(group.heartbeat(ids[2]) == .unknownMemberID)
        let third = group.join(ids[1])
        #expect(try group.answer(third).generationID == 3)
        #expect(try group.answer(third).members.map(\.memberID) == [ids[1]])
    }

    @Test("the first rebalance waits as long as members keep coming, but not beyond the rebalance timeout")
    func initialDelay() throws {
        var group = GroupSimulation()
        var requests: [WaitingRequest] = []
        for _ in 0..<5 {
            requests.append(try group.enter { $0.rebalanceTimeoutMs = 10_000 }.request)
            group.advance(by: .seconds(2))
        }
        #expect(group.seconds == 10)
        #expect(requests.allSatisfy { group.outcome($0) == "NONE" })
        #expect(try group.answer(requests[0]).members.count == 5)
    }

    @Test("a lone first member waits for the delay once; with a delay of 0, not at all")
    func shortInitialDelay() throws {
        var group = GroupSimulation()
        let request = try group.enter().request
        group.advance(by: .milliseconds(2999))
        #expect(group.outcome(request) == "waits")
        group.advance(by: .milliseconds(1))
        #expect(group.outcome(request) == "NONE")
        var hasty = GroupSimulation { $0.initialRebalanceDelay = .zero }
        let immediate = try hasty.enter().request
        hasty.advance(by: .zero)
        #expect(hasty.outcome(immediate) == "NONE")
    }

    @Test("when the leader dies before it assigns, the others join again and another one leads")
    func leaderDies() throws {
        var group = GroupSimulation()
        let members = try (0..<3).map { _ in try group.enter().id }
        group.advance(by: .seconds(6))
        let syncs = [group.sync(members[1]), group.sync(members[2])]
        group.advance(by: .seconds(10))
        #expect(syncs.map { group.outcome($0) } == ["REBALANCE_IN_PROGRESS", "REBALANCE_IN_PROGRESS"])
        let joins = [group.join(members[1]), group.join(members[2])]
        #expect(try joins.map { try group.answer($0).leader } == [members[1], members[1]])
        #expect(try group.answer(joins[0]).generationID == 2)
    }

    @Test(
        "a leader that lives but does not assign is taken out at the rebalance timeout, as is a follower that does not ask"
    )
    func doesNotSync() throws {
        for silent in 0..<2 {
            var group = GroupSimulation()
            let members = try (0..<2).map { _ in try group.enter().id }
            group.advance(by: .seconds(6))
            let sync = group.sync(members[1 - silent])
            for _ in 0..<11 {
                group.advance(by: .seconds(5))
                for member in members { #expect(group.heartbeat(member) == .none) }
            }
            group.advance(by: .seconds(5))
            #expect(group.heartbeat(members[silent]) == .unknownMemberID)
            #expect(group.heartbeat(members[1 - silent]) == .rebalanceInProgress)
            #expect(group.outcome(sync) == (silent == 0 ? "REBALANCE_IN_PROGRESS" : "NONE"))
        }
    }

    @Test("who has not asked for an assignment is not taken out for it when members join again")
    func syncIsOver() throws {
        var (group, leader, follower) = try GroupSimulation.completing()
        for _ in 0..<11 {
            group.advance(by: .seconds(5))
            for member in [leader, follower] { #expect(group.heartbeat(member) == .none) }
        }
        let join = group.join(leader) { $0.protocols = [.reading(["u"])] }
        for _ in 0..<3 {
            group.advance(by: .seconds(4))
            #expect(group.heartbeat(follower) == .rebalanceInProgress)
        }
        #expect(group.outcome(join) == "waits")
    }

    @Test("who lives but does not join again is taken out at the rebalance timeout, the longest of all members'")
    func rebalanceTimeout() throws {
        var group = GroupSimulation()
        let (slow, _) = try group.enter { $0.rebalanceTimeoutMs = 20_000 }
        let (quick, _) = try group.enter { $0.rebalanceTimeoutMs = 5_000 }
        group.advance(by: .seconds(6))
        group.sync(slow)
        group.sync(quick)
        let join = group.join(quick) {
            $0.protocols = [.reading(["u"])]
            $0.rebalanceTimeoutMs = 5_000
        }
        for _ in 0..<2 {
            group.advance(by: .seconds(9))
            #expect(group.heartbeat(slow) == .rebalanceInProgress)
        }
        #expect(group.outcome(join) == "waits")
        group.advance(by: .seconds(2))
        #expect(try group.answer(join).generationID == 2)
        #expect(try group.answer(join).leader == quick)
        #expect(group.heartbeat(slow) == .unknownMemberID)
    }

    @Test("a member that asks to join again while it waits is answered once, and its first request told to try again")
    func joinsTwice() throws {
        var (group, leader, follower) = try GroupSimulation.stable()
        let first = group.join(leader)
        let second = group.join(leader)
        #expect(group.outcome(first) == "REBALANCE_IN_PROGRESS")
        group.join(follower, instance: "b")
        #expect(group.outcome(second) == "NONE")
        let sync = group.sync(follower, instance: "b")
        let again = group.sync(follower, instance: "b")
        #expect(group.outcome(sync) == "REBALANCE_IN_PROGRESS")
        #expect(group.outcome(again) == "waits")
    }

    @Test("an id that was given out is waited for until its session is over, and then forgotten")
    func pendingMember() throws {
        var (group, leader, follower) = try GroupSimulation.stable()
        let pending = group.join()
        let join = group.join(leader)
        group.join(follower, instance: "b")
        #expect(group.outcome(join) == "waits")
        group.advance(by: .seconds(10))
        #expect(group.outcome(join) == "NONE")
        let late = group.join(try group.answer(pending).memberID)
        #expect(group.outcome(late) == "UNKNOWN_MEMBER_ID")
    }

    @Test("an id that was given out can be given back, and does not make a static member")
    func pendingMemberLeaves() throws {
        var (group, leader, follower) = try GroupSimulation.stable()
        let pending = group.join()
        let id = try group.answer(pending).memberID
        let asInstance = group.join(id, instance: "new")
        #expect(group.outcome(asInstance) == "UNKNOWN_MEMBER_ID")
        let join = group.join(leader)
        group.join(follower, instance: "b")
        #expect(group.leave(id).members[0].errorCode == .none)
        #expect(group.outcome(join) == "NONE")
    }

    @Test("a new member that is not answered within five minutes is told to try again")
    func newMemberTimeout() throws {
        var group = GroupSimulation()
        let (leader, _) = try group.enter { $0.rebalanceTimeoutMs = 600_000 }
        group.advance(by: .seconds(3))
        group.sync(leader)
        let (_, join) = try group.enter()
        for _ in 0..<60 {
            group.advance(by: .seconds(5))
            #expect(group.heartbeat(leader) == .rebalanceInProgress)
        }
        #expect(group.outcome(join) == "UNKNOWN_MEMBER_ID")
        #expect(group.group.memberCount == 1)
    }

    @Test("the last member leaves an empty group behind, of another generation, which is stored")
    func becomesEmpty() throws {
        var (group, leader, _) = try GroupSimulation.stable()
        let response = group.leave([("stranger", nil), (leader, nil), ("", "b"), ("", "b")])
        #expect(response.errorCode == .none)
        #expect(response.members.map(\.errorCode) == [.unknownMemberID, .none, .none, .unknownMemberID])
        #expect(group.group.state == .empty)
        #expect(group.stored.last?.members == [])
        #expect(group.stored.last?.generation == 2)
        #expect(group.stored.last?.protocolName == nil)
        #expect(group.stored.last?.currentStateTimestamp == group.now.timestamp)
        #expect(group.group.nextDeadline == nil)
        let (_, join) = try group.enter()
        group.advance(by: .seconds(3))
        #expect(try group.answer(join).generationID == 3)
    }

    @Test("before version 3 one member leaves, and its error is the answer's")
    func leavesAlone() throws {
        var (group, leader, _) = try GroupSimulation.stable()
        var request = LeaveGroupRequest()
        request.memberID = "stranger"
        #expect(group.leave(request, version: 2).errorCode == .unknownMemberID)
        #expect(group.group.state == .stable)
        request.memberID = leader
        let response = group.leave(request, version: 2)
        #expect(response.errorCode == .none)
        #expect(response.members == [])
        #expect(group.group.state == .preparingRebalance)
    }

    @Test("who is made to leave while it waits is told so")
    func leavesWhileWaiting() throws {
        var (group, leader, follower) = try GroupSimulation.completing()
        let sync = group.sync(follower, instance: "b")
        group.leave(instance: "b")
        #expect(group.outcome(sync) == "UNKNOWN_MEMBER_ID")
        let (id, join) = try group.enter()
        group.leave(id)
        #expect(group.outcome(join) == "UNKNOWN_MEMBER_ID")
        #expect(try group.answer(join).memberID == "")
        let last = group.join(leader)
        #expect(group.outcome(last) == "NONE")
    }

    @Test("consumers that revoke before others get rebalance twice, and keep what nobody else wants")
    func cooperative() throws {
        var group = GroupSimulation { $0.initialRebalanceDelay = .zero }
        let owning: (UInt8) -> (inout JoinGroupRequest) -> Void = { owned in
            { $0.protocols = [.reading(["t"], "cooperative-sticky", extra: [owned])] }
        }
        let asCooperative: (inout SyncGroupRequest) -> Void = { $0.protocolName = "cooperative-sticky" }
        let (first, _) = try group.enter(owning(0))
        group.advance(by: .zero)
        group.sync(first, assigning: [first: [2]], asCooperative)
        // Another one comes; the first goes on with what it has, and joins again without revoking anything.
        let (second, secondJoin) = try group.enter(owning(0))
        #expect(group.commit(first) == .none)
        let firstJoin = group.join(first, owning(2))
        #expect(try group.answer(firstJoin).generationID == 2)
        #expect(try group.answer(firstJoin).members.map(\.metadata.last) == [2, 0])
        #expect(group.commit(first) == .rebalanceInProgress)
        let wait = group.sync(second, asCooperative)
        group.sync(first, assigning: [first: [1], second: []], asCooperative)
        #expect(try group.syncAnswer(wait).assignment == [])
        // The first has revoked, which makes it join once more: now there is something for the second.
        let revoked = group.join(first, owning(1))
        #expect(group.outcome(revoked) == "waits")
        #expect(group.heartbeat(second) == .rebalanceInProgress)
        let again = group.join(second, owning(0))
        #expect(try group.answer(again).generationID == 3)
        #expect(try group.answer(secondJoin).generationID == 2)
        group.sync(first, assigning: [first: [1], second: [1]], asCooperative)
        let final = group.sync(second, asCooperative)
        #expect(try group.syncAnswer(final).assignment == [1])
        #expect(group.group.state == .stable)
    }
}
