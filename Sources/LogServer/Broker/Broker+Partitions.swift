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

    /// Where a partition of a topic is, as clients are told: on this node, unless its log is missing.
    func placement(of partition: Int32, of topic: TopicMetadata) -> PartitionPlacement {
        metadata.log(of: topic, partition) != nil
            ? PartitionPlacement(
                errorCode: .none,
                leaderID: configuration.nodeID,
                isr: [configuration.nodeID],
                offline: []
            )
            : PartitionPlacement(errorCode: .leaderNotAvailable, leaderID: -1, isr: [], offline: [configuration.nodeID])
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

/// Which node leads a partition, and which have it.
struct PartitionPlacement {
    let errorCode: ErrorCode
    /// -1 where nobody does.
    let leaderID: Int32
    let isr: [Int32]
    let offline: [Int32]
}

extension APIError {
    /// What a client is told of a log's error.
    init(_ error: LogError) { self.init(error.kafkaCode, error.message) }
}
