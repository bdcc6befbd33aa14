import KafkaProtocol

/// What DescribeConfigs tells of the broker's own configuration, which is what it was started with: all of it is read-only.
///
/// What Kafka has and this broker does not is left out. Of several names for one thing that are not set, only the one that
/// counts first is told.
///
/// Source: Kafka's `ConfigHelper.createBrokerConfigEntry`.
struct BrokerConfigDescription {
    private typealias Entry = DescribeConfigsResponse.Result.ResourceResult

    private struct Setting {
        let name: String
        let value: String
        let type: ConfigType
        let isDefault: Bool
    }

    private let settings: [Setting]

    /// - Parameter configuration: What the broker was started with.
    init(_ configuration: BrokerConfiguration) {
        // Anything else that is the same for every broker, so that what differs from it was set.
        let standard = BrokerConfiguration(
            nodeID: configuration.nodeID,
            clusterID: configuration.clusterID,
            advertised: configuration.advertised
        )
        var settings = [
            Setting(name: "node.id", value: "\(configuration.nodeID)", type: .int, isDefault: false),
            Setting(name: "broker.id", value: "\(configuration.nodeID)", type: .int, isDefault: false),
            Setting(
                name: "advertised.listeners",
                value: "PLAINTEXT://\(configuration.advertised)",
                type: .string,
                isDefault: false
            ),
        ]
        for (name, type, value) in Self.own {
            let text = value(configuration)
            settings.append(Setting(name: name, value: text, type: type, isDefault: text == value(standard)))
        }
        for key in TopicConfigKey.all { settings += Self.settings(of: key, in: configuration.topicDefaults) }
        self.settings = settings.sorted { $0.name < $1.name }
    }

    /// What is not for topics.
    private static let own: [(name: String, type: ConfigType, value: @Sendable (BrokerConfiguration) -> String)] = [
        ("auto.create.topics.enable", .boolean, { "\($0.autoCreatesTopics)" }),
        ("delete.topic.enable", .boolean, { "\($0.deletesTopics)" }),
        ("fetch.max.bytes", .int, { "\($0.fetchMaxBytes)" }),
        ("group.initial.rebalance.delay.ms", .int, { "\(Int64($0.groups.initialRebalanceDelay / .milliseconds(1)))" }),
        ("group.max.session.timeout.ms", .int, { "\($0.groups.sessionTimeoutsMs.upperBound)" }),
        ("group.max.size", .int, { "\($0.groups.maxSize)" }),
        ("group.min.session.timeout.ms", .int, { "\($0.groups.sessionTimeoutsMs.lowerBound)" }),
        ("max.incremental.fetch.session.cache.slots", .int, { "\($0.fetchSessionSlots)" }),
        ("max.request.partition.size.limit", .int, { "\($0.describedPartitions)" }),
        ("offset.metadata.max.bytes", .int, { "\($0.offsets.maximumMetadataBytes)" }),
        (
            "offsets.retention.check.interval.ms", .long,
            {
                "\(Int64($0.offsets.retentionCheckInterval / .milliseconds(1)))"
            }
        ),
        ("offsets.retention.minutes", .int, { "\(Int64($0.offsets.retention / .seconds(60)))" }),
        ("offsets.topic.num.partitions", .int, { "\($0.offsets.topicPartitions)" }),
        ("num.partitions", .int, { "\($0.topicDefaults.partitionCount)" }),
        ("producer.id.expiration.ms", .int, { "\($0.topicDefaults.producerIDExpirationMs)" }),
    ]

    /// What is the default of a topic's configuration.
    private static func settings(of key: TopicConfigKey, in defaults: BrokerTopicDefaults) -> [Setting] {
        let set = defaults.set(for: key)
        if set.isEmpty, let first = key.synonyms.first {
            return [Setting(name: first.name, value: key.defaultValue, type: key.type, isDefault: true)]
        }
        return set.map { name, text, _ in
            let isMilliseconds = key.synonyms.contains { $0.name == name && $0.milliseconds == 1 }
            return Setting(name: name, value: text, type: isMilliseconds ? key.type : .int, isDefault: false)
        }
    }

    /// Describes configurations, in the order of their names.
    /// - Parameters:
    ///   - names: Those that are asked for; all if it is empty or nil. Names that do not exist are passed over.
    ///   - includeSynonyms: Whether to tell by which name each was set.
    func entries(names: [String]?, includeSynonyms: Bool) -> [DescribeConfigsResponse.Result.ResourceResult] {
        let wanted = Set(names ?? [])
        return settings.filter { wanted.isEmpty || wanted.contains($0.name) }.map { setting in
            var entry = Entry()
            entry.name = setting.name
            entry.value = setting.value
            entry.readOnly = true
            entry.configSource = (setting.isDefault ? ConfigSource.default : .staticBroker).rawValue
            entry.configType = setting.type.rawValue
            entry.documentation = nil
            if includeSynonyms {
                var synonym = Entry.Synonym()
                (synonym.name, synonym.value, synonym.source) = (entry.name, entry.value, entry.configSource)
                entry.synonyms = [synonym]
            }
            return entry
        }
    }
}
