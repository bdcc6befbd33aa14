import KafkaProtocol
package import RecordBatch

/// A consumer group of the classic protocol: its members, and what they are told of each other.
///
/// Members join (JoinGroup), which makes a new generation; one of them, the leader, gives each its assignment, which all
/// fetch (SyncGroup); then they send heartbeats until somebody joins, leaves or dies, and all of them join again.
///
/// ```
///            join                all joined, or rebalance timeout               leader's assignment is stored
///   Empty ─────────▶ PreparingRebalance ─────────▶ CompletingRebalance ─────────▶ Stable
///     ▲                  │         ▲                       │                         │
///     └──────────────────┘         └───────────────────────┴─────────────────────────┘
///        nobody is left              a member joins, leaves, dies, or does not sync
/// ```
///
/// The decisions alone: no clock, no IO. What is to be done comes out as ``GroupEffect``s; time goes in with every call,
/// and has to be told of by ``expire(now:)`` when ``nextDeadline`` is reached. Requests that wait are numbers, each of which
/// comes out once.
///
/// A group that does not exist is asked like an empty one: its answers are those that Kafka gives then, but for
/// ``commitErrorWithoutGroup(_:version:)``.
///
/// Calls go over all members, but for heartbeats and commits, which find theirs at once.
///
/// Sources: Kafka's `ClassicGroup` and `GroupMetadataManager`; KIP-62, KIP-134, KIP-345, KIP-394, KIP-559, KIP-814.
package struct ConsumerGroup: Sendable {
    /// The group's name.
    package let id: String
    let configuration: GroupConfiguration

    /// 0 until the first rebalance has ended.
    package internal(set) var generation = GenerationID(0)
    /// What kind of members the group has, such as `consumer`; `nil` if it never had any, and only offsets.
    package internal(set) var protocolType: String?
    /// How the generation's assignment is made, such as `range`.
    package internal(set) var protocolName: String?
    /// The member that makes the assignment.
    package internal(set) var leaderID: String?
    /// The topics that any of the members reads, as far as that can be told from what they say.
    package internal(set) var subscribedTopics: Set<String>?
    /// Since when the group has been in its state.
    package internal(set) var stateTimestamp: Timestamp

    var phase = Phase.empty
    var members: [String: GroupMember] = [:]
    /// The ids of static members by their instances'.
    var staticMembers: [String: String] = [:]
    /// Ids that were given out and with which nobody has joined yet (KIP-394), and when they are forgotten.
    var pendingMembers: [String: ContinuousClock.Instant] = [:]
    /// Members that have not fetched this generation's assignment, and when they are taken for dead.
    var unsynced: Set<String> = []
    var syncDeadline: ContinuousClock.Instant?
    var votes = ProtocolVotes()
    var joinCount: UInt64 = 0

    /// The state, and what is particular to it.
    enum Phase: Hashable, Sendable {
        case empty
        case preparing(Rebalance)
        case completing
        case stable
        case dead
    }

    /// Members that are waited for.
    struct Rebalance: Hashable, Sendable {
        /// When it goes on without those who have not joined.
        var deadline: ContinuousClock.Instant
        /// Of a group that was empty: it always waits until the deadline.
        var initialDelay: InitialDelay?
    }

    /// How long others are waited for once an empty group was joined.
    struct InitialDelay: Hashable, Sendable {
        /// How long this time.
        var step: Duration
        /// How much longer at most afterwards.
        var remaining: Duration
        /// Whether somebody has come since, so that it is worth while to wait longer.
        var hasNewMember = false
    }

    /// A group without members.
    package init(_ id: String, _ configuration: GroupConfiguration, now: GroupTime) {
        self.id = id
        self.configuration = configuration
        stateTimestamp = now.timestamp
    }

    /// Where the group stands.
    package var state: GroupState {
        switch phase {
        case .empty: .empty
        case .preparing: .preparingRebalance
        case .completing: .completingRebalance
        case .stable: .stable
        case .dead: .dead
        }
    }

    /// How many members there are.
    package var memberCount: Int { members.count }

    /// The members, those first that joined first.
    var orderedMembers: [GroupMember] { members.values.sorted { $0.position < $1.position } }

    /// The longest that any member may take to join again.
    var rebalanceTimeout: Duration {
        .milliseconds(members.values.reduce(0) { max($0, $1.rebalanceTimeoutMs) })
    }

    mutating func enter(_ phase: Phase, _ now: GroupTime) {
        self.phase = phase
        stateTimestamp = now.timestamp
    }

    /// Why a request that says it is from a member is refused; `nil` if it is from one.
    func refusal(memberID: String, instanceID: String?) -> ErrorCode? {
        if let instanceID {
            guard let registered = staticMembers[instanceID] else { return .unknownMemberID }
            guard registered == memberID else { return .fencedInstanceID }
        }
        return members[memberID] == nil ? .unknownMemberID : nil
    }

    /// The same for a request of a generation; also where there is no group any more.
    func refusal(memberID: String, instanceID: String?, generation: Int32) -> ErrorCode? {
        if id.isEmpty { return .invalidGroupID }
        if case .dead = phase { return .coordinatorNotAvailable }
        if let refusal = refusal(memberID: memberID, instanceID: instanceID) { return refusal }
        return generation == self.generation.rawValue ? nil : .illegalGeneration
    }

    /// Takes a member out, and answers what it waits for.
    mutating func remove(_ memberID: String, _ effects: inout [GroupEffect]) {
        pendingMembers[memberID] = nil
        unsynced.remove(memberID)
        guard let member = members.removeValue(forKey: memberID) else { return }
        votes.remove(member.protocols)
        if let instanceID = member.instanceID { staticMembers[instanceID] = nil }
        if leaderID == memberID { leaderID = members.values.min { $0.position < $1.position }?.id }
        effects += Self.refusal(of: member.wait, .unknownMemberID)
    }

    /// The answer to a member that waits in vain.
    static func refusal(of wait: GroupMember.Wait, _ error: ErrorCode, memberID: String = "") -> [GroupEffect] {
        switch wait {
        case .nothing: []
        case .join(let request): [.answerJoin(request, JoinGroupResponse(error, memberID: memberID))]
        case .sync(let request): [.answerSync(request, SyncGroupResponse(error))]
        }
    }
}

extension JoinGroupResponse {
    init(_ error: ErrorCode, memberID: String) {
        self.init()
        errorCode = error
        self.memberID = memberID
    }
}

extension SyncGroupResponse {
    init(_ error: ErrorCode) {
        self.init()
        errorCode = error
    }
}
