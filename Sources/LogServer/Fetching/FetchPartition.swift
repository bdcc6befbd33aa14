package import KafkaProtocol
package import RecordBatch

/// How a Fetch request names a topic: by name up to version 12, by identity (KIP-516) from version 13 on.
package enum FetchTopic: Hashable, Sendable {
    case name(String)
    case id(TopicID)

    /// As a request of that version does, which has both fields.
    init(_ name: String, _ id: TopicID, version: Int16) {
        self = FetchSession.usesTopicIDs(version) ? .id(id) : .name(name)
    }
}

/// A partition that is fetched.
package struct FetchPartition: Hashable, Sendable {
    /// Its topic, as the request names it.
    package var topic: FetchTopic
    /// Its number, as the request has it.
    package var index: Int32

    /// Makes one.
    package init(_ topic: FetchTopic, _ index: Int32) {
        self.topic = topic
        self.index = index
    }
}

/// A partition to read, and what a client has asked for of it.
package struct RequestedPartition: Hashable, Sendable {
    /// The partition.
    package let partition: FetchPartition
    /// From where, how much, and what the client knows of it.
    package let request: FetchRequest.Topic.Partition
}

/// What was found for a partition that is fetched.
package struct FetchResult: Hashable, Sendable {
    /// The partition.
    package var partition: FetchPartition
    /// What a response tells of it.
    package var data: FetchResponse.FetchableTopicResponse.PartitionData

    /// Makes one.
    package init(_ partition: FetchPartition, _ data: FetchResponse.FetchableTopicResponse.PartitionData) {
        self.partition = partition
        self.data = data
    }
}

extension FetchRequest {
    /// What the request says of each partition that it names, in its order; of one that comes twice, what is said last.
    /// - Parameter version: The version of the request.
    func partitions(version: Int16) -> RotatingTable<FetchPartition, Topic.Partition> {
        var table = RotatingTable<FetchPartition, Topic.Partition>()
        for topic in topics {
            let name = FetchTopic(topic.topic, topic.topicID, version: version)
            for partition in topic.partitions { table[FetchPartition(name, partition.partition)] = partition }
        }
        return table
    }

    /// The partitions that are to be dropped from the session.
    /// - Parameter version: The version of the request.
    func forgottenPartitions(version: Int16) -> [FetchPartition] {
        var forgotten: [FetchPartition] = []
        for topic in forgottenTopicsData {
            let name = FetchTopic(topic.topic, topic.topicID, version: version)
            for index in topic.partitions { forgotten.append(FetchPartition(name, index)) }
        }
        return forgotten
    }
}

extension FetchResponse {
    /// A response with what was found, in the order in which it was found: partitions of a topic that follow one another
    /// stand together.
    init(_ results: some Sequence<FetchResult>, sessionID: Int32) {
        self.init()
        self.sessionID = sessionID
        var last: FetchTopic?
        for result in results {
            if result.partition.topic != last {
                var topic = FetchableTopicResponse()
                switch result.partition.topic {
                case .name(let name): topic.topic = name
                case .id(let id): topic.topicID = id
                }
                responses.append(topic)
                last = result.partition.topic
            }
            responses[responses.count - 1].partitions.append(result.data)
        }
    }

    /// A response that is nothing but an error of the session.
    init(_ error: ErrorCode, sessionID: Int32 = 0) {
        self.init()
        errorCode = error
        self.sessionID = sessionID
    }
}
