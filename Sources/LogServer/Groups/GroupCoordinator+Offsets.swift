package import KafkaProtocol
import RecordBatch

/// What is asked of committed offsets.
extension GroupCoordinator {
    private struct TopicPartitionKey: Hashable {
        let topic: String
        let partition: Int32
    }

    /// Whether there is such a partition.
    private func exists(_ topic: String, _ partition: Int32, in image: MetadataImage) -> Bool {
        image.topics[topic]?.hasPartition(partition) ?? false
    }

    // MARK: Committing

    /// Commits offsets.
    /// - Returns: The answer, when they are durable.
    package func commit(_ request: OffsetCommitRequest, version: Int16) async -> OffsetCommitResponse {
        let image = metadata.image
        var known = request
        known.topics = request.topics.compactMap { topic in
            var topic = topic
            topic.partitions.removeAll { !exists(topic.name, $0.partitionIndex, in: image) }
            return topic.partitions.isEmpty ? nil : topic
        }
        var outcomes: [TopicPartitionKey: ErrorCode] = [:]
        if !known.topics.isEmpty {
            let response = await commitKnown(known, version: version)
            for topic in response.topics {
                for partition in topic.partitions {
                    let key = TopicPartitionKey(topic: topic.name, partition: partition.partitionIndex)
                    outcomes[key] = partition.errorCode
                }
            }
        }
        return request.answer { topic, partition in
            outcomes[TopicPartitionKey(topic: topic, partition: partition.partitionIndex)] ?? .unknownTopicOrPartition
        }
    }

    private func commitKnown(_ request: OffsetCommitRequest, version: Int16) async -> OffsetCommitResponse {
        let reply = PendingReply<ErrorCode>()
        var response: OffsetCommitResponse
        do throws(APIError) {
            try await prepare()
            let partition = try partition(of: request.groupID)
            response = try partition.withState { (state, now) throws(APIError) in
                let error = Self.commitError(request, version: version, self.configuration, &state, now)
                guard error == .none else { throw APIError(error, "The group does not take the offsets") }
                let (records, response) = state.offsets.commit(request, now: now.timestamp)
                if records.isEmpty {
                    reply.give(.none)
                } else {
                    partition.store(records, .offsets(records, reply), &state, now)
                }
                return response
            }
        } catch {
            return request.answer { _, _ in error.code }
        }
        let error = await reply.value(ifCancelled: .notCoordinator)
        if error == .none { return response }
        for topic in response.topics.indices {
            for partition in response.topics[topic].partitions.indices
            where response.topics[topic].partitions[partition].errorCode == .none {
                response.topics[topic].partitions[partition].errorCode = error
            }
        }
        return response
    }

    private static func commitError(
        _ request: OffsetCommitRequest,
        version: Int16,
        _ configuration: GroupConfiguration,
        _ state: inout GroupPartition.State,
        _ now: GroupTime
    ) -> ErrorCode {
        if let error = state.groups[request.groupID]?.commitError(request, now: now) { return error }
        guard var group = state.group(request.groupID, configuration, now) else {
            return ConsumerGroup.commitErrorWithoutGroup(request, version: version)
        }
        return group.commitError(request, now: now)
    }

    // MARK: Fetching

    /// What groups have committed.
    package func fetch(_ request: OffsetFetchRequest, version: Int16) -> OffsetFetchResponse {
        var response = OffsetFetchResponse()
        guard version < 8 else {
            response.groups = request.groups.map(fetch)
            return response
        }
        var single = OffsetFetchRequest.Group()
        single.groupID = request.groupID
        single.topics = request.topics.map { topics in
            topics.map { topic in
                var wanted = OffsetFetchRequest.Group.Topics()
                wanted.name = topic.name
                wanted.partitionIndexes = topic.partitionIndexes
                return wanted
            }
        }
        var group = fetch(single)
        // Before version 2 errors are said of each partition.
        if group.errorCode != .none, version < 2 { group = Self.nothing(of: single, group.errorCode) }
        response.errorCode = group.errorCode
        response.topics = group.topics.map { topic in
            var fetched = OffsetFetchResponse.Topic()
            fetched.name = topic.name
            fetched.partitions = topic.partitions.map { partition in
                var copy = OffsetFetchResponse.Topic.Partition()
                copy.partitionIndex = partition.partitionIndex
                copy.committedOffset = partition.committedOffset
                copy.committedLeaderEpoch = partition.committedLeaderEpoch
                copy.metadata = partition.metadata
                copy.errorCode = partition.errorCode
                return copy
            }
            return fetched
        }
        return response
    }

    private func fetch(_ request: OffsetFetchRequest.Group) -> OffsetFetchResponse.Group {
        do throws(APIError) {
            return try partition(of: request.groupID).withState { (state, _) throws(APIError) in
                state.offsets.fetch(request)
            }
        } catch {
            var refused = OffsetFetchResponse.Group()
            refused.groupID = request.groupID
            refused.errorCode = error.code
            return refused
        }
    }

    private static func nothing(of request: OffsetFetchRequest.Group, _ error: ErrorCode) -> OffsetFetchResponse.Group {
        var group = OffsetTable().fetch(request)
        group.errorCode = error
        for topic in group.topics.indices {
            for partition in group.topics[topic].partitions.indices {
                group.topics[topic].partitions[partition].errorCode = error
            }
        }
        return group
    }

    // MARK: Deleting

    /// Deletes offsets of a group.
    /// - Returns: The answer, when that is durable.
    package func deleteOffsets(_ request: OffsetDeleteRequest) async -> OffsetDeleteResponse {
        let image = metadata.image
        let reply = PendingReply<ErrorCode>()
        var response = OffsetDeleteResponse()
        do throws(APIError) {
            let partition = try partition(of: request.groupID)
            response = try partition.withState { (state, now) throws(APIError) in
                guard let group = state.group(request.groupID, self.configuration, now) else {
                    throw APIError(.groupIDNotFound, "There is no such group")
                }
                let (records, response) = state.offsets.delete(request, of: group)
                if records.isEmpty {
                    reply.give(.none)
                } else {
                    partition.store(records, .offsets(records, reply), isDivisible: true, &state, now)
                }
                return response
            }
        } catch {
            response.errorCode = error.code
            return response
        }
        let error = await reply.value(ifCancelled: .notCoordinator)
        guard error == .none else {
            var refused = OffsetDeleteResponse()
            refused.errorCode = error
            return refused
        }
        for topic in response.topics.indices {
            let name = response.topics[topic].name
            for index in response.topics[topic].partitions.indices {
                let partition = response.topics[topic].partitions[index].partitionIndex
                guard !exists(name, partition, in: image) else { continue }
                response.topics[topic].partitions[index].errorCode = .unknownTopicOrPartition
            }
        }
        return response
    }

    /// Deletes groups that have no members, with their offsets.
    /// - Returns: The answer, when that is durable.
    package func delete(_ request: DeleteGroupsRequest) async -> DeleteGroupsResponse {
        var seen: Set<String> = []
        let groupIDs = request.groupsNames.filter { seen.insert($0).inserted }
        // All are begun before the first is waited for.
        let replies = groupIDs.map(delete)
        var response = DeleteGroupsResponse()
        for (groupID, reply) in zip(groupIDs, replies) {
            var result = DeleteGroupsResponse.DeletableGroupResult()
            result.groupID = groupID
            result.errorCode = await reply.value(ifCancelled: .notCoordinator)
            response.results.append(result)
        }
        return response
    }

    private func delete(_ groupID: String) -> PendingReply<ErrorCode> {
        let reply = PendingReply<ErrorCode>()
        do throws(APIError) {
            let partition = try partition(of: groupID)
            try partition.withState { (state, now) throws(APIError) in
                guard let group = state.group(groupID, self.configuration, now) else {
                    throw APIError(.groupIDNotFound, "There is no such group")
                }
                var dead = group
                let error = dead.delete(now: now)
                guard error == .none else { throw APIError(error, "The group cannot be deleted") }
                let existed = state.groups[groupID] != nil
                state.groups[groupID] = dead
                let records = state.offsets.deletion(of: groupID)
                let purpose = GroupPartition.Purpose.deletion(group, existed: existed, records, reply)
                partition.store(records, purpose, isDivisible: true, &state, now)
            }
        } catch {
            reply.give(error.code)
        }
        return reply
    }
}
