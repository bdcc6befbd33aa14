package import KafkaProtocol
package import RecordBatch

/// What becomes of a request that deletes topics, by name or (from version 6 on) by identity.
///
/// Source: Kafka's `ControllerApis.deleteTopics`.
package enum TopicDeletion {
    /// What is decided on one topic of a request.
    package struct Decision: Hashable, Sendable {
        /// Its name, as far as that is known.
        package var name: String?
        /// Its identity, as far as that is known; zero otherwise.
        package var id: TopicID
        /// Why it is not deleted; `nil` if it is.
        package var error: APIError?
    }

    /// Decides on each topic of a request.
    /// - Parameters:
    ///   - request: What is to be deleted.
    ///   - image: The topics there are.
    /// - Returns: For each topic, once, whether it is deleted.
    package static func decide(_ request: DeleteTopicsRequest, in image: MetadataImage) -> [Decision] {
        var wanted = request.topics
        for name in request.topicNames {
            var topic = DeleteTopicsRequest.DeleteTopicState()
            topic.name = name
            wanted.append(topic)
        }
        var seen: Set<DeleteTopicsRequest.DeleteTopicState> = []
        let twice = Set(wanted.filter { !seen.insert($0).inserted })
        var decisions: [Decision] = []
        var decided: Set<DeleteTopicsRequest.DeleteTopicState> = []
        for topic in wanted where decided.insert(topic).inserted {
            decisions.append(decide(on: topic, isTwice: twice.contains(topic), in: image))
        }
        // The same topic once by its name and once by its identity.
        let ids = Dictionary(decisions.filter { $0.error == nil }.map { ($0.id, 1) }, uniquingKeysWith: +)
        for index in decisions.indices where decisions[index].error == nil && ids[decisions[index].id] != 1 {
            decisions[index].error = APIError(
                .invalidRequest,
                "The request names the topic by its name and by its id"
            )
        }
        return decisions
    }

    private static func decide(
        on topic: DeleteTopicsRequest.DeleteTopicState,
        isTwice: Bool,
        in image: MetadataImage
    ) -> Decision {
        func refuse(_ code: ErrorCode, _ message: String) -> Decision {
            Decision(name: topic.name, id: topic.topicID, error: APIError(code, message))
        }
        switch (topic.name, topic.topicID) {
        case (nil, .zero): return refuse(.invalidRequest, "The request names no topic")
        case (.some, let id) where id != .zero:
            return refuse(.invalidRequest, "A topic is named by its name or by its id, not by both")
        case (let name?, _):
            if isTwice { return refuse(.invalidRequest, "The request names the topic twice") }
            guard let found = image.topics[name] else {
                return refuse(.unknownTopicOrPartition, "There is no topic \(name.prefix(249))")
            }
            return Decision(name: name, id: found.id, error: nil)
        case (nil, let id):
            if isTwice { return refuse(.invalidRequest, "The request names the topic twice") }
            guard let found = image.topic(id) else {
                return refuse(.unknownTopicID, "There is no topic with the id \(id)")
            }
            return Decision(name: found.name, id: id, error: nil)
        }
    }
}
