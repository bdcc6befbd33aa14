import KafkaProtocol
import LogServer
import RecordBatch
import Testing

/// What every request is answered in every state.
@Suite("What a group answers")
struct GroupAnswerTests {
    /// A row of the table.
    ///
    /// The members are a leader, and a static one of the instance `b`.
    enum Request: CaseIterable {
        case joinWithoutID, joinWithoutIDBeforeKIP394, joinAsNewInstance, joinWithOtherProtocol, joinWithUnknownID
        case joinAsKnownInstance, joinAsOtherOfInstance, joinAsLeader, joinAsFollower, joinAsChangedFollower
        case joinWithShortSession
        case syncAsLeader, syncAsFollower, syncAsUnknown, syncAsOtherOfInstance, syncForOldGeneration
        case syncForOtherProtocol, syncForOtherType, syncWithoutProtocol
        case beat, beatAsUnknown, beatAsOtherOfInstance, beatForOldGeneration
        case leave, leaveAsUnknown, leaveByInstance, leaveByUnknownInstance, leaveAsOtherOfInstance
        case commit, commitAsUnknown, commitAsOtherOfInstance, commitForOldGeneration, commitAsNobody
        case delete, deleteOffsets
    }

    private static let unknown = "UNKNOWN_MEMBER_ID"
    private static let gone = "COORDINATOR_NOT_AVAILABLE"

    /// In the states Empty, PreparingRebalance (the leader has joined again), CompletingRebalance, Stable and Dead.
    private static let answers: [(request: Request, inStates: [String])] = [
        (.joinWithoutID, Array(repeating: "MEMBER_ID_REQUIRED", count: 4) + [gone]),
        (.joinWithoutIDBeforeKIP394, ["waits", "waits", "waits", "waits", gone]),
        (.joinAsNewInstance, ["waits", "waits", "waits", "waits", gone]),
        (.joinWithOtherProtocol, ["waits"] + Array(repeating: "INCONSISTENT_GROUP_PROTOCOL", count: 3) + [gone]),
        (.joinWithUnknownID, [unknown, unknown, unknown, unknown, gone]),
        (.joinAsKnownInstance, ["waits", "NONE", "waits", "NONE", gone]),
        (.joinAsOtherOfInstance, [unknown] + Array(repeating: "FENCED_INSTANCE_ID", count: 3) + [gone]),
        (.joinAsLeader, [unknown, "waits", "NONE", "waits", gone]),
        (.joinAsFollower, [unknown, "NONE", "NONE", "NONE", gone]),
        (.joinAsChangedFollower, [unknown, "NONE", "waits", "waits", gone]),
        (.joinWithShortSession, Array(repeating: "INVALID_SESSION_TIMEOUT", count: 5)),
        (.syncAsLeader, [unknown, "REBALANCE_IN_PROGRESS", "NONE", "NONE", gone]),
        (.syncAsFollower, [unknown, "REBALANCE_IN_PROGRESS", "waits", "NONE", gone]),
        (.syncAsUnknown, [unknown, unknown, unknown, unknown, gone]),
        (.syncAsOtherOfInstance, [unknown] + Array(repeating: "FENCED_INSTANCE_ID", count: 3) + [gone]),
        (.syncForOldGeneration, [unknown] + Array(repeating: "ILLEGAL_GENERATION", count: 3) + [gone]),
        (.syncForOtherProtocol, [unknown] + Array(repeating: "INCONSISTENT_GROUP_PROTOCOL", count: 3) + [gone]),
        (.syncForOtherType, [unknown] + Array(repeating: "INCONSISTENT_GROUP_PROTOCOL", count: 3) + [gone]),
        (.syncWithoutProtocol, Array(repeating: "INCONSISTENT_GROUP_PROTOCOL", count: 5)),
        (.beat, [unknown, "REBALANCE_IN_PROGRESS", "NONE", "NONE", gone]),
        (.beatAsUnknown, [unknown, unknown, unknown, unknown, gone]),
        (.beatAsOtherOfInstance, [unknown] + Array(repeating: "FENCED_INSTANCE_ID", count: 3) + [gone]),
        (.beatForOldGeneration, [unknown] + Array(repeating: "ILLEGAL_GENERATION", count: 3) + [gone]),
        (.leave, [unknown, "NONE", "NONE", "NONE", gone]),
        (.leaveAsUnknown, [unknown, unknown, unknown, unknown, gone]),
        (.leaveByInstance, [unknown, "NONE", "NONE", "NONE", gone]),
        (.leaveByUnknownInstance, [unknown, unknown, unknown, unknown, gone]),
        (.leaveAsOtherOfInstance, [unknown] + Array(repeating: "FENCED_INSTANCE_ID", count: 3) + [gone]),
        (.commit, [unknown, "NONE", "REBALANCE_IN_PROGRESS", "NONE", gone]),
        (.commitAsUnknown, [unknown, unknown, unknown, unknown, gone]),
        (.commitAsOtherOfInstance, [unknown] + Array(repeating: "FENCED_INSTANCE_ID", count: 3) + [gone]),
        (.commitForOldGeneration, [unknown] + Array(repeating: "ILLEGAL_GENERATION", count: 3) + [gone]),
        (.commitAsNobody, ["NONE", unknown, unknown, unknown, gone]),
        (.delete, ["NONE"] + Array(repeating: "NON_EMPTY_GROUP", count: 3) + ["GROUP_ID_NOT_FOUND"]),
        (.deleteOffsets, ["NONE", "NONE", "NONE", "NONE", "GROUP_ID_NOT_FOUND"]),
    ]

    @Test("the table has every request and every state")
    func complete() {
        #expect(Set(Self.answers.map(\.request)) == Set(Request.allCases))
        for row in Self.answers { #expect(row.inStates.count == GroupState.allCases.count, "\(row.request)") }
    }

    @Test("every request is answered as Kafka answers it in that state", arguments: GroupState.allCases)
    func table(state: GroupState) throws {
        let column = try #require(GroupState.allCases.firstIndex(of: state))
        for (request, expected) in Self.answers {
            var (simulation, leader, follower) = try Self.group(in: state)
            let outcome = Self.send(request, leader, follower, &simulation)
            #expect(outcome == expected[column], "\(request) in \(state)")
        }
    }

    private static func group(in state: GroupState) throws -> (GroupSimulation, leader: String, follower: String) {
        switch state {
        case .empty:
            var (simulation, leader, follower) = try GroupSimulation.stable()
            _ = simulation.leave([(leader, nil), ("", "b")])
            try #require(simulation.group.state == .empty)
            return (simulation, leader, follower)
        case .preparingRebalance:
            var (simulation, leader, follower) = try GroupSimulation.stable()
            simulation.join(leader)
            try #require(simulation.group.state == .preparingRebalance)
            return (simulation, leader, follower)
        case .completingRebalance: return try GroupSimulation.completing()
        case .stable: return try GroupSimulation.stable()
        case .dead:
            var (simulation, leader, follower) = try GroupSimulation.stable()
            simulation.unload()
            try #require(simulation.group.state == .dead)
            return (simulation, leader, follower)
        }
    }

    private static func send(
        _ request: Request,
        _ leader: String,
        _ follower: String,
        _ group: inout GroupSimulation
    ) -> String {
        let old = GenerationID(group.group.generation.rawValue - 1)
        func outcome(_ request: WaitingRequest) -> String { group.outcome(request) }
        func outcome(_ response: LeaveGroupResponse) -> String {
            (response.members.first?.errorCode ?? response.errorCode).description
        }
        switch request {
        case .joinWithoutID: return outcome(group.join())
        case .joinWithoutIDBeforeKIP394: return outcome(group.join(version: 3))
        case .joinAsNewInstance: return outcome(group.join(instance: "new"))
        case .joinWithOtherProtocol: return outcome(group.join(version: 3) { $0.protocols[0].name = "other" })
        case .joinWithUnknownID: return outcome(group.join("stranger"))
        case .joinAsKnownInstance: return outcome(group.join(instance: "b"))
        case .joinAsOtherOfInstance: return outcome(group.join("stranger", instance: "b"))
        case .joinAsLeader: return outcome(group.join(leader))
        case .joinAsFollower: return outcome(group.join(follower, instance: "b"))
        case .joinAsChangedFollower:
            return outcome(group.join(follower, instance: "b") { $0.protocols = [.reading(["t", "u"])] })
        case .joinWithShortSession: return outcome(group.join { $0.sessionTimeoutMs = 5999 })
        case .syncAsLeader: return outcome(group.sync(leader))
        case .syncAsFollower: return outcome(group.sync(follower, instance: "b"))
        case .syncAsUnknown: return outcome(group.sync("stranger"))
        case .syncAsOtherOfInstance: return outcome(group.sync(leader, instance: "b"))
        case .syncForOldGeneration: return outcome(group.sync(leader) { $0.generationID = old.rawValue })
        case .syncForOtherProtocol: return outcome(group.sync(leader) { $0.protocolName = "sticky" })
        case .syncForOtherType: return outcome(group.sync(leader) { $0.protocolType = "connect" })
        case .syncWithoutProtocol: return outcome(group.sync(leader) { $0.protocolName = nil })
        case .beat: return group.heartbeat(leader).description
        case .beatAsUnknown: return group.heartbeat("stranger").description
        case .beatAsOtherOfInstance: return group.heartbeat(leader, instance: "b").description
        case .beatForOldGeneration: return group.heartbeat(leader, generation: old).description
        case .leave: return outcome(group.leave(leader))
        case .leaveAsUnknown: return outcome(group.leave("stranger"))
        case .leaveByInstance: return outcome(group.leave(instance: "b"))
        case .leaveByUnknownInstance: return outcome(group.leave(instance: "new"))
        case .leaveAsOtherOfInstance: return outcome(group.leave(leader, instance: "b"))
        case .commit: return group.commit(leader).description
        case .commitAsUnknown: return group.commit("stranger").description
        case .commitAsOtherOfInstance: return group.commit(leader, instance: "b").description
        case .commitForOldGeneration: return group.commit(leader, generation: old).description
        case .commitAsNobody: return group.commit("", generation: GenerationID.none).description
        case .delete: return group.delete().description
        case .deleteOffsets: return group.group.offsetDeleteError.description
        }
    }

    @Test("a group without a name is nobody's, but for committed offsets")
    func nameless() {
        let now = GroupTime(instant: .now, timestamp: Timestamp(0))
        var group = ConsumerGroup("", GroupConfiguration(), now: now)
        let joiner = Joiner(WaitingRequest(rawValue: 1), version: 9, clientID: "", clientHost: "", uniqueSuffix: "")
        guard case .answerJoin(_, let response) = group.join(JoinGroupRequest(), by: joiner, now: now).first else {
            Issue.record("not answered")
            return
        }
        #expect(response.errorCode == .invalidGroupID)
        #expect(group.heartbeat(HeartbeatRequest(), now: now) == .invalidGroupID)
        #expect(group.leave(LeaveGroupRequest(), version: 5, now: now).response.errorCode == .invalidGroupID)
        #expect(group.commitError(OffsetCommitRequest(), now: now) == .none)
    }

    @Test("offsets may be committed where there is no group, but not for a generation")
    func commitWithoutGroup() {
        var request = OffsetCommitRequest()
        #expect(ConsumerGroup.commitErrorWithoutGroup(request, version: 9) == .none)
        request.generationIDOrMemberEpoch = 0
        #expect(ConsumerGroup.commitErrorWithoutGroup(request, version: 8) == .illegalGeneration)
        #expect(ConsumerGroup.commitErrorWithoutGroup(request, version: 9) == .groupIDNotFound)
    }
}
