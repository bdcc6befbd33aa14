import CommitLog
import KafkaProtocol

/// What the server's configuration says of topics that have no configuration of their own.
///
/// The names are those of Kafka's `server.properties`: `log.retention.hours`, `message.max.bytes`, `num.partitions`.
package struct BrokerTopicDefaults: Hashable, Sendable {
    /// `num.partitions`: how many partitions a topic gets whose creator leaves that open.
    package private(set) var partitionCount: Int32 = 1
    /// `producer.id.expiration.ms`: how long a producer is remembered that writes nothing.
    package private(set) var producerIDExpirationMs = LogConfiguration().producerIDExpirationMs

    /// The settings beside those that are defaults of a topic's configurations, and what they may be.
    package static let others: [String: ClosedRange<Int64>] = [
        "num.partitions": 1...Int64(TopicMetadata.maximumNewPartitions),
        "producer.id.expiration.ms": 1...Int64(Int32.max),
    ]

    private var settings: [String: Setting] = [:]

    private struct Setting: Hashable {
        /// As it was written.
        let text: String
        /// As a topic has it.
        let value: ConfigValue
    }

    /// Nothing is set.
    package init() {}

    /// Takes from a server's configuration what it says of topics.
    /// - Parameter properties: The configuration; names that have nothing to do with topics are passed over.
    /// - Throws: `INVALID_CONFIG` for a value that is not of its name's type, or out of its range.
    package init(_ properties: [String: String]) throws(APIError) {
        for key in TopicConfigKey.all {
            for synonym in key.synonyms {
                guard let text = properties[synonym.name] else { continue }
                guard let value = Self.value(text, of: key, in: synonym) else {
                    throw APIError(.invalidConfig, "\(synonym.name) cannot be \"\(text.prefix(100))\"")
                }
                settings[synonym.name] = Setting(text: text, value: value)
            }
        }
        if let count = try Self.other("num.partitions", in: properties) { partitionCount = Int32(count) }
        if let time = try Self.other("producer.id.expiration.ms", in: properties) { producerIDExpirationMs = time }
    }

    private static func other(_ name: String, in properties: [String: String]) throws(APIError) -> Int64? {
        guard let text = properties[name], let range = others[name] else { return nil }
        guard let value = ConfigValue(text, type: .int, rule: .range(range)) else {
            throw APIError(
                .invalidConfig,
                "\(name) cannot be \"\(text.prefix(100))\": it is from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return value.integer
    }

    /// What is set for a configuration of topics.
    /// - Returns: The synonyms that are set, the one that counts first, each as it was written and as a topic has it.
    func set(for key: TopicConfigKey) -> [(name: String, text: String, value: ConfigValue)] {
        key.synonyms.compactMap { synonym in settings[synonym.name].map { (synonym.name, $0.text, $0.value) } }
    }

    private static func value(
        _ text: String,
        of key: TopicConfigKey,
        in synonym: TopicConfigKey.Synonym
    ) -> ConfigValue? {
        guard synonym.milliseconds > 1 else { return key.value(text) }
        guard let count = ConfigValue(text, type: .int, rule: .any)?.integer else { return nil }
        // 32 bits of hours fit into 64 of milliseconds. A negative time is no limit, whatever its unit.
        return key.value("\(count < 0 ? -1 : count * synonym.milliseconds)")
    }
}
