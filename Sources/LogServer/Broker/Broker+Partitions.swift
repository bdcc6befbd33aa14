import CommitLog
import KafkaProtocol
import RecordBatch

extension Broker {
    /// The log of a partition that a request names.
    /// - Throws: `UNKNOWN_TOPIC_OR_PARTITION`, also where the topic is just being deleted; `UNKNOWN_TOPIC_ID`.
    func log(of topic: FetchTopic, _ partition: Int32) throws(APIError) -> PartitionLog {
        let image = metadata.image
        let found: TopicMetadata?
        switch topic {
        case .name(let name): found = image.topics[name]
        case .id(let id):
            found = image.topic(id)
            guard found != nil else { throw APIError(.unknownTopicID, "There is no topic with the id \(id)") }
        }
        guard let found, let log = metadata.log(of: found, partition) else {
            throw APIError(.unknownTopicOrPartition, "There is no such partition")
        }
        return log
    }

    /// Checks what a client takes for the partition's leader epoch (KIP-320).
    /// - Parameter epoch: `LeaderEpoch.none` where the client does not say.
    /// - Throws: `FENCED_LEADER_EPOCH`, `UNKNOWN_LEADER_EPOCH`: the client has to ask for metadata again.
    func check(_ epoch: LeaderEpoch) throws(APIError) {
        let current = metadata.directory.leaderEpoch
        if epoch == .none || epoch == current { return }
        throw epoch < current
            ? APIError(.fencedLeaderEpoch, "The leader epoch is \(current.rawValue), not \(epoch.rawValue) any more")
            : APIError(.unknownLeaderEpoch, "The leader epoch is \(current.rawValue), not yet \(epoch.rawValue)")
    }
}

extension APIError {
    /// What a client is told of a log's error.
    init(_ error: LogError) { self.init(error.kafkaCode, error.message) }
}
