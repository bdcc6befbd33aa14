/// The type of a configuration's value, with the number that DescribeConfigs has for it.
///
/// Source: Kafka's `ConfigDef.Type` and `DescribeConfigsResponse.ConfigType`.
package enum ConfigType: Int8, Hashable, Sendable {
    case boolean = 1
    case string = 2
    case int = 3
    case long = 5
    case double = 6
    case list = 7
}

/// Where a configuration's value comes from, with the number that DescribeConfigs has for it.
///
/// Source: Kafka's `DescribeConfigsResponse.ConfigSource`. Dynamic configurations of brokers do not exist here.
package enum ConfigSource: Int8, Hashable, Sendable {
    /// It was set for the topic.
    case topic = 1
    /// It is in the server's own configuration.
    case staticBroker = 4
    /// Nobody has set it.
    case `default` = 5
}

/// What values a configuration takes, beyond those of its type.
package enum ConfigRule: Hashable, Sendable {
    /// All.
    case any
    /// Integers of a range.
    case range(ClosedRange<Int64>)
    /// -1, for a default that a codec chooses, and integers of a range.
    case noneOrRange(ClosedRange<Int64>)
    /// Numbers from 0 to 1.
    case fraction
    /// One of these words; in a list, any of them.
    case words([String])
    /// A list of `partition:broker`, or `*` alone.
    case throttledReplicas
}

extension ConfigRule {
    /// What a value of a type may be, in words.
    func allowed(_ type: ConfigType) -> String {
        let bounds = type == .int ? Int64(Int32.min)...Int64(Int32.max) : Int64.min...Int64.max
        func integers(_ range: ClosedRange<Int64>) -> String {
            let range = range.clamped(to: bounds)
            if range == bounds { return "an integer of \(type == .int ? 32 : 64) bits" }
            return "an integer from \(range.lowerBound) to \(range.upperBound)"
        }
        switch (type, self) {
        case (.int, .range(let range)), (.long, .range(let range)): return integers(range)
        case (.int, .noneOrRange(let range)), (.long, .noneOrRange(let range)): return "-1 or \(integers(range))"
        case (.int, _), (.long, _): return integers(bounds)
        case (.list, .words(let words)): return "a list of \(words.joined(separator: ", "))"
        case (_, .words(let words)): return "one of \(words.joined(separator: ", "))"
        case (.boolean, _): return "true or false"
        case (.double, .fraction): return "a number from 0 to 1"
        case (.double, _): return "a number"
        case (.list, .throttledReplicas): return "* or a list of PARTITION:BROKER"
        case (.list, _): return "a list"
        case (.string, _): return "text"
        }
    }
}
