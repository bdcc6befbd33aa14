/// The position of a record in its partition: 0 for the first record ever appended, one more for each record after it.
///
/// Offsets that were decoded from a batch are at least 0, and have a successor.
@frozen
public struct Offset: RawRepresentable, Hashable, Comparable, Sendable {
    /// 0 or more where it was decoded from a batch.
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

    /// Orders by raw value.
    @inlinable
    public static func < (left: Offset, right: Offset) -> Bool {
        left.rawValue < right.rawValue
    }

    /// The offset `count` records later.
    ///
    /// Overflow is a precondition failure.
    @inlinable
    public static func + (offset: Offset, count: Int) -> Offset {
        offset.advanced(by: count)
    }
}

extension Offset: Strideable {
    /// How many records later `other` is; negative if it is earlier.
    ///
    /// Overflow, which two offsets of at least 0 cannot cause, is a precondition failure.
    @inlinable
    public func distance(to other: Offset) -> Int {
        Int(other.rawValue - rawValue)
    }

    /// The offset `count` records later.
    ///
    /// Overflow is a precondition failure.
    @inlinable
    public func advanced(by count: Int) -> Offset {
        Offset(rawValue + Int64(count))
    }
}

extension Offset: CustomStringConvertible {
    /// The raw value in decimal.
    public var description: String { String(rawValue) }
}
