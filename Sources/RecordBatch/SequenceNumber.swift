/// The number that an idempotent producer gives to each record of a partition (KIP-98): 0 or more, and 0 again
/// after `Int32.max`.
///
/// Because they wrap, sequence numbers have no order that would hold for all of them: compare distances instead.
@frozen
public struct SequenceNumber: RawRepresentable, Hashable, Comparable, Sendable {
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

    /// Not a record of an idempotent producer, or a control record.
    @inlinable
    public static var none: SequenceNumber { SequenceNumber(-1) }

    /// The number `count` records later, with 0 after `Int32.max`; `none` stays `none`.
    ///
    /// - Parameter count: 0 or more.
    /// - Returns: A number of 0 or more, or `none`.
    @inlinable
    public func advanced(by count: Int32) -> SequenceNumber {
        guard self != .none else { return .none }
        // In 31 bits, the sign bit being left out.
        return SequenceNumber((rawValue &+ count) & Int32.max)
    }

    /// By raw value, so without regard to wrapping.
    @inlinable
    public static func < (left: SequenceNumber, right: SequenceNumber) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension SequenceNumber: CustomStringConvertible {
    /// The raw value in decimal.
    public var description: String { String(rawValue) }
}
