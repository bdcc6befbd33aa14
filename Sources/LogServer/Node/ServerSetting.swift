import LinuxIO
import SystemPackage

/// A node's configuration while settings are taken over, and what only makes sense together.
struct ServerDraft {
    var node: LogNode.Configuration
    var leastSessionTimeoutMs: Int32
    var mostSessionTimeoutMs: Int32

    init(_ node: LogNode.Configuration) {
        self.node = node
        leastSessionTimeoutMs = node.groups.sessionTimeoutsMs.lowerBound
        mostSessionTimeoutMs = node.groups.sessionTimeoutsMs.upperBound
    }
}

/// A setting of the server which is not the default of a topic's: its name, its values, and what it changes.
///
/// The names are Kafka's where Kafka has the setting; bounds too, but for those that only a larger machine than there is
/// would need.
package struct ServerSetting: Sendable {
    /// Its name.
    package let name: String
    /// Takes a value over; returns what is allowed instead if it cannot.
    let apply: @Sendable (_ value: String, _ draft: inout ServerDraft) -> String?

    private init(
        _ name: String,
        _ apply: @escaping @Sendable (String, inout ServerDraft) -> String?
    ) {
        self.name = name
        self.apply = apply
    }

    private static func boolean(
        _ name: String,
        _ set: @escaping @Sendable (inout ServerDraft, Bool) -> Void
    ) -> ServerSetting {
        ServerSetting(name) { text, draft in
            guard let value = ConfigValue(text, type: .boolean, rule: .any) else { return "true or false" }
            set(&draft, value.description == "true")
            return nil
        }
    }

    private static func integer(
        _ name: String,
        _ range: ClosedRange<Int64>,
        _ set: @escaping @Sendable (inout ServerDraft, Int64) -> Void
    ) -> ServerSetting {
        ServerSetting(name) { text, draft in
            guard let value = ConfigValue(text, type: .long, rule: .range(range)) else {
                return "an integer from \(range.lowerBound) to \(range.upperBound)"
            }
            set(&draft, value.integer)
            return nil
        }
    }

    private static let int32 = Int64(Int32.max)
    /// A hundred years, in milliseconds: what is longer is as good as for ever, and fits into every clock.
    private static let longest: Int64 = 36_525 * 86_400_000
    private static let mostPartitions = Int64(TopicMetadata.maximumNewPartitions)
}

extension ServerSetting {
    /// All, in the order in which they are told.
    package static let all = node + connections + topics + groups

    private static let node: [ServerSetting] = [
        // Taken over in this order: where both are set, log.dirs counts.
        .init("log.dir", directory),
        .init("log.dirs", directory),
        .integer("node.id", 0...int32) { $0.node.nodeID = Int32($1) },
        .integer("broker.id", 0...int32) { $0.node.nodeID = Int32($1) },
        .init("process.roles") { text, _ in
            text.split(separator: ",").contains { ConfigValue.trimmed(String($0)) == "broker" }
                ? nil : "a list with \"broker\" in it, which is what this node is"
        },
        .integer("num.network.threads", 1...1024) { $0.node.reactors = Int($1) },
        .init("metrics.listener") { text, draft in
            let text = ConfigValue.trimmed(text)
            if text.lowercased() == "none" {
                draft.node.metrics = .none
                return nil
            }
            guard let place = HostAndPort(text) else { return "HOST:PORT, such as 127.0.0.1:9644, or none" }
            draft.node.metrics = .at(place)
            return nil
        },
        .integer("num.recovery.threads.per.data.dir", 1...1024) { $0.node.openingThreads = Int($1) },
    ]

    private static func directory(_ text: String, _ draft: inout ServerDraft) -> String? {
        let path = ConfigValue.trimmed(text)
        guard !path.isEmpty, !path.contains(","), !path.utf8.contains(0) else {
            return "one directory, without a comma in its path"
        }
        draft.node.directory = FilePath(path)
        return nil
    }

    private static let connections: [ServerSetting] = [
        .integer("socket.request.max.bytes", Int64(FrameDecoder.minimumBytes)...int32) {
            $0.node.limits.requestMaxBytes = Int($1)
        },
        .init("queued.max.request.bytes") { text, draft in
            guard let value = ConfigValue(text, type: .long, rule: .noneOrRange(1...Int64.max)) else {
                return "an integer from 1 to \(Int64.max), or -1 for no limit"
            }
            draft.node.limits.queuedMaxBytes = value.integer == -1 ? .max : Int(value.integer)
            return nil
        },
        .init("connections.max.idle.ms") { text, draft in
            guard let value = ConfigValue(text, type: .long, rule: .noneOrRange(1...longest)) else {
                return "an integer from 1 to \(longest), or -1 for no limit"
            }
            draft.node.limits.maxIdle = .milliseconds(value.integer == -1 ? longest : value.integer)
            return nil
        },
        .integer("fetch.max.bytes", 1024...int32) { $0.node.fetchMaxBytes = Int($1) },
        .integer("max.incremental.fetch.session.cache.slots", 0...int32) { $0.node.fetchSessionSlots = Int($1) },
        .integer("max.request.partition.size.limit", 1...int32) { $0.node.describedPartitions = Int32($1) },
    ]

    private static let topics: [ServerSetting] = [
        .boolean("auto.create.topics.enable") { $0.node.autoCreatesTopics = $1 },
        .boolean("delete.topic.enable") { $0.node.deletesTopics = $1 },
    ]

    private static let groups: [ServerSetting] = [
        .integer("group.min.session.timeout.ms", 1...int32) { $0.leastSessionTimeoutMs = Int32($1) },
        .integer("group.max.session.timeout.ms", 1...int32) { $0.mostSessionTimeoutMs = Int32($1) },
        .integer("group.initial.rebalance.delay.ms", 0...int32) {
            $0.node.groups.initialRebalanceDelay = .milliseconds($1)
        },
        .integer("group.max.size", 1...int32) { $0.node.groups.maxSize = Int($1) },
        .integer("offsets.topic.num.partitions", 1...mostPartitions) { $0.node.offsets.topicPartitions = Int32($1) },
        .integer("offsets.retention.minutes", 1...int32) { $0.node.offsets.retention = .seconds($1 * 60) },
        .integer("offsets.retention.check.interval.ms", 1...longest) {
            $0.node.offsets.retentionCheckInterval = .milliseconds($1)
        },
        .integer("offset.metadata.max.bytes", 0...int32) { $0.node.offsets.maximumMetadataBytes = Int($1) },
    ]
}
