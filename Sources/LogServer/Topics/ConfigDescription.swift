package import KafkaProtocol

/// What DescribeConfigs tells of a topic's configurations.
///
/// All of them can be altered, and none is a secret. There is no documentation.
///
/// Source: Kafka's `ConfigHelper.createTopicConfigEntry`. There the synonyms of `segment.ms`, `segment.jitter.ms`,
/// `retention.ms` and `flush.ms` are left out, unless the first of them is set; here they are told as the others are.
package enum ConfigDescription {
    private typealias Synonym = DescribeConfigsResponse.Result.ResourceResult.Synonym

    /// Describes configurations, in the order of their names.
    /// - Parameters:
    ///   - config: The topic's configuration.
    ///   - names: Those that are asked for; all if it is empty or nil. Names that do not exist are passed over.
    ///   - includeSynonyms: Whether to tell what would count if the topic's own value, or the server's, were not set.
    package static func entries(
        of config: TopicConfig,
        names: [String]?,
        includeSynonyms: Bool
    ) -> [DescribeConfigsResponse.Result.ResourceResult] {
        let wanted = Set(names ?? [])
        return TopicConfigKey.all.filter { wanted.isEmpty || wanted.contains($0.name) }.map { key in
            let (value, source) = config.value(of: key)
            var entry = DescribeConfigsResponse.Result.ResourceResult()
            entry.name = key.name
            entry.value = value.description
            entry.configSource = source.rawValue
            entry.configType = key.type.rawValue
            entry.synonyms = includeSynonyms ? synonyms(of: key, in: config) : []
            entry.documentation = nil
            return entry
        }
    }

    /// The same, as CreateTopics tells of a topic that it has made.
    package static func created(
        _ config: TopicConfig
    ) -> [CreateTopicsResponse.CreatableTopicResult.CreatableTopicConfigs] {
        TopicConfigKey.all.map { key in
            let (value, source) = config.value(of: key)
            var entry = CreateTopicsResponse.CreatableTopicResult.CreatableTopicConfigs()
            entry.name = key.name
            entry.value = value.description
            entry.configSource = source.rawValue
            return entry
        }
    }

    /// Where the value comes from, and what it hides.
    private static func synonyms(of key: TopicConfigKey, in config: TopicConfig) -> [Synonym] {
        func synonym(_ name: String, _ value: String, _ source: ConfigSource) -> Synonym {
            var synonym = Synonym()
            synonym.name = name
            synonym.value = value
            synonym.source = source.rawValue
            return synonym
        }
        var synonyms: [Synonym] = []
        if let value = config.overrides[key.name].flatMap(key.value) {
            synonyms.append(synonym(key.name, value.description, .topic))
        }
        for set in config.defaults.set(for: key) { synonyms.append(synonym(set.name, set.text, .staticBroker)) }
        if let first = key.synonyms.first { synonyms.append(synonym(first.name, key.defaultValue, .default)) }
        return synonyms
    }
}
