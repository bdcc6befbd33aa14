/// How far a consumer group has come with its assignment; the raw values are what Kafka's tools show.
package enum GroupState: String, CaseIterable, Hashable, Sendable {
    /// There are no members; perhaps offsets.
    case empty = "Empty"
    /// Members join, or join again: until all have, or the rebalance timeout is over.
    case preparingRebalance = "PreparingRebalance"
    /// Members know their generation, and wait for the leader's assignment.
    case completingRebalance = "CompletingRebalance"
    /// Members have their assignment.
    case stable = "Stable"
    /// The group was deleted, or is somebody else's now.
    case dead = "Dead"
}
