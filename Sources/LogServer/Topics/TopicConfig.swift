package import CommitLog
import KafkaProtocol

/// The configuration of a topic: what was set for it, above what the server sets for all, above Kafka's defaults.
package struct TopicConfig: Hashable, Sendable {
    /// What was set for the topic, by name, as it was written.
    package private(set) var overrides: [String: String]
    /// What the server sets for all topics.
    package let defaults: BrokerTopicDefaults

    /// Configurations that are given.
    /// - Parameters:
    ///   - overrides: What is set for the topic.
    ///   - defaults: What the server sets for all topics.
    /// - Throws: `INVALID_CONFIG` for a name that is not one of a topic's configuration, a value that is not of its type or
    ///   out of its range, and values that contradict each other.
    package init(_ overrides: [String: String], over defaults: BrokerTopicDefaults) throws(APIError) {
        for (name, text) in overrides.sorted(by: { $0.key < $1.key }) {
            guard let key = TopicConfigKey.named(name) else {
                throw .unknownConfig(name)
            }
            guard key.value(text) != nil else {
                throw APIError(.invalidConfig, "\(name) cannot be \"\(text.prefix(100))\"")
            }
        }
        self.overrides = overrides
        self.defaults = defaults
        try checkTogether()
    }

    /// Configurations that were accepted once; those that are no longer valid count as not set.
    package init(stored overrides: [String: String], over defaults: BrokerTopicDefaults) {
        self.overrides = overrides.filter { name, text in TopicConfigKey.named(name)?.value(text) != nil }
        self.defaults = defaults
    }

    /// The value that counts, and where it comes from.
    package func value(of key: TopicConfigKey) -> (value: ConfigValue, source: ConfigSource) {
        if let value = overrides[key.name].flatMap(key.value) { return (value, .topic) }
        if let set = defaults.set(for: key).first { return (set.value, .staticBroker) }
        guard let value = key.value(key.defaultValue) else {
            preconditionFailure("Cannot read the default of \(key.name): \(key.defaultValue)")
        }
        return (value, .default)
    }

    /// The value that counts of the configuration with that name.
    /// - Precondition: There is one.
    package func value(named name: String) -> ConfigValue {
        guard let key = TopicConfigKey.named(name) else { preconditionFailure("Cannot tell the value of \(name)") }
        return value(of: key).value
    }

    private func checkTogether() throws(APIError) {
        let lag = (least: value(named: "min.compaction.lag.ms"), most: value(named: "max.compaction.lag.ms"))
        guard lag.least.integer <= lag.most.integer else {
            throw APIError(
                .invalidConfig,
                "min.compaction.lag.ms (\(lag.least)) cannot be above max.compaction.lag.ms (\(lag.most))"
            )
        }
        guard value(named: "remote.storage.enable").description == "false" else {
            throw APIError(.invalidConfig, "remote.storage.enable cannot be true: there is no tiered storage")
        }
    }
}

extension TopicConfig {
    /// How the topic's logs behave.
    ///
    /// `segment.index.bytes` below what the engine needs for two entries counts as that.
    package var logConfiguration: LogConfiguration {
        func integer(_ name: String) -> Int64 { value(named: name).integer }
        var log = LogConfiguration()
        log.segmentBytes = Int(integer("segment.bytes"))
        log.segmentMs = integer("segment.ms")
        log.segmentJitterMs = integer("segment.jitter.ms")
        log.segmentIndexBytes = max(24, Int(integer("segment.index.bytes")))
        log.indexIntervalBytes = Int(integer("index.interval.bytes"))
        log.maxMessageBytes = Int(integer("max.message.bytes"))
        log.timestampType =
            value(named: "message.timestamp.type").description == "LogAppendTime" ? .logAppendTime : .createTime
        log.timestampBeforeMaxMs = integer("message.timestamp.before.max.ms")
        log.timestampAfterMaxMs = integer("message.timestamp.after.max.ms")
        log.flushMessages = integer("flush.messages")
        log.flushMs = integer("flush.ms")
        log.producerIDExpirationMs = defaults.producerIDExpirationMs
        return log
    }
}
