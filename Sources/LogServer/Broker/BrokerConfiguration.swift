package import LinuxIO

/// What a broker is, and what it allows, by the names of Kafka's configuration.
package struct BrokerConfiguration: Sendable {
    /// `node.id`.
    package var nodeID: Int32
    /// The cluster's identity.
    package var clusterID: String
    /// `advertised.listeners`: where clients are told to connect to.
    package var advertised: HostAndPort
    /// `auto.create.topics.enable`: whether a topic that a client asks for is made.
    package var autoCreatesTopics = true
    /// `delete.topic.enable`: whether clients may delete topics.
    package var deletesTopics = true
    /// `fetch.max.bytes`: how many bytes of records a response has at most, but for a batch that is larger than that.
    package var fetchMaxBytes = FetchBudget.defaultMaximumBytes
    /// `max.incremental.fetch.session.cache.slots`.
    package var fetchSessionSlots = 1000
    /// `max.request.partition.size.limit`: how many partitions one page of them has at most.
    package var describedPartitions: Int32 = 2000
    /// What the server sets for all topics.
    package var topicDefaults = BrokerTopicDefaults()
    /// What groups are allowed.
    package var groups = GroupConfiguration()
    /// What is done about committed offsets.
    package var offsets = OffsetConfiguration()

    /// Kafka's defaults.
    package init(nodeID: Int32, clusterID: String, advertised: HostAndPort) {
        self.nodeID = nodeID
        self.clusterID = clusterID
        self.advertised = advertised
    }
}
