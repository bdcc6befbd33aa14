package import KafkaProtocol

/// What becomes of a topic's configurations when a request alters them.
///
/// Source: Kafka's `ConfigAdminManager`, `ControllerConfigurationValidator` and `ConfigurationControlManager`.
package enum ConfigAlteration {
    /// What is done to one configuration, with the number that IncrementalAlterConfigs has for it.
    package enum Operation: Int8, Hashable, Sendable, CaseIterable {
        case set = 0
        case delete = 1
        /// Adds to a list what it does not have yet.
        case append = 2
        /// Takes from a list what it has.
        case subtract = 3
    }

    /// Decides on a request that alters some of the configurations (KIP-339).
    /// - Parameters:
    ///   - current: The topic's configurations as they are.
    ///   - changes: What the request asks for.
    /// - Returns: The topic's configurations as they are to be.
    /// - Throws: `INVALID_REQUEST` for a name that comes twice, an unknown operation or a value that is missing;
    ///   `INVALID_CONFIG` where ``TopicConfig`` does, and for adding to what is no list.
    package static func incremental(
        _ current: TopicConfig,
        _ changes: [IncrementalAlterConfigsRequest.AlterConfigsResource.AlterableConfig]
    ) throws(APIError) -> TopicConfig {
        try checkDistinct(changes.map(\.name))
        var overrides = current.overrides
        for change in changes {
            guard let operation = Operation(rawValue: change.configOperation) else {
                throw APIError(
                    .invalidRequest,
                    "\(change.name.prefix(100)) cannot be changed by the operation \(change.configOperation): there is none"
                )
            }
            if operation == .delete {
                guard TopicConfigKey.named(change.name) != nil else { throw .unknownConfig(change.name) }
                overrides[change.name] = nil
                continue
            }
            guard let value = change.value else {
                throw .missingValue(change.name, .invalidRequest)
            }
            overrides[change.name] =
                operation == .set ? value : try list(change.name, in: overrides, operation, value)
        }
        return try TopicConfig(overrides, over: current.defaults)
    }

    /// Decides on a request that gives all of the configurations: what it does not name is no longer set.
    /// - Returns: The topic's configurations as they are to be.
    /// - Throws: `INVALID_REQUEST` for a name that comes twice or a value that is missing; `INVALID_CONFIG` where
    ///   ``TopicConfig`` does.
    package static func replacing(
        _ current: TopicConfig,
        with configs: [AlterConfigsRequest.Resource.AlterableConfig]
    ) throws(APIError) -> TopicConfig {
        try checkDistinct(configs.map(\.name))
        var overrides: [String: String] = [:]
        for config in configs {
            guard let value = config.value else {
                throw .missingValue(config.name, .invalidRequest)
            }
            overrides[config.name] = value
        }
        return try TopicConfig(overrides, over: current.defaults)
    }

    /// A list to which something is added, or from which something is taken.
    ///
    /// Where the topic has none of its own, it begins with Kafka's default, not with what the server sets for all topics.
    private static func list(
        _ name: String,
        in overrides: [String: String],
        _ operation: Operation,
        _ value: String
    ) throws(APIError) -> String {
        guard let key = TopicConfigKey.named(name) else { throw .unknownConfig(name) }
        guard key.type == .list else {
            throw APIError(.invalidConfig, "\(name) is no list, so \(operation) means nothing for it")
        }
        let text = overrides[name] ?? key.defaultValue
        var parts = text.split(separator: ",").map(String.init)
        for part in value.split(separator: ",").map(String.init) {
            if operation == .append {
                if !parts.contains(part) { parts.append(part) }
            } else if let index = parts.firstIndex(of: part) {
                parts.remove(at: index)
            }
        }
        return parts.joined(separator: ",")
    }

    private static func checkDistinct(_ names: [String]) throws(APIError) {
        var seen: Set<String> = []
        for name in names where !seen.insert(name).inserted {
            throw APIError(.invalidRequest, "The request changes \(name.prefix(100)) twice")
        }
    }
}
