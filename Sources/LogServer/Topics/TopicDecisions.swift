package import KafkaProtocol
import RecordBatch

/// What becomes of requests that make topics, widen them and delete them, on a cluster of one node.
///
/// Decides and does nothing: where a request only asks for validation, what is decided is the answer.
///
/// Source: Kafka's `ReplicationControlManager` and `ControllerApis`.
package struct TopicDecisions: Sendable {
    /// The only node, which every partition is on.
    package let nodeID: Int32
    /// What a topic gets that its creator leaves open.
    package let defaults: BrokerTopicDefaults

    /// - Parameters:
    ///   - nodeID: The id of the only node.
    ///   - defaults: What a topic gets that its creator leaves open.
    package init(nodeID: Int32, defaults: BrokerTopicDefaults) {
        self.nodeID = nodeID
        self.defaults = defaults
    }

    /// A topic that is to be made.
    package struct NewTopic: Hashable, Sendable {
        /// Its name.
        package let name: TopicName
        /// How many partitions it gets.
        package let partitionCount: Int32
        /// Its configuration.
        package let config: TopicConfig
    }

    /// Decides on each topic of a request, once; one that it names twice is refused.
    private static func decide<Topic, Decided>(
        on topics: [Topic],
        named name: (Topic) -> String,
        _ decide: (Topic) throws(APIError) -> Decided
    ) -> [(name: String, outcome: Result<Decided, APIError>)] {
        let counts = Dictionary(topics.map { (name($0), 1) }, uniquingKeysWith: +)
        var decided: Set<String> = []
        return topics.filter { decided.insert(name($0)).inserted }.map { topic in
            let outcome = Result { () throws(APIError) in
                guard counts[name(topic)] == 1 else {
                    throw APIError(.invalidRequest, "The request names the topic twice")
                }
                return try decide(topic)
            }
            return (name(topic), outcome)
        }
    }

    // MARK: Creation

    /// Decides on each topic of a request.
    /// - Parameters:
    ///   - request: What is to be made.
    ///   - image: The topics there are.
    /// - Returns: For each name of the request, once, the topic or why there will be none.
    package func create(
        _ request: CreateTopicsRequest,
        in image: MetadataImage
    ) -> [(name: String, outcome: Result<NewTopic, APIError>)] {
        var image = image
        var total = 0
        return Self.decide(on: request.topics, named: \.name) { (topic) throws(APIError) in
            let new = try create(topic, in: image)
            total += Int(new.partitionCount)
            try checkTotal(total)
            // Topics of one request must not collide either.
            image.put(.init(name: topic.name, id: .random(), partitionCount: new.partitionCount))
            return new
        }
    }

    private func create(
        _ topic: CreateTopicsRequest.CreatableTopic,
        in image: MetadataImage
    ) throws(APIError) -> NewTopic {
        let name = try TopicName(topic.name)
        guard image.topics[topic.name] == nil else {
            throw APIError(.topicAlreadyExists, "There is a topic \(name) already")
        }
        if let other = image.collision(with: name) {
            throw APIError(
                .invalidTopicException,
                "\(name) and the topic \(other) differ in dots and underscores alone, which metrics do not tell apart"
            )
        }
        var overrides: [String: String] = [:]
        for config in topic.configs {
            guard let value = config.value else {
                throw .missingValue(config.name, .invalidConfig)
            }
            // Of a name that comes twice the last value counts, as in Kafka.
            overrides[config.name] = value
        }
        let config = try TopicConfig(overrides, over: defaults)
        let count = try partitionCount(of: topic)
        try checkDirectoryName(name, count)
        return NewTopic(name: name, partitionCount: count, config: config)
    }

    private func partitionCount(of topic: CreateTopicsRequest.CreatableTopic) throws(APIError) -> Int32 {
        guard topic.assignments.isEmpty else {
            guard topic.replicationFactor == -1 else {
                throw APIError(
                    .invalidRequest,
                    "Partitions are assigned by hand, which leaves no room for a replication factor other than -1"
                )
            }
            guard topic.numPartitions == -1 else {
                throw APIError(
                    .invalidRequest,
                    "Partitions are assigned by hand, which leaves no room for a number of them other than -1"
                )
            }
            var indexes: Set<Int32> = []
            for assignment in topic.assignments {
                let index = assignment.partitionIndex
                guard indexes.insert(index).inserted else {
                    throw APIError(
                        .invalidReplicaAssignment,
                        "Partition \(index) is assigned twice"
                    )
                }
                try check(assignment.brokerIDs)
            }
            guard indexes.allSatisfy({ $0 >= 0 && $0 < indexes.count }) else {
                throw APIError(
                    .invalidReplicaAssignment,
                    "The partitions that are assigned are not those from 0 to \(indexes.count - 1)"
                )
            }
            return Int32(indexes.count)
        }
        guard topic.replicationFactor == -1 || topic.replicationFactor > 0 else {
            throw APIError(
                .invalidReplicationFactor,
                "A replication factor of \(topic.replicationFactor) is none: it is at least 1, or -1 for the default"
            )
        }
        guard topic.numPartitions == -1 || topic.numPartitions > 0 else {
            throw APIError(
                .invalidPartitions,
                "A topic has at least 1 partition, or -1 for the default number, not \(topic.numPartitions)"
            )
        }
        guard topic.replicationFactor <= 1 else {
            throw APIError(
                .invalidReplicationFactor,
                "There is one broker, so a replication factor of \(topic.replicationFactor) cannot be had"
            )
        }
        return topic.numPartitions == -1 ? defaults.partitionCount : topic.numPartitions
    }

    // MARK: Widening

    /// Decides on each topic of a request.
    /// - Returns: For each name of the request, once, the topic with as many partitions as it gets, or why it gets none.
    package func createPartitions(
        _ request: CreatePartitionsRequest,
        in image: MetadataImage
    ) -> [(name: String, outcome: Result<TopicMetadata, APIError>)] {
        var total = 0
        return Self.decide(on: request.topics, named: \.name) { (topic) throws(APIError) in
            try widen(topic, in: image, &total)
        }
    }

    private func widen(
        _ topic: CreatePartitionsRequest.Topic,
        in image: MetadataImage,
        _ total: inout Int
    ) throws(APIError) -> TopicMetadata {
        let name = try TopicName(topic.name)
        guard var widened = image.topics[topic.name] else {
            throw APIError(.unknownTopicOrPartition, "There is no topic \(name)")
        }
        let current = widened.partitionCount
        guard topic.count != current else {
            throw APIError(.invalidPartitions, "\(name) has \(current) partitions already")
        }
        guard topic.count > current else {
            throw APIError(
                .invalidPartitions,
                "\(name) has \(current) partitions, and cannot be brought down to \(topic.count)"
            )
        }
        guard topic.count <= TopicMetadata.maximumPartitions else {
            throw APIError(
                .invalidPartitions,
                "A topic has at most \(TopicMetadata.maximumPartitions) partitions"
            )
        }
        let added = Int(topic.count - current)
        if let assignments = topic.assignments {
            guard assignments.count == added else {
                throw APIError(
                    .invalidReplicaAssignment,
                    "\(added) partitions are to be added, and \(assignments.count) are assigned"
                )
            }
            for assignment in assignments { try check(assignment.brokerIDs) }
        }
        total += added
        try checkTotal(total)
        try checkDirectoryName(name, topic.count)
        widened.partitionCount = topic.count
        return widened
    }

    // MARK: Checks

    /// A partition assigned by hand can be on the only node and nowhere else.
    private func check(_ brokers: [Int32]) throws(APIError) {
        guard let first = brokers.first else {
            throw APIError(.invalidReplicaAssignment, "A partition is assigned to no broker")
        }
        if let other = brokers.first(where: { $0 != nodeID }) {
            throw APIError(
                .invalidReplicaAssignment,
                "A partition is assigned to broker \(other), but \(nodeID) is the only one"
            )
        }
        guard brokers.count == 1 else {
            throw APIError(
                .invalidReplicaAssignment,
                "A partition is assigned to broker \(first) more than once"
            )
        }
    }

    private func checkTotal(_ total: Int) throws(APIError) {
        guard total <= TopicMetadata.maximumNewPartitions else {
            throw APIError(
                .policyViolation,
                "One request makes at most \(TopicMetadata.maximumNewPartitions) partitions"
            )
        }
    }

    /// A partition's directory is named for the topic and the partition, and names of files have an end.
    private func checkDirectoryName(_ name: TopicName, _ count: Int32) throws(APIError) {
        let length = "\(name)-\(count - 1)".utf8.count
        guard length <= 255 else {
            throw APIError(
                .invalidPartitions,
                "The directory of partition \(count - 1) would have a name of \(length) bytes, and 255 is the most"
            )
        }
    }
}
