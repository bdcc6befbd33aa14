import CommitLog
import KafkaProtocol
import LinuxIO
import Logging
import RecordBatch

extension Broker {
    /// Answers Metadata: which topics there are, and that this node has all of them.
    ///
    /// A topic that is asked for by name and does not exist is made, where client and server agree to that.
    func metadata(_ request: MetadataRequest, version: Int16) async -> MetadataResponse {
        var response = MetadataResponse()
        var node = MetadataResponse.Broker()
        node.nodeID = configuration.nodeID
        node.host = configuration.advertised.host
        node.port = Int32(configuration.advertised.port)
        response.brokers = [node]
        response.clusterID = configuration.clusterID
        response.controllerID = configuration.nodeID
        if request.includeClusterAuthorizedOperations {
            response.clusterAuthorizedOperations = AuthorizedOperations.cluster
        }
        // Version 0 has no null, so that there an empty list means all.
        let all = request.topics == nil || (version == 0 && request.topics?.isEmpty == true)
        var topics: [MetadataResponse.Topic] = []
        if all {
            topics = metadata.image.topics.values.sorted { $0.name < $1.name }.map { description(of: $0) }
        } else {
            var isTold: Set<MetadataRequest.Topic> = []
            for topic in request.topics ?? [] where isTold.insert(topic).inserted {
                topics.append(await description(of: topic, mayCreate: request.allowAutoTopicCreation))
            }
        }
        if request.includeTopicAuthorizedOperations {
            for index in topics.indices where topics[index].errorCode == .none {
                topics[index].topicAuthorizedOperations = AuthorizedOperations.topic
            }
        }
        response.topics = topics
        return response
    }

    private func description(of topic: MetadataRequest.Topic, mayCreate: Bool) async -> MetadataResponse.Topic {
        do throws(APIError) {
            guard let name = topic.name else {
                guard let found = metadata.image.topic(topic.topicID) else {
                    throw APIError(.unknownTopicID, "There is no topic with the id \(topic.topicID)")
                }
                return description(of: found)
            }
            if let found = metadata.image.topics[name] { return description(of: found) }
            return description(of: try await autoCreate(name, mayCreate: mayCreate))
        } catch {
            var answer = MetadataResponse.Topic()
            answer.errorCode = error.code
            answer.name = topic.name
            answer.topicID = topic.topicID
            answer.isInternal = topic.name.map(TopicName.isInternal) ?? false
            return answer
        }
    }

    /// Makes a topic that somebody has asked for, with the defaults.
    /// - Throws: `UNKNOWN_TOPIC_OR_PARTITION` where that is not allowed; why it cannot be made.
    func autoCreate(_ name: String, mayCreate: Bool) async throws(APIError) -> TopicMetadata {
        var topic = CreateTopicsRequest.CreatableTopic()
        topic.name = name
        topic.numPartitions = -1
        topic.replicationFactor = -1
        var request = CreateTopicsRequest()
        request.topics = [topic]
        // Also where nothing is to be made: a name that cannot be a topic's is told as such.
        _ = try TopicName(name)
        let unknown = APIError(.unknownTopicOrPartition, "There is no topic \(name)")
        guard mayCreate, configuration.autoCreatesTopics else { throw unknown }
        if name == OffsetsTopic.name {
            try await groups.prepare()
            guard let made = metadata.image.topics[name] else { throw unknown }
            return made
        }
        guard !TopicName.isInternal(name), let decided = decisions.create(request, in: metadata.image).first else {
            throw unknown
        }
        do throws(APIError) {
            let new = try decided.outcome.get()
            let made = TopicMetadata(name: name, id: .random(), partitionCount: new.partitionCount)
            try await metadata.createTopic(made)
            logger.info("The topic \(name) was made, because a client asked for it")
            return made
        } catch {
            // Somebody else may have made it at the same moment.
            guard error.code == .topicAlreadyExists, let found = metadata.image.topics[name] else { throw error }
            return found
        }
    }

    private func description(of topic: TopicMetadata) -> MetadataResponse.Topic {
        var answer = MetadataResponse.Topic()
        answer.name = topic.name
        answer.topicID = topic.id
        answer.isInternal = TopicName.isInternal(topic.name)
        answer.partitions = (0..<topic.partitionCount).map { index in
            var partition = MetadataResponse.Topic.Partition()
            partition.partitionIndex = index
            partition.leaderEpoch = metadata.directory.leaderEpoch
            partition.replicaNodes = [configuration.nodeID]
            let placement = placement(of: index, of: topic)
            (partition.errorCode, partition.leaderID) = (placement.errorCode, placement.leaderID)
            (partition.isrNodes, partition.offlineReplicas) = (placement.isr, placement.offline)
            return partition
        }
        return answer
    }
}
