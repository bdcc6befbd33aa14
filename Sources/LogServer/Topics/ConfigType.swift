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
