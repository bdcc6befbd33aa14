import KafkaProtocol
import LogServer
import RecordBatch
import Testing

/// A consumer group with a clock that only the test moves, and a log that stores at once unless told otherwise.
///
/// Fails the test when a request is answered that does not wait, or a generation left out.
struct GroupSimulation {
    private(set) var group: ConsumerGroup
    private(set) var now: GroupTime
    private(set) var joins: [WaitingRequest: JoinGroupResponse] = [:]
    private(set) var syncs: [WaitingRequest: SyncGroupResponse] = [:]
    private(set) var waiting: Set<WaitingRequest> = []
    /// What was stored, the last one last.
    private(set) var stored: [GroupMetadataValue] = []
    /// What is being stored, if that takes a while.
    private(set) var writes: [GroupWrite] = []
    var storesAtOnce = true

    private let start = ContinuousClock.now
    private var requestCount: UInt64 = 0
    private var generation = GenerationID(0)

    init(_ change: (inout GroupConfiguration) -> Void = { _ in }) {
        var configuration = GroupConfiguration()
        change(&configuration)
        now = GroupTime(instant: start, timestamp: Timestamp(1_000_000))
        group = ConsumerGroup("g", configuration, now: now)
    }

    /// Seconds since the beginning.
    var seconds: Double { (now.instant - start) / .seconds(1) }

    // MARK: Requests

    /// Sends a JoinGroup; as a new member if no id is given.
    @discardableResult
    mutating func join(
        _ memberID: String = "",
        instance: String? = nil,
        version: Int16 = 9,
        _ change: (inout JoinGroupRequest) -> Void = { _ in }
    ) -> WaitingRequest {
        var request = JoinGroupRequest()
        request.groupID = "g"
        request.memberID = memberID
        request.groupInstanceID = instance
        request.sessionTimeoutMs = 10_000
        request.rebalanceTimeoutMs = 60_000
        request.protocolType = "consumer"
        request.protocols = [.reading(["t"])]
        change(&request)
        let token = nextRequest()
        let joiner = Joiner(
            token,
            version: version,
            clientID: "c",
            clientHost: "/127.0.0.1",
            uniqueSuffix: "\(token.rawValue)"
        )
        perform(group.join(request, by: joiner, now: now))
        return token
    }

    /// Becomes a member the way that clients do: with an id that is given out first.
    ///
    /// Returns the id, and the request that waits.
    mutating func enter(
        _ change: (inout JoinGroupRequest) -> Void = { _ in }
    ) throws -> (id: String, request: WaitingRequest) {
        let request = join("", change)
        let first = try answer(request)
        try #require(first.errorCode == .memberIDRequired)
        return (first.memberID, join(first.memberID, change))
    }

    @discardableResult
    mutating func sync(
        _ memberID: String,
        instance: String? = nil,
        assigning assignments: [String: [UInt8]] = [:],
        _ change: (inout SyncGroupRequest) -> Void = { _ in }
    ) -> WaitingRequest {
        var request = SyncGroupRequest()
        request.groupID = "g"
        request.generationID = group.generation.rawValue
        request.memberID = memberID
        request.groupInstanceID = instance
        request.protocolType = "consumer"
        request.protocolName = "range"
        request.assignments = assignments.map { memberID, assigned in
            var assignment = SyncGroupRequest.Assignment()
            assignment.memberID = memberID
            assignment.assignment = assigned
            return assignment
        }
        change(&request)
        let token = nextRequest()
        perform(group.sync(request, version: 5, waiting: token, now: now))
        return token
    }

    mutating func heartbeat(
        _ memberID: String,
        instance: String? = nil,
        generation: GenerationID? = nil
    ) -> ErrorCode {
        var request = HeartbeatRequest()
        request.groupID = "g"
        request.memberID = memberID
        request.groupInstanceID = instance
        request.generationID = (generation ?? group.generation).rawValue
        return group.heartbeat(request, now: now)
    }

    @discardableResult
    mutating func leave(_ memberID: String = "", instance: String? = nil) -> LeaveGroupResponse {
        leave([(memberID, instance)])
    }

    mutating func leave(_ members: [(String, String?)]) -> LeaveGroupResponse {
        var request = LeaveGroupRequest()
        request.groupID = "g"
        request.members = members.map { memberID, instance in
            var identity = LeaveGroupRequest.MemberIdentity()
            identity.memberID = memberID
            identity.groupInstanceID = instance
            return identity
        }
        return leave(request, version: 5)
    }

    mutating func leave(_ request: LeaveGroupRequest, version: Int16) -> LeaveGroupResponse {
        let (response, effects) = group.leave(request, version: version, now: now)
        perform(effects)
        return response
    }

    mutating func commit(_ memberID: String, generation: GenerationID? = nil, instance: String? = nil) -> ErrorCode {
        var request = OffsetCommitRequest()
        request.groupID = "g"
        request.memberID = memberID
        request.groupInstanceID = instance
        request.generationIDOrMemberEpoch = (generation ?? group.generation).rawValue
        return group.commitError(request, now: now)
    }

    mutating func delete() -> ErrorCode { group.delete(now: now) }

    mutating func unload() { perform(group.unload(now: now)) }

    /// The group as it would be after a restart.
    mutating func restore(_ change: (inout GroupConfiguration) -> Void = { _ in }) {
        var configuration = GroupConfiguration()
        change(&configuration)
        group = ConsumerGroup("g", restoring: stored[stored.count - 1], configuration, now: now)
    }

    // MARK: What becomes of them

    /// Lets time pass; what is due happens when it is due.
    mutating func advance(by duration: Duration) {
        let end = now.instant.advanced(by: duration)
        while let deadline = group.nextDeadline, deadline <= end {
            move(to: deadline)
            perform(group.expire(now: now))
        }
        move(to: end)
    }

    /// Ends the oldest write that is under way.
    mutating func endWrite(_ error: ErrorCode = .none) {
        let write = writes.removeFirst()
        if error == .none { stored.append(write.metadata) }
        perform(group.written(write, error: error, now: now))
    }

    func answer(_ request: WaitingRequest) throws -> JoinGroupResponse {
        try #require(joins[request], "not answered")
    }

    func syncAnswer(_ request: WaitingRequest) throws -> SyncGroupResponse {
        try #require(syncs[request], "not answered")
    }

    /// The error with which a request was answered, or that it waits.
    func outcome(_ request: WaitingRequest) -> String {
        if waiting.contains(request) { return "waits" }
        return (joins[request]?.errorCode ?? syncs[request]?.errorCode)?.description ?? "lost"
    }

    private mutating func perform(_ effects: [GroupEffect]) {
        #expect(group.generation == generation || group.generation == generation.next)
        generation = group.generation
        for effect in effects {
            switch effect {
            case .answerJoin(let request, let response):
                #expect(waiting.remove(request) != nil, "answered twice: \(response)")
                joins[request] = response
            case .answerSync(let request, let response):
                #expect(waiting.remove(request) != nil, "answered twice: \(response)")
                syncs[request] = response
            case .write(let write):
                writes.append(write)
                if storesAtOnce { endWrite() }
            }
        }
    }

    private mutating func move(to instant: ContinuousClock.Instant) {
        let milliseconds = (instant - start) / .milliseconds(1)
        now = GroupTime(instant: max(now.instant, instant), timestamp: Timestamp(1_000_000 + Int64(milliseconds)))
    }

    private mutating func nextRequest() -> WaitingRequest {
        requestCount += 1
        let request = WaitingRequest(rawValue: requestCount)
        waiting.insert(request)
        return request
    }
}

extension GroupSimulation {
    /// Two members in the generation 1 and the state Stable: the leader, and a static one of the instance `b`.
    static func stable(
        _ change: (inout GroupConfiguration) -> Void = { _ in }
    ) throws -> (simulation: GroupSimulation, leader: String, follower: String) {
        var (simulation, leader, follower) = try completing(change)
        simulation.sync(follower, instance: "b")
        simulation.sync(leader, assigning: [leader: [1], follower: [2]])
        try #require(simulation.group.state == .stable)
        return (simulation, leader, follower)
    }

    /// The same before anybody has synced.
    static func completing(
        _ change: (inout GroupConfiguration) -> Void = { _ in }
    ) throws -> (simulation: GroupSimulation, leader: String, follower: String) {
        var simulation = GroupSimulation(change)
        let (leader, _) = try simulation.enter()
        let follower = simulation.join(instance: "b")
        simulation.advance(by: .seconds(6))
        try #require(simulation.group.state == .completingRebalance)
        return (simulation, leader, try simulation.answer(follower).memberID)
    }
}

extension JoinGroupRequest.GroupProtocol {
    /// What a consumer of some topics says under a protocol.
    static func reading(_ topics: [String], _ name: String = "range", extra: [UInt8] = []) -> Self {
        var value = Self()
        value.name = name
        value.metadata = [0, 1, 0, 0, 0, UInt8(topics.count)]
        for topic in topics { value.metadata += [0, UInt8(topic.utf8.count)] + Array(topic.utf8) }
        value.metadata += extra
        return value
    }
}
