package import KafkaProtocol
package import RecordBatch

/// The offsets that groups have committed.
///
/// The decisions alone. What is committed, deleted or has expired comes out as records, and counts once they are stored:
/// then they come back through ``written(_:error:)``, in the order in which they are stored. The same records, read again
/// after a restart and handed to ``apply(_:)``, give the same table. So nobody fetches an offset that a crash takes back.
package struct OffsetTable: Sendable {
    /// `offsets.retention.minutes`: how long an offset is kept that nobody uses; 7 days.
    package var retention: Duration = .seconds(7 * 24 * 3600)
    /// `offset.metadata.max.bytes`: how long the metadata of an offset may be; 4 KiB.
    package var maximumMetadataBytes = 4096

    private var offsets: [String: [String: [Int32: OffsetCommitValue]]] = [:]
    /// How many commits of a partition are being stored.
    private var underWay: [OffsetCommitKey: Int] = [:]

    /// A table without offsets.
    package init() {}

    /// The offset that is committed for a partition; `nil` if there is none.
    package subscript(key: OffsetCommitKey) -> OffsetCommitValue? { offsets[key.groupID]?[key.topic]?[key.partition] }

    /// The groups that have offsets, in no order.
    package var groupIDs: some Collection<String> { offsets.keys }

    /// Whether a group has offsets.
    package func hasOffsets(of groupID: String) -> Bool { offsets[groupID] != nil }

    /// Takes over what is stored.
    package mutating func apply(_ record: GroupRecord) {
        guard case .offset(let key, let value) = record else { return }
        if let value {
            offsets[key.groupID, default: [:]][key.topic, default: [:]][key.partition] = value
        } else {
            offsets[key.groupID]?[key.topic]?[key.partition] = nil
            if offsets[key.groupID]?[key.topic]?.isEmpty == true { offsets[key.groupID]?[key.topic] = nil }
            if offsets[key.groupID]?.isEmpty == true { offsets[key.groupID] = nil }
        }
    }

    /// Commits offsets of a group that allows it: see ``ConsumerGroup/commitError(_:now:)``.
    /// - Parameters:
    ///   - request: Which.
    ///   - now: The time by the wall clock.
    /// - Returns: What is to be stored, after which ``written(_:error:)`` is to be called; and the answer, to be sent then.
    package mutating func commit(
        _ request: OffsetCommitRequest,
        now: Timestamp
    ) -> (records: [GroupRecord], response: OffsetCommitResponse) {
        var records: [GroupRecord] = []
        let response = request.answer { topic, partition in
            let metadata = partition.committedMetadata ?? ""
            guard metadata.utf8.count <= maximumMetadataBytes else { return .offsetMetadataTooLarge }
            var value = OffsetCommitValue()
            value.offset = partition.committedOffset
            value.leaderEpoch = partition.committedLeaderEpoch
            value.metadata = metadata
            value.commitTimestamp = now
            if request.retentionTimeMs >= 0 {
                value.expireTimestamp = Timestamp(now.rawValue.addingSaturated(request.retentionTimeMs))
            }
            let key = OffsetCommitKey(groupID: request.groupID, topic: topic, partition: partition.partitionIndex)
            underWay[key, default: 0] += 1
            records.append(.offset(key, value))
            return .none
        }
        return (records, response)
    }

    /// Records that this table gave out are stored, or could not be.
    /// - Parameters:
    ///   - records: As they were given out.
    ///   - error: Why they could not be stored; ``ErrorCode/none`` if they are.
    /// - Returns: With which error a commit of them is answered.
    package mutating func written(_ records: [GroupRecord], error: ErrorCode) -> ErrorCode {
        for record in records {
            if case .offset(let key, _?) = record, let count = underWay[key] {
                underWay[key] = count > 1 ? count - 1 : nil
            }
            if error == .none { apply(record) }
        }
        switch error {
        case .messageTooLarge, .recordListTooLarge, .invalidFetchSize: return .invalidCommitOffsetSize
        default: return GroupWrite.answer(to: error)
        }
    }

    /// What a group has committed.
    /// - Parameter request: For which partitions; all that it has committed for, if it names no topics.
    /// - Returns: The offsets; -1 where there is none.
    package func fetch(_ request: OffsetFetchRequest.Group) -> OffsetFetchResponse.Group {
        let topics = offsets[request.groupID] ?? [:]
        var response = OffsetFetchResponse.Group()
        response.groupID = request.groupID
        let wanted = request.topics?.map { ($0.name, $0.partitionIndexes) }
        let all = topics.map { ($0.key, $0.value.keys.sorted()) }.sorted { $0.0 < $1.0 }
        response.topics = (wanted ?? all).map { name, partitions in
            var topic = OffsetFetchResponse.Group.Topics()
            topic.name = name
            topic.partitions = partitions.map { index in
                var partition = OffsetFetchResponse.Group.Topics.Partitions()
                partition.partitionIndex = index
                let value = topics[name]?[index]
                partition.committedOffset = value?.offset ?? Offset(-1)
                partition.committedLeaderEpoch = value?.leaderEpoch ?? .none
                partition.metadata = value?.metadata ?? ""
                return partition
            }
            return topic
        }
        return response
    }

    /// Deletes offsets of a group: of topics that it does not read, unless it refuses altogether.
    /// - Returns: What is to be stored, as with ``commit(_:now:)``, and the answer.
    package func delete(
        _ request: OffsetDeleteRequest,
        of group: ConsumerGroup
    ) -> (records: [GroupRecord], response: OffsetDeleteResponse) {
        var response = OffsetDeleteResponse()
        response.errorCode = group.offsetDeleteError
        guard response.errorCode == .none else { return ([], response) }
        var records: [GroupRecord] = []
        response.topics = request.topics.map { requested in
            var topic = OffsetDeleteResponse.Topic()
            topic.name = requested.name
            topic.partitions = requested.partitions.map { requested in
                var partition = OffsetDeleteResponse.Topic.Partition()
                partition.partitionIndex = requested.partitionIndex
                let key = OffsetCommitKey(
                    groupID: request.groupID,
                    topic: topic.name,
                    partition: requested.partitionIndex
                )
                if group.isSubscribed(to: topic.name) {
                    partition.errorCode = .groupSubscribedToTopic
                } else if self[key] != nil || underWay[key] != nil {
                    records.append(.offset(key, nil))
                }
                return partition
            }
            return topic
        }
        return (records, response)
    }

    /// What takes away all offsets of a group that was deleted, and the group.
    package func deletion(of groupID: String) -> [GroupRecord] {
        let stored = Set(keys(of: groupID))
        let coming = underWay.keys.filter { $0.groupID == groupID }
        return stored.union(coming).map { .offset($0, nil) } + [.group(GroupMetadataKey(groupID: groupID), nil)]
    }

    /// What takes away all offsets of topics that were deleted.
    package func deletion(ofTopics topics: Set<String>) -> [GroupRecord] {
        let stored = offsets.keys.flatMap(keys).filter { topics.contains($0.topic) }
        return Set(stored).union(underWay.keys.filter { topics.contains($0.topic) }).map { .offset($0, nil) }
    }

    /// What takes away the offsets of a group that have not been used for so long that they are not kept (KIP-211); and the
    /// group, if nothing is left of it.
    /// - Parameters:
    ///   - group: The group; one that only ever committed has the state Empty and no protocol type.
    ///   - now: The time by the wall clock.
    /// - Returns: What is to be stored, as with ``commit(_:now:)``. If that takes away the group, the caller deletes it.
    package func expiry(of group: ConsumerGroup, now: Timestamp) -> [GroupRecord] {
        let keys = keys(of: group.id)
        let expired = keys.filter { key in
            guard let value = self[key], underWay[key] == nil, !group.isSubscribed(to: key.topic),
                let start = group.retentionStart(committed: value.commitTimestamp)
            else { return false }
            if value.expireTimestamp != .none { return now >= value.expireTimestamp }
            return .milliseconds(now.milliseconds(since: start)) >= retention
        }
        var records = expired.map { GroupRecord.offset($0, nil) }
        let isUnused = expired.count == keys.count && !underWay.keys.contains { $0.groupID == group.id }
        if isUnused, group.isAbandoned { records.append(.group(GroupMetadataKey(groupID: group.id), nil)) }
        return records
    }

    private func keys(of groupID: String) -> [OffsetCommitKey] {
        (offsets[groupID] ?? [:]).flatMap { topic, partitions in
            partitions.keys.map { OffsetCommitKey(groupID: groupID, topic: topic, partition: $0) }
        }
    }
}

extension OffsetCommitRequest {
    /// An answer that says something of each partition, such as that none may be committed.
    package func answer(_ error: (_ topic: String, _ partition: Topic.Partition) -> ErrorCode) -> OffsetCommitResponse {
        var response = OffsetCommitResponse()
        response.topics = topics.map { topic in
            var answered = OffsetCommitResponse.Topic()
            answered.name = topic.name
            answered.partitions = topic.partitions.map { partition in
                var answer = OffsetCommitResponse.Topic.Partition()
                answer.partitionIndex = partition.partitionIndex
                answer.errorCode = error(topic.name, partition)
                return answer
            }
            return answered
        }
        return response
    }
}

extension Int64 {
    /// The sum, or the number that is nearest to it.
    fileprivate func addingSaturated(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }
}
