/// Something that is measured, and how good it has to be.
public struct Figure: Hashable, Sendable {
    /// What is measured.
    public var name: String
    /// How its values are told.
    public var scale: Scale
    /// How good it has to be; `nil` where it is only told.
    public var goal: Goal?

    /// A figure.
    public init(_ name: String, _ scale: Scale, goal: Goal? = nil) {
        self.name = name
        self.scale = scale
        self.goal = goal
    }

    /// How the seconds of a round become a value.
    public enum Scale: Hashable, Sendable {
        /// So many of a unit are done in a round: told per second.
        case rate(Double, unit: String)
        /// So many things are done in a round: told as microseconds for each.
        case microseconds(of: Double)
        /// The seconds of the round.
        case seconds
        /// Not a time, but a number of something.
        case amount(unit: String)

        /// The unit of the values.
        public var unit: String {
            switch self {
            case .rate(_, let unit): "\(unit)/s"
            case .microseconds: "µs"
            case .seconds: "s"
            case .amount(let unit): unit
            }
        }

        /// The value of a round that measured this: seconds, or an amount.
        public func value(of measured: Double) -> Double {
            switch self {
            case .rate(let count, _): count / measured
            case .microseconds(let count): measured / count * 1e6
            case .seconds, .amount: measured
            }
        }
    }

    /// How good a figure has to be.
    public enum Goal: Hashable, Sendable, CustomStringConvertible {
        /// The median of its speed over the limit's.
        case ofLimit(atLeast: Double)
        /// The median of what it costs over what the limit does.
        case timesLimit(atMost: Double)
        /// The median of its value.
        case atLeast(Double)
        /// The median of its value.
        case below(Double)

        /// As it stands in the table.
        public var description: String {
            switch self {
            case .ofLimit(let least): "≥ \(least) of limit"
            case .timesLimit(let most): "≤ \(most) × limit"
            case .atLeast(let least): "≥ \(least.shortened)"
            case .below(let most): "< \(most.shortened)"
            }
        }
    }
}

extension Double {
    /// Three significant digits, or all of the digits before the point.
    public var shortened: String {
        let digits = abs(self) >= 100 || self == 0 ? 0 : abs(self) >= 10 ? 1 : abs(self) >= 1 ? 2 : 3
        return formatted(digits)
    }

    private func formatted(_ digits: Int) -> String {
        var power = 1.0
        for _ in 0..<digits { power *= 10 }
        let rounded = Int64((self * power).rounded())
        guard digits > 0 else { return "\(rounded)" }
        let (whole, rest) = rounded.magnitude.quotientAndRemainder(dividingBy: UInt64(power))
        let fraction = "\(rest)"
        return (rounded < 0 ? "-" : "") + "\(whole)." + String(repeating: "0", count: digits - fraction.count)
            + fraction
    }
}
