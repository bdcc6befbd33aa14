import CommitLog
public import LinuxIO
public import SystemPackage

extension LogNode {
    /// Where a node tells its metrics and its health.
    public enum MetricsListener: Hashable, Sendable {
        /// Nowhere.
        case none
        /// There; port 0 lets the kernel choose one.
        case at(HostAndPort)
        /// There, and nowhere where that is taken.
        case whereFree(HostAndPort)
    }

    /// What a node serves, and where.
    public struct Configuration: Sendable {
        /// `log.dirs`: where the data lies; made if there is nothing.
        public var directory: FilePath
        /// `listeners`: where clients connect to, 127.0.0.1:9092 by default; port 0 lets the kernel choose one.
        public var listen = HostAndPort(host: "127.0.0.1", port: 9092)
        /// `advertised.listeners`: where clients are told to connect to; ``listen`` by default.
        public var advertise: HostAndPort?
        /// `num.network.threads`: how many threads serve connections, at least 1; by default one for each processor.
        public var reactors = Processors.count
        /// `node.id`: which node of its cluster this is, at least 0; by default what the directory says, and 1 for a new one.
        public var nodeID: Int32?
        /// `num.recovery.threads.per.data.dir`: how many logs are opened, and closed, at a time; 64 by default.
        public var openingThreads = LogDirectory.Configuration().openingThreads
        /// `auto.create.topics.enable`: whether a topic that a client asks for is made.
        public var autoCreatesTopics = true
        /// `delete.topic.enable`: whether clients may delete topics.
        public var deletesTopics = true
        /// `fetch.max.bytes`: how many bytes of records a response has at most, but for a batch that is larger than that.
        public var fetchMaxBytes = FetchBudget.defaultMaximumBytes
        /// `max.incremental.fetch.session.cache.slots`: how many fetch sessions are kept.
        public var fetchSessionSlots = 1000
        /// `max.request.partition.size.limit`: how many partitions one page of them has at most.
        public var describedPartitions: Int32 = 2000
        /// `metrics.listener`: where `/metrics` and `/health` are told over HTTP; nowhere by default.
        public var metrics = MetricsListener.none
        /// What connections may take.
        package var limits = ConnectionLimits()
        /// What groups are allowed.
        package var groups = GroupConfiguration()
        /// What is done about committed offsets.
        package var offsets = OffsetConfiguration()
        /// What all topics get that have no setting of their own.
        package var topicDefaults = BrokerTopicDefaults()
        /// What was set and does nothing, for the log.
        package var warnings: [String] = []

        /// - Parameter directory: Where the data lies; its parent has to exist.
        public init(directory: FilePath) { self.directory = directory }

        /// Decides on a configuration by the names of Kafka's `server.properties`.
        ///
        /// - Parameters:
        ///   - directory: Where the data lies, unless `log.dirs` says so; its parent has to exist.
        ///   - settings: What is set, such as `["num.partitions": "6"]`. Settings of Kafka's that mean nothing here are told
        ///     in the node's log.
        /// - Throws: All that is wrong with them: names that nobody knows, values that are not allowed.
        public init(directory: FilePath, settings: [String: String]) throws(ServerPropertiesError) {
            let properties = settings.map { ServerProperty($0.key, $0.value, in: .program) }
            self = try ServerProperties(properties, over: Self(directory: directory)).configuration
        }
    }
}

extension LogNode.Configuration {
    /// What the broker gets of it.
    /// - Parameters:
    ///   - properties: Whose directory it serves.
    ///   - listening: Where it listens.
    func broker(_ properties: MetaProperties, listening: HostAndPort) -> BrokerConfiguration {
        var broker = BrokerConfiguration(
            nodeID: properties.nodeID,
            clusterID: properties.clusterID,
            advertised: advertise ?? listening
        )
        broker.autoCreatesTopics = autoCreatesTopics
        broker.deletesTopics = deletesTopics
        broker.fetchMaxBytes = fetchMaxBytes
        broker.fetchSessionSlots = fetchSessionSlots
        broker.describedPartitions = describedPartitions
        broker.topicDefaults = topicDefaults
        broker.groups = groups
        broker.offsets = offsets
        return broker
    }

    /// How the directory is opened.
    var opening: LogDirectory.Configuration {
        var opening = LogDirectory.Configuration()
        opening.nodeID = nodeID
        opening.openingThreads = openingThreads
        return opening
    }
}
