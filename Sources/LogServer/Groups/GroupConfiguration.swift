/// What a broker allows the members of its groups; names and defaults are Kafka's.
package struct GroupConfiguration: Hashable, Sendable {
    /// `group.min.session.timeout.ms` and `group.max.session.timeout.ms`: the session timeouts that a member may ask for,
    /// in milliseconds; 6 seconds to 30 minutes.
    ///
    /// A short one finds a crashed member soon, and costs heartbeats.
    package var sessionTimeoutsMs: ClosedRange<Int32> = 6000...1_800_000
    /// `group.initial.rebalance.delay.ms`: how long an empty group that is joined waits for others to join, 3 seconds; as
    /// long again when others have, up to the rebalance timeout.
    ///
    /// A longer one saves rebalances when many members start at once, and makes each first start slower.
    package var initialRebalanceDelay: Duration = .seconds(3)
    /// `group.max.size`: the most members that a group may have; no limit.
    package var maxSize = Int(Int32.max)

    /// How long a member that has just been added may wait for the rebalance to end.
    ///
    /// It does not know its id yet, so that it cannot send heartbeats, and those who gave up and try again would pile up.
    /// Kafka's is fixed too.
    static let newMemberJoinTimeout: Duration = .seconds(300)

    /// The defaults.
    package init() {}
}
