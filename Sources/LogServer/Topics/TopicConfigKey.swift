/// A configuration that a topic can have.
///
/// Source: Kafka 4.0's `LogConfig`, `TopicConfig` and `ServerTopicConfigSynonyms`. Names, types, bounds and defaults are
/// Kafka's, but for the default of `flush.messages`, which is 1: what is acknowledged is durable.
package struct TopicConfigKey: Hashable, Sendable {
    /// Its name.
    package let name: String
    /// The type of its value.
    package let type: ConfigType
    /// What holds for its value beyond the type.
    package let rule: ConfigRule
    /// The value where nobody has set one.
    package let defaultValue: String
    /// What it is called in the server's configuration, where it is the default of all topics; the first that is set
    /// counts.
    package let synonyms: [Synonym]
    /// Whether it changes what a topic does.
    ///
    /// The others are kept and reported, so that tools which set them work.
    package var hasEffect: Bool { Self.effective.contains(name) }

    /// A name in the server's configuration.
    package struct Synonym: Hashable, Sendable, ExpressibleByStringLiteral {
        /// The name.
        package let name: String
        /// How many milliseconds are one of its units; 1 where the value is taken as it is.
        package let milliseconds: Int64

        /// A name of which the value is taken as it is.
        package init(stringLiteral name: String) { self.init(name, milliseconds: 1) }

        private init(_ name: String, milliseconds: Int64) {
            self.name = name
            self.milliseconds = milliseconds
        }

        static func minutes(_ name: String) -> Synonym { Synonym(name, milliseconds: 60_000) }
        static func hours(_ name: String) -> Synonym { Synonym(name, milliseconds: 3_600_000) }
    }

    private init(_ name: String, _ type: ConfigType, _ rule: ConfigRule, _ value: String, _ synonyms: [Synonym] = []) {
        self.name = name
        self.type = type
        self.rule = rule
        defaultValue = value
        self.synonyms = synonyms
    }

    /// All, ordered by name.
    package static let all = (timing + cleaning + appending + replication).sorted { $0.name < $1.name }

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    /// The configuration of that name; `nil` if there is none.
    package static func named(_ name: String) -> TopicConfigKey? { byName[name] }

    /// Reads a value; `nil` if it cannot be one.
    package func value(_ text: String) -> ConfigValue? { ConfigValue(text, type: type, rule: rule) }
}

extension TopicConfigKey {
    private static let week = "604800000"
    private static let forever = "\(Int64.max)"

    private static func atLeast(_ least: Int64) -> ConfigRule { .range(least...Int64.max) }

    private static let effective: Set<String> = [
        "segment.bytes", "segment.ms", "segment.jitter.ms", "segment.index.bytes", "index.interval.bytes",
        "flush.messages", "flush.ms", "max.message.bytes", "message.timestamp.type",
        "message.timestamp.before.max.ms", "message.timestamp.after.max.ms",
    ]

    /// When segments are rolled, flushed and deleted.
    private static let timing: [TopicConfigKey] = [
        .init("segment.bytes", .int, atLeast(1 << 20), "1073741824", ["log.segment.bytes"]),
        .init("segment.ms", .long, atLeast(1), week, ["log.roll.ms", .hours("log.roll.hours")]),
        .init("segment.jitter.ms", .long, atLeast(0), "0", ["log.roll.jitter.ms", .hours("log.roll.jitter.hours")]),
        .init("segment.index.bytes", .int, atLeast(4), "10485760", ["log.index.size.max.bytes"]),
        .init("index.interval.bytes", .int, atLeast(0), "4096", ["log.index.interval.bytes"]),
        .init("flush.messages", .long, atLeast(1), "1", ["log.flush.interval.messages"]),
        .init("flush.ms", .long, atLeast(0), forever, ["log.flush.interval.ms", "log.flush.scheduler.interval.ms"]),
        .init("retention.bytes", .long, .any, "-1", ["log.retention.bytes"]),
        .init("retention.ms", .long, atLeast(-1), week, retentionTimes),
        .init("file.delete.delay.ms", .long, atLeast(0), "60000", ["log.segment.delete.delay.ms"]),
        .init("preallocate", .boolean, .any, "false", ["log.preallocate"]),
    ]

    private static let retentionTimes: [Synonym] = [
        "log.retention.ms", .minutes("log.retention.minutes"), .hours("log.retention.hours"),
    ]

    /// What is deleted and compacted.
    private static let cleaning: [TopicConfigKey] = [
        .init("cleanup.policy", .list, .words(["compact", "delete"]), "delete", ["log.cleanup.policy"]),
        .init("delete.retention.ms", .long, atLeast(0), "86400000", ["log.cleaner.delete.retention.ms"]),
        .init("min.compaction.lag.ms", .long, atLeast(0), "0", ["log.cleaner.min.compaction.lag.ms"]),
        .init("max.compaction.lag.ms", .long, atLeast(1), forever, ["log.cleaner.max.compaction.lag.ms"]),
        .init("min.cleanable.dirty.ratio", .double, .fraction, "0.5", ["log.cleaner.min.cleanable.ratio"]),
    ]

    /// What is accepted, and what is changed in it.
    private static let appending: [TopicConfigKey] = [
        .init("max.message.bytes", .int, atLeast(0), "1048588", ["message.max.bytes"]),
        .init("message.timestamp.type", .string, timestampTypes, "CreateTime", ["log.message.timestamp.type"]),
        .init("message.timestamp.before.max.ms", .long, atLeast(0), forever, ["log.message.timestamp.before.max.ms"]),
        .init("message.timestamp.after.max.ms", .long, atLeast(0), "3600000", ["log.message.timestamp.after.max.ms"]),
        .init("compression.type", .string, compressionTypes, "producer", ["compression.type"]),
        .init("compression.gzip.level", .int, .noneOrRange(1...9), "-1", ["compression.gzip.level"]),
        .init("compression.lz4.level", .int, .range(1...17), "9", ["compression.lz4.level"]),
        .init("compression.zstd.level", .int, .range(-131_072...22), "3", ["compression.zstd.level"]),
    ]

    private static let timestampTypes = ConfigRule.words(["CreateTime", "LogAppendTime"])
    private static let compressionTypes = ConfigRule.words(
        ["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"]
    )

    /// What concerns other servers, and tiers.
    private static let replication: [TopicConfigKey] = [
        .init("min.insync.replicas", .int, atLeast(1), "1", ["min.insync.replicas"]),
        .init("unclean.leader.election.enable", .boolean, .any, "false", ["unclean.leader.election.enable"]),
        .init("leader.replication.throttled.replicas", .list, .throttledReplicas, ""),
        .init("follower.replication.throttled.replicas", .list, .throttledReplicas, ""),
        .init("remote.storage.enable", .boolean, .any, "false"),
        .init("remote.log.copy.disable", .boolean, .any, "false"),
        .init("remote.log.delete.on.disable", .boolean, .any, "false"),
        .init("local.retention.ms", .long, atLeast(-2), "-2", ["log.local.retention.ms"]),
        .init("local.retention.bytes", .long, atLeast(-2), "-2", ["log.local.retention.bytes"]),
    ]
}

extension TopicConfigKey {
    /// What its value may be, in words: "an integer of at least 1".
    var allowed: String { rule.allowed(type) }
}
