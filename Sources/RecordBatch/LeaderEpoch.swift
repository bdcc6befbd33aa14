/// The term of the leader that appended a batch (KIP-101).
///
/// It rises with every change of leader, and never falls along a log.
@frozen
public struct LeaderEpoch: RawRepresentable, Hashable, Comparable, Sendable {
    /// 0 or more, or -1 for none.
    public var rawValue: Int32

    /// Gives a raw value its meaning.
    @inlinable
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// Gives a raw value its meaning.
    @inlinable
    public init(_ rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// No epoch: as producers send batches, before a leader has appended them.
    @inlinable
    public static var none: LeaderEpoch { LeaderEpoch(-1) }

    /// Orders by raw value.
    @inlinable
    public static func < (left: LeaderEpoch, right: LeaderEpoch) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension LeaderEpoch: CustomStringConvertible {
    /// The raw value in decimal.
    public var description: String { String(rawValue) }
}
