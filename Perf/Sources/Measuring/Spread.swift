/// What several rounds of the same measurement gave.
public struct Spread: Hashable, Sendable, Codable {
    /// The least.
    public var min: Double
    /// The middle one, or the mean of the two in the middle.
    public var median: Double
    /// The largest.
    public var max: Double

    /// The spread of at least one value.
    public init(_ values: [Double]) {
        precondition(!values.isEmpty, "There is no spread of no values")
        let sorted = values.sorted()
        let middle = sorted.count / 2
        min = sorted[0]
        median = sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
        max = sorted[sorted.count - 1]
    }
}
