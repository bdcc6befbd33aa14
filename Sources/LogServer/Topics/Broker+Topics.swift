import KafkaProtocol
import RecordBatch

/// Topics are made, widened and deleted.
///
/// All that a request asks for is carried out, and the answer tells of it, however long that takes: its timeout bounds
/// the wait for other nodes, and there are none. Internal topics are made and deleted like any other, as in Kafka.
///
/// Source: Kafka's `ControllerApis`.
extension Broker {
    // MARK: Making

    /// Makes topics, or tells what would become of them.
    func createTopics(_ request: CreateTopicsRequest) async -> CreateTopicsResponse {
        var response = CreateTopicsResponse()
        for (name, outcome) in decisions.create(request, in: metadata.image) {
            var result = CreateTopicsResponse.CreatableTopicResult()
            result.name = name
            do throws(APIError) {
                let new = try outcome.get()
                if !request.validateOnly { result.topicID = try await make(new) }
                result.errorMessage = nil
                result.numPartitions = new.partitionCount
                result.replicationFactor = 1
                result.configs = ConfigDescription.created(new.config)
            } catch {
                result.errorCode = error.code
                result.errorMessage = error.message
            }
            response.topics.append(result)
        }
        return response
    }

    /// Makes a topic and returns its identity; one that is only validated has none.
    private func make(_ new: TopicDecisions.NewTopic) async throws(APIError) -> TopicID {
        let topic = TopicMetadata(
            name: new.name.description,
            id: .random(),
            partitionCount: new.partitionCount,
            configs: new.config.overrides
        )
        try await metadata.createTopic(topic)
        return topic.id
    }

    // MARK: Widening

    /// Adds partitions to topics, or tells what would become of them.
    func createPartitions(_ request: CreatePartitionsRequest) async -> CreatePartitionsResponse {
        var response = CreatePartitionsResponse()
        for (name, outcome) in decisions.createPartitions(request, in: metadata.image) {
            var result = CreatePartitionsResponse.TopicResult()
            result.name = name
            do throws(APIError) {
                let topic = try outcome.get()
                if !request.validateOnly {
                    try await metadata.createPartitions(of: topic.id, count: topic.partitionCount)
                }
            } catch {
                result.errorCode = error.codeForName
                result.errorMessage = error.message
            }
            response.results.append(result)
        }
        return response
    }

    // MARK: Deleting

    /// Deletes topics.
    /// - Parameters:
    ///   - request: What is to be deleted.
    ///   - version: The request's version: older clients do not know that deletion can be disabled.
    func deleteTopics(_ request: DeleteTopicsRequest, version: Int16) async -> DeleteTopicsResponse {
        var (response, deleted) = (DeleteTopicsResponse(), Set<String>())
        for var decision in TopicDeletion.decide(request, in: metadata.image) {
            if !configuration.deletesTopics {
                let code: ErrorCode = version < 3 ? .invalidRequest : .topicDeletionDisabled
                decision.error = APIError(code, "Topics cannot be deleted: delete.topic.enable is false")
            }
            if decision.error == nil {
                do throws(APIError) {
                    try await metadata.deleteTopic(decision.id)
                    if let name = decision.name { deleted.insert(name) }
                } catch {
                    decision.error = error
                }
            }
            var result = DeleteTopicsResponse.DeletableTopicResult()
            result.name = decision.name
            result.topicID = decision.id
            if let error = decision.error {
                // Whoever names a topic by its identity is told of the identity.
                result.errorCode = version < 6 ? error.codeForName : error.code
                result.errorMessage = error.message
            }
            response.responses.append(result)
        }
        if !deleted.isEmpty { await groups.topicsDeleted(deleted) }
        return response
    }
}

extension APIError {
    /// The code, for a client that has named a topic and not its identity: a topic that goes while a request is carried out
    /// is unknown by its name.
    var codeForName: ErrorCode { code == .unknownTopicID ? .unknownTopicOrPartition : code }
}
