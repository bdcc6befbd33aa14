import KafkaProtocol

/// A member of a consumer group.
struct GroupMember: Hashable, Sendable {
    /// What a member waits for.
    enum Wait: Hashable, Sendable {
        case nothing
        case join(WaitingRequest)
        case sync(WaitingRequest)
    }

    var id: String
    /// `group.instance.id` of a static member (KIP-345).
    let instanceID: String?
    let clientID: String
    let clientHost: String
    /// The how-manieth to join the group: the order in which members are gone over.
    let position: UInt64

    var sessionTimeoutMs: Int32
    var rebalanceTimeoutMs: Int32
    /// In the order in which the member prefers them.
    var protocols: [JoinGroupRequest.GroupProtocol]
    /// The leader's, of the last generation that was stable; empty if it gave none.
    var assignment: [UInt8] = []

    var wait = Wait.nothing
    /// Whether it has not yet been told that it is a member.
    var isNew = false
    /// When it is taken for dead, unless it waits.
    var deadline: ContinuousClock.Instant

    /// When it is taken for dead, as things are.
    ///
    /// Who waits cannot send heartbeats, and so never is; but for a new member, of which nobody knows whether it still waits.
    var expiry: ContinuousClock.Instant? { isNew || wait == .nothing ? deadline : nil }

    var isAwaitingJoin: Bool { if case .join = wait { true } else { false } }

    mutating func restartSession(_ now: GroupTime) {
        deadline = now + .milliseconds(sessionTimeoutMs)
    }

    /// What it says about itself under a protocol; empty where it does not know the protocol.
    func metadata(_ protocolName: String?) -> [UInt8] {
        protocols.first { $0.name == protocolName }?.metadata ?? []
    }
}
