import CommitLog
import KafkaProtocol
import LinuxIO
import RecordBatch

/// The cluster, which is this node, and its topics are told.
extension Broker {
    /// Tells of the cluster's nodes.
    ///
    /// Source: Kafka's `AuthHelper.computeDescribeClusterResponse`.
    func describeCluster(_ request: DescribeClusterRequest) -> DescribeClusterResponse {
        var response = DescribeClusterResponse()
        response.endpointType = request.endpointType
        switch request.endpointType {
        case 1: break
        case 2:
            response.errorCode = .mismatchedEndpointType
            response.errorMessage = "Controllers were asked for, and this endpoint is a broker's"
            return response
        default:
            response.errorCode = .unsupportedEndpointType
            response.errorMessage = "There is no kind of endpoint with the number \(request.endpointType)"
            return response
        }
        var broker = DescribeClusterResponse.Broker()
        broker.brokerID = configuration.nodeID
        broker.host = configuration.advertised.host
        broker.port = Int32(configuration.advertised.port)
        response.brokers = [broker]
        response.clusterID = configuration.clusterID
        response.controllerID = configuration.nodeID
        if request.includeClusterAuthorizedOperations {
            response.clusterAuthorizedOperations = AuthorizedOperations.cluster
        }
        return response
    }

    /// Tells of topics' partitions, a page at a time.
    ///
    /// A request whose cursor is none is refused for each topic that it names; the answer has no other place for that.
    func describeTopicPartitions(_ request: DescribeTopicPartitionsRequest) -> DescribeTopicPartitionsResponse {
        let image = metadata.image
        let isForAll = request.topics.isEmpty
        let names = isForAll ? image.topics.keys.sorted() : Set(request.topics.map(\.name)).sorted()
        var response = DescribeTopicPartitionsResponse()
        if let cursor = request.cursor, cursor.partitionIndex < 0 || (!isForAll && !names.contains(cursor.topicName)) {
            response.topics = request.topics.map { refusal($0.name, .invalidRequest) }
            return response
        }
        let page = PartitionPage(
            of: names,
            from: request.cursor.map { .init(topic: $0.topicName, partition: $0.partitionIndex) },
            limit: min(request.responsePartitionLimit, configuration.describedPartitions)
        ) { image.topics[$0]?.partitionCount }
        response.topics = page.parts.map { part in
            guard let topic = image.topics[part.topic], let partitions = part.partitions else {
                let isName = (try? TopicName(part.topic)) != nil
                return refusal(part.topic, isName ? .unknownTopicOrPartition : .invalidTopicException)
            }
            var result = DescribeTopicPartitionsResponse.Topic()
            result.name = topic.name
            result.topicID = topic.id
            result.isInternal = TopicName.isInternal(topic.name)
            result.partitions = partitions.map { describe($0, of: topic) }
            result.topicAuthorizedOperations = AuthorizedOperations.topic
            return result
        }
        response.nextCursor = page.next.map { next in
            var cursor = DescribeTopicPartitionsResponse.Cursor()
            (cursor.topicName, cursor.partitionIndex) = (next.topic, next.partition)
            return cursor
        }
        return response
    }

    private func refusal(_ name: String, _ code: ErrorCode) -> DescribeTopicPartitionsResponse.Topic {
        var result = DescribeTopicPartitionsResponse.Topic()
        (result.name, result.errorCode) = (name, code)
        result.isInternal = TopicName.isInternal(name)
        result.topicAuthorizedOperations = AuthorizedOperations.topic
        return result
    }

    private func describe(
        _ index: Int32,
        of topic: TopicMetadata
    ) -> DescribeTopicPartitionsResponse.Topic.Partition {
        var partition = DescribeTopicPartitionsResponse.Topic.Partition()
        partition.partitionIndex = index
        partition.replicaNodes = [configuration.nodeID]
        partition.leaderEpoch = metadata.directory.leaderEpoch
        (partition.eligibleLeaderReplicas, partition.lastKnownElr) = ([], [])
        let placement = placement(of: index, of: topic)
        (partition.errorCode, partition.leaderID) = (placement.errorCode, placement.leaderID)
        (partition.isrNodes, partition.offlineReplicas) = (placement.isr, placement.offline)
        return partition
    }
}
