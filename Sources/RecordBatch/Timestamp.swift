/// Milliseconds since 1970-01-01 00:00 UTC.
///
/// Producers may send any value; only `none` has a meaning of its own.
@frozen
public struct Timestamp: RawRepresentable, Hashable, Comparable, Sendable {
    /// Milliseconds since 1970-01-01 00:00 UTC, or -1 for none.
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

    /// No timestamp.
    @inlinable
    public static var none: Timestamp { Timestamp(-1) }

    /// The milliseconds from `earlier` to this, negative if it is later; the nearest number where 64 bits do not hold them.
    package func milliseconds(since earlier: Timestamp) -> Int64 {
        let (difference, overflow) = rawValue.subtractingReportingOverflow(earlier.rawValue)
        return overflow ? (earlier < self ? .max : .min) : difference
    }

    /// Orders by raw value.
    @inlinable
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension Timestamp: CustomStringConvertible {
    /// The raw value in decimal.
    public var description: String { String(rawValue) }
}
