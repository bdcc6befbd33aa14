import CommitLog
import KafkaProtocol
import Testing

@testable import LogServer

/// A configuration that is known to be valid.
func config(_ overrides: [String: String] = [:], _ broker: [String: String] = [:]) throws -> TopicConfig {
    try TopicConfig(overrides, over: BrokerTopicDefaults(broker))
}

@Suite("A topic's configuration")
struct TopicConfigTests {
    @Test("Kafka 4.0's configurations are all known, and every default is a valid value")
    func table() {
        let names = [
            "cleanup.policy", "compression.gzip.level", "compression.lz4.level", "compression.type",
            "compression.zstd.level", "delete.retention.ms", "file.delete.delay.ms", "flush.messages", "flush.ms",
            "follower.replication.throttled.replicas", "index.interval.bytes", "leader.replication.throttled.replicas",
            "local.retention.bytes", "local.retention.ms", "max.compaction.lag.ms", "max.message.bytes",
            "message.timestamp.after.max.ms", "message.timestamp.before.max.ms", "message.timestamp.type",
            "min.cleanable.dirty.ratio", "min.compaction.lag.ms", "min.insync.replicas", "preallocate",
            "remote.log.copy.disable", "remote.log.delete.on.disable", "remote.storage.enable", "retention.bytes",
            "retention.ms", "segment.bytes", "segment.index.bytes", "segment.jitter.ms", "segment.ms",
            "unclean.leader.election.enable",
        ]
        #expect(TopicConfigKey.all.map(\.name) == names)
        for key in TopicConfigKey.all {
            #expect(key.value(key.defaultValue)?.description == key.defaultValue, "\(key.name)")
        }
    }

    @Test("the defaults are those of the engine")
    func defaults() throws {
        #expect(try config().logConfiguration == LogConfiguration())
    }

    @Test("what has an effect reaches the log, and nothing else does")
    func effects() throws {
        let values = [
            "segment.bytes": "2097152", "segment.ms": "1000", "segment.jitter.ms": "10", "segment.index.bytes": "4",
            "index.interval.bytes": "0", "max.message.bytes": "2000", "message.timestamp.type": "LogAppendTime",
            "message.timestamp.before.max.ms": "5", "message.timestamp.after.max.ms": "6", "flush.messages": "100",
            "flush.ms": "200",
        ]
        let log = try config(values).logConfiguration
        #expect(log.segmentBytes == 2_097_152 && log.segmentMs == 1000 && log.segmentJitterMs == 10)
        #expect(log.segmentIndexBytes == 24 && log.indexIntervalBytes == 0 && log.maxMessageBytes == 2000)
        #expect(log.timestampType == .logAppendTime && log.timestampBeforeMaxMs == 5 && log.timestampAfterMaxMs == 6)
        #expect(log.flushMessages == 100 && log.flushMs == 200)
        #expect(Set(values.keys) == Set(TopicConfigKey.all.filter(\.hasEffect).map(\.name)))
    }

    @Test(
        "a value of another type, or out of its range, is invalid",
        arguments: [
            ("segment.bytes", "1048575"), ("segment.bytes", "2147483648"), ("segment.bytes", "1e9"),
            ("segment.bytes", ""),
            ("segment.ms", "0"), ("segment.ms", "9223372036854775808"), ("flush.messages", "0"),
            ("retention.ms", "-2"), ("min.cleanable.dirty.ratio", "1.01"), ("min.cleanable.dirty.ratio", "nan"),
            ("cleanup.policy", "compact,keep"), ("compression.type", "none"), ("compression.gzip.level", "0"),
            ("compression.lz4.level", "18"), ("preallocate", "yes"), ("message.timestamp.type", "createtime"),
            ("leader.replication.throttled.replicas", "1:x"), ("min.insync.replicas", "0"),
            ("remote.storage.enable", "true"), ("segment.byte", "1"), ("", ""), ("internal.segment.bytes", "1"),
        ]
    )
    func invalid(name: String, value: String) {
        let error = #expect(throws: APIError.self) { try config([name: value]) }
        #expect(error?.code == .invalidConfig)
    }

    @Test(
        "a valid value is reported in one form",
        arguments: [
            ("segment.bytes", " 1048576 ", "1048576"), ("preallocate", "TRUE", "true"), ("retention.bytes", "-7", "-7"),
            ("cleanup.policy", " compact , delete ", "compact,delete"), ("cleanup.policy", "", ""),
            ("min.cleanable.dirty.ratio", "1", "1.0"), ("compression.gzip.level", "-1", "-1"),
            ("leader.replication.throttled.replicas", "*", "*"),
            ("leader.replication.throttled.replicas", "0:1,1:1", "0:1,1:1"),
        ]
    )
    func valid(name: String, value: String, reported: String) throws {
        #expect(try config([name: value]).value(named: name).description == reported)
    }

    @Test("a compaction lag may not be larger than the largest")
    func lags() throws {
        let error = #expect(throws: APIError.self) {
            try config(["min.compaction.lag.ms": "11"], ["log.cleaner.max.compaction.lag.ms": "10"])
        }
        #expect(error?.code == .invalidConfig)
        _ = try config(["min.compaction.lag.ms": "10"], ["log.cleaner.max.compaction.lag.ms": "10"])
    }

    @Test("the topic's value counts before the server's, and that before the default")
    func precedence() throws {
        let key = try #require(TopicConfigKey.named("retention.ms"))
        #expect(try config().value(of: key).value.integer == 604_800_000)
        #expect(try config().value(of: key).source == .default)

        let hours = ["log.retention.hours": "2"]
        #expect(try config([:], hours).value(of: key).value.integer == 7_200_000)
        #expect(try config([:], hours).value(of: key).source == .staticBroker)
        let minutes = ["log.retention.hours": "2", "log.retention.minutes": "3"]
        #expect(try config([:], minutes).value(of: key).value.integer == 180_000)
        let ms = ["log.retention.hours": "2", "log.retention.minutes": "3", "log.retention.ms": "4"]
        #expect(try config([:], ms).value(of: key).value.integer == 4)
        #expect(try config(["retention.ms": "5"], ms).value(of: key).value.integer == 5)
        #expect(try config(["retention.ms": "5"], ms).value(of: key).source == .topic)
        #expect(try config([:], ["log.retention.hours": "-3"]).value(of: key).value.integer == -1)
        let most = try config([:], ["log.retention.hours": "2147483647"])
        #expect(most.value(of: key).value.integer == 2_147_483_647 * 3_600_000)
    }

    @Test(
        "the server's configuration is checked",
        arguments: [
            ["log.segment.bytes": "5"], ["log.roll.hours": "x"], ["log.roll.hours": "0"], ["num.partitions": "0"],
            ["num.partitions": "10001"],
        ]
    )
    func brokerValues(properties: [String: String]) throws {
        let error = #expect(throws: APIError.self) { try BrokerTopicDefaults(properties) }
        #expect(error?.code == .invalidConfig)
        #expect(try BrokerTopicDefaults(["num.partitions": "7", "listeners": "?"]).partitionCount == 7)
        #expect(BrokerTopicDefaults().partitionCount == 1)
    }

    @Test("what was stored and is no longer valid counts as not set")
    func stored() {
        let config = TopicConfig(
            stored: ["flush.ms": "1", "gone": "2", "segment.ms": "0"],
            over: BrokerTopicDefaults()
        )
        #expect(config.overrides == ["flush.ms": "1"])
    }
}
