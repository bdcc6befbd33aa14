import CommitLog
import LinuxIO
import SystemPackage
import Testing

@testable import LogServer

/// Decides on settings as if a file had them.
private func decide(_ settings: [String: String]) throws(ServerPropertiesError) -> ServerProperties {
    try ServerProperties(
        settings.map { ServerProperty($0.key, $0.value, in: .file("server.properties")) },
        over: .init(directory: "standard")
    )
}

private func problems(_ settings: [String: String]) -> [String] {
    do {
        _ = try decide(settings)
        return []
    } catch {
        return error.problems
    }
}

@Suite("What a server's settings mean")
struct ServerPropertiesTests {
    @Test("without settings everything is as it was")
    func nothingSet() throws {
        let decided = try decide([:])
        let standard = LogNode.Configuration(directory: "standard")
        #expect(decided.configuration.directory == "standard")
        #expect(decided.configuration.listen == standard.listen)
        #expect(decided.configuration.advertise == nil)
        #expect(decided.configuration.nodeID == nil)
        #expect(decided.configuration.groups == standard.groups)
        #expect(decided.configuration.offsets == standard.offsets)
        #expect(decided.configuration.limits == standard.limits)
        #expect(decided.configuration.topicDefaults == standard.topicDefaults)
        #expect(decided.warnings.isEmpty)
    }

    private struct Effect: Sendable, CustomTestStringConvertible {
        let name: String
        let value: String
        let holds: @Sendable (LogNode.Configuration) -> Bool

        var testDescription: String { "\(name)=\(value)" }

        init(_ name: String, _ value: String, _ holds: @escaping @Sendable (LogNode.Configuration) -> Bool) {
            (self.name, self.value, self.holds) = (name, value, holds)
        }
    }

    private static let effects: [Effect] = [
        .init("log.dirs", " /var/lib/logs ", { $0.directory == "/var/lib/logs" }),
        .init("log.dir", "logs", { $0.directory == "logs" }),
        .init("node.id", "0", { $0.nodeID == 0 }),
        .init("broker.id", "2147483647", { $0.nodeID == .max }),
        .init("process.roles", "controller, broker", { _ in true }),
        .init("num.network.threads", "3", { $0.reactors == 3 }),
        .init("metrics.listener", "NONE", { $0.metrics == .none }),
        .init("metrics.listener", "[::1]:0", { $0.metrics == .at(HostAndPort(host: "::1", port: 0)) }),
        .init("num.recovery.threads.per.data.dir", "5", { $0.openingThreads == 5 }),
        .init("socket.request.max.bytes", "1000", { $0.limits.requestMaxBytes == 1000 }),
        .init("queued.max.request.bytes", "5", { $0.limits.queuedMaxBytes == 5 }),
        .init("queued.max.request.bytes", "-1", { $0.limits.queuedMaxBytes == .max }),
        .init("connections.max.idle.ms", "1500", { $0.limits.maxIdle == .milliseconds(1500) }),
        .init("connections.max.idle.ms", "-1", { $0.limits.maxIdle > .seconds(1_000_000_000) }),
        .init("fetch.max.bytes", "1024", { $0.fetchMaxBytes == 1024 }),
        .init("max.incremental.fetch.session.cache.slots", "0", { $0.fetchSessionSlots == 0 }),
        .init("max.request.partition.size.limit", "7", { $0.describedPartitions == 7 }),
        .init("auto.create.topics.enable", "False", { !$0.autoCreatesTopics }),
        .init("delete.topic.enable", "false", { !$0.deletesTopics }),
        .init("num.partitions", "12", { $0.topicDefaults.partitionCount == 12 }),
        .init("producer.id.expiration.ms", "70", { $0.topicDefaults.producerIDExpirationMs == 70 }),
        .init("group.min.session.timeout.ms", "10", { $0.groups.sessionTimeoutsMs == 10...1_800_000 }),
        .init("group.max.session.timeout.ms", "9000", { $0.groups.sessionTimeoutsMs == 6000...9000 }),
        .init("group.initial.rebalance.delay.ms", "0", { $0.groups.initialRebalanceDelay == .zero }),
        .init("group.max.size", "2", { $0.groups.maxSize == 2 }),
        .init("offsets.topic.num.partitions", "1", { $0.offsets.topicPartitions == 1 }),
        .init("offsets.retention.minutes", "2", { $0.offsets.retention == .seconds(120) }),
        .init("offsets.retention.check.interval.ms", "30", { $0.offsets.retentionCheckInterval == .milliseconds(30) }),
        .init("offset.metadata.max.bytes", "0", { $0.offsets.maximumMetadataBytes == 0 }),
        .init("listeners", "PLAINTEXT://[::1]:1", { $0.listen == HostAndPort(host: "::1", port: 1) }),
        .init("advertised.listeners", "PLAINTEXT://a:2", { $0.advertise == HostAndPort(host: "a", port: 2) }),
    ]

    @Test("a setting changes what it is for", arguments: effects)
    private func effect(_ effect: Effect) throws {
        let decided = try decide([effect.name: effect.value])
        #expect(effect.holds(decided.configuration))
        #expect(decided.warnings.isEmpty)
    }

    @Test("a default of topics is one, by each of its names")
    func topicDefaults() throws {
        let decided = try decide([
            "message.max.bytes": "5000", "log.roll.hours": "2", "log.flush.interval.messages": "9",
        ])
        let log = try TopicConfig([:], over: decided.configuration.topicDefaults).logConfiguration
        #expect(log.maxMessageBytes == 5000)
        #expect(log.segmentMs == 7_200_000)
        #expect(log.flushMessages == 9)
        #expect(decided.warnings.isEmpty)
    }

    @Test(
        "a value that is not allowed is refused with its name, where it stands, and what is allowed",
        arguments: [
            ("node.id", "-1", "an integer from 0 to 2147483647"),
            ("node.id", "9999999999999999999999", "an integer from 0 to 2147483647"),
            ("num.network.threads", "0", "an integer from 1 to 1024"),
            ("num.network.threads", "", "an integer from 1 to 1024"),
            ("connections.max.idle.ms", "0", "an integer from 1 to 3155760000000, or -1 for no limit"),
            ("queued.max.request.bytes", "0", "an integer from 1 to 9223372036854775807, or -1 for no limit"),
            ("socket.request.max.bytes", "7", "an integer from 8 to 2147483647"),
            ("socket.request.max.bytes", "1 MiB", "an integer from 8 to 2147483647"),
            ("auto.create.topics.enable", "yes", "true or false"),
            ("metrics.listener", "9644", "HOST:PORT, such as 127.0.0.1:9644, or none"),
            ("process.roles", "controller", "a list with \"broker\" in it, which is what this node is"),
            ("log.dirs", "a,b", "one directory, without a comma in its path"),
            ("log.dirs", " ", "one directory, without a comma in its path"),
            ("num.partitions", "0", "an integer from 1 to 10000"),
            ("producer.id.expiration.ms", "0", "an integer from 1 to 2147483647"),
            ("log.segment.bytes", "12", "an integer from 1048576 to 2147483647"),
            ("log.retention.hours", "x", "an integer of 32 bits"),
            ("log.retention.bytes", "x", "an integer of 64 bits"),
            ("compression.gzip.level", "0", "-1 or an integer from 1 to 9"),
            ("log.cleanup.policy", "none", "a list of compact, delete"),
            ("log.message.timestamp.type", "x", "one of CreateTime, LogAppendTime"),
            ("log.cleaner.min.cleanable.ratio", "2", "a number from 0 to 1"),
            ("log.preallocate", "1", "true or false"),
        ]
    )
    func refusal(name: String, value: String, allowed: String) {
        #expect(problems([name: value]) == ["\(name) is \"\(value)\" (server.properties), but it has to be \(allowed)"])
    }

    @Test("everything that is wrong is told at once, and no value is told at length")
    func allProblems() {
        let told = problems(["node.id": "x", "fetch.max.bytes": String(repeating: "9", count: 5000), "nothing": ""])
        #expect(told.count == 3)
        #expect(told.allSatisfy { $0.utf8.count < 400 })
    }

    @Test("of two names for one thing Kafka's choice counts; two numbers for one node are refused")
    func synonyms() throws {
        #expect(try decide(["log.dir": "a", "log.dirs": "b"]).configuration.directory == "b")
        #expect(try decide(["node.id": "4", "broker.id": " 4 "]).configuration.nodeID == 4)
        #expect(
            problems(["node.id": "4", "broker.id": "5"]) == [
                "broker.id is \"5\" (server.properties), but it has to be the same as node.id,"
                    + " which is \"4\" (server.properties)"
            ]
        )
    }

    @Test("settings that contradict each other are refused")
    func contradictions() {
        #expect(
            problems(["group.min.session.timeout.ms": "10", "group.max.session.timeout.ms": "9"]) == [
                "group.min.session.timeout.ms (10) cannot be above group.max.session.timeout.ms (9)"
            ]
        )
        let lags = problems(["log.cleaner.min.compaction.lag.ms": "10", "log.cleaner.max.compaction.lag.ms": "9"])
        #expect(lags.count == 1 && lags[0].hasPrefix("Topics cannot have these defaults: min.compaction.lag.ms (10)"))
    }

    @Test("what is set and does nothing is told by its name and never by its value, which may be a secret")
    func warnings() throws {
        let decided = try decide([
            "ssl.keystore.password": "hidden", "zookeeper.connect": "zk:2181", "listener.name.a.ssl.protocol": "x",
            "log.retention.hours": "1",
        ])
        #expect(
            decided.warnings == [
                "Without effect, kept and reported, but nothing is done about them yet:"
                    + " log.retention.hours (server.properties)",
                "Without effect, settings of Kafka's that mean nothing here:"
                    + " listener.name.a.ssl.protocol (server.properties),"
                    + " ssl.keystore.password (server.properties), zookeeper.connect (server.properties)",
            ]
        )
    }

    @Test("a name that nobody has is refused with the nearest, and only told where the environment has it")
    func unknownNames() throws {
        #expect(
            problems(["num.partitons": "1"]) == [
                "There is no setting num.partitons (server.properties); did you mean num.partitions?"
            ]
        )
        #expect(problems(["colour": "red"]) == ["There is no setting colour (server.properties)"])
        let variable = ServerProperty("log.dris", "x", in: .variable("MILLRACE_LOG_DRIS"))
        let decided = try ServerProperties([variable], over: .init(directory: "standard"))
        #expect(
            decided.warnings == [
                "MILLRACE_LOG_DRIS in the environment does not name a setting; did you mean log.dirs?"
            ]
        )
        #expect(decided.configuration.directory == "standard")
    }

    @Test("all settings but one have names of Kafka's, and each setting refuses what is no value at all")
    func names() {
        #expect(ServerProperties.names.filter { !KafkaSettingNames.all.contains($0) } == ["metrics.listener"])
        #expect(KafkaSettingNames.all.isDisjoint(with: KafkaSettingNames.removed))
        let texts: Set = ["compression.type"]
        for name in ServerProperties.names.subtracting(texts).subtracting(["controller.listener.names"]) {
            #expect(problems([name: "\u{0}?,"]).count == 1, "\(name)")
        }
    }

    @Test("Kafka's own file for a node that is broker and controller starts this node")
    func kafkasFile() throws {
        let decided = try decide([
            "process.roles": "broker,controller", "node.id": "1",
            "controller.quorum.bootstrap.servers": "localhost:9093",
            "listeners": "PLAINTEXT://:9092,CONTROLLER://:9093", "inter.broker.listener.name": "PLAINTEXT",
            "advertised.listeners": "PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map":
                "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL",
            "num.network.threads": "3", "num.io.threads": "8", "socket.send.buffer.bytes": "102400",
            "socket.receive.buffer.bytes": "102400", "socket.request.max.bytes": "104857600",
            "log.dirs": "/tmp/kraft-combined-logs", "num.partitions": "1", "num.recovery.threads.per.data.dir": "1",
            "offsets.topic.replication.factor": "1", "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1", "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1", "log.retention.hours": "168", "log.segment.bytes": "1073741824",
            "log.retention.check.interval.ms": "300000",
        ])
        #expect(decided.configuration.listen == HostAndPort(host: "0.0.0.0", port: 9092))
        #expect(decided.configuration.advertise == HostAndPort(host: "localhost", port: 9092))
        #expect(decided.warnings.count == 3)
    }
}
