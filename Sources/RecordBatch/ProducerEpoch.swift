/// The incarnation of a producer id, of which a higher one fences off the lower ones (KIP-98).
@frozen
public struct ProducerEpoch: RawRepresentable, Hashable, Comparable, Sendable {
    /// 0 or more, or -1 for none.
    public var rawValue: Int16

    /// Gives a raw value its meaning.
    @inlinable
    public init(rawValue: Int16) {
        self.rawValue = rawValue
    }

    /// Gives a raw value its meaning.
    @inlinable
    public init(_ rawValue: Int16) {
        self.rawValue = rawValue
    }

    /// Not an idempotent producer.
    @inlinable
    public static var none: ProducerEpoch { ProducerEpoch(-1) }

    /// Orders by raw value.
    @inlinable
    public static func < (left: ProducerEpoch, right: ProducerEpoch) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension ProducerEpoch: CustomStringConvertible {
    /// The raw value in decimal.
    public var description: String { String(rawValue) }
}
