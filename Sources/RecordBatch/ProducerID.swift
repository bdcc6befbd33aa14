/// The identity that a broker gave to an idempotent or transactional producer (KIP-98).
@frozen
public struct ProducerID: RawRepresentable, Hashable, Comparable, Sendable {
    /// 0 or more, or -1 for none.
    public var rawValue: Int64

    /// Gives a raw value its meaning.
    @inlinable
    public init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// Gives a raw value its meaning.
    @inlinable
    public init(_ rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// Not an idempotent producer.
    @inlinable
    public static var none: ProducerID { ProducerID(-1) }

    /// Orders by raw value.
    @inlinable
    public static func < (left: ProducerID, right: ProducerID) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension ProducerID: CustomStringConvertible {
    /// The raw value in decimal.
    public var description: String { String(rawValue) }
}
