/// Which of a consumer group's assignments something belongs to: one more with every rebalance that ends.
///
/// Whoever names another generation than the group's has missed a rebalance.
package struct GenerationID: RawRepresentable, Hashable, Comparable, Sendable {
    /// 0 before the first rebalance, and more afterwards; -1 for none.
    package var rawValue: Int32

    /// Gives a raw value its meaning.
    package init(rawValue: Int32) { self.rawValue = rawValue }

    /// Gives a raw value its meaning.
    package init(_ rawValue: Int32) { self.rawValue = rawValue }

    /// No generation: what is not a member's, or was refused.
    package static let none = GenerationID(-1)

    /// The generation after this one; after the last number there is, the first that a rebalance gives.
    package var next: GenerationID { GenerationID(rawValue == .max ? 1 : rawValue + 1) }

    /// Orders by raw value.
    package static func < (left: GenerationID, right: GenerationID) -> Bool { left.rawValue < right.rawValue }
}
