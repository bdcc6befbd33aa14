import CommitLog
import KafkaProtocol
import LinuxIO
import Logging
import RecordBatch
import SystemPackage

/// What is done to logs as a whole: their heads are cut, their sizes told.
extension Broker {
    // MARK: Deleting records

    /// Deletes the records before an offset.
    ///
    /// What is answered is durable.
    ///
    /// Source: Kafka's `ReplicaManager.deleteRecordsOnLocalLog` and `Partition.deleteRecordsOnLeader`.
    func deleteRecords(_ request: DeleteRecordsRequest) async -> DeleteRecordsResponse {
        var response = DeleteRecordsResponse()
        for topic in request.topics {
            var result = DeleteRecordsResponse.TopicResult()
            result.name = topic.name
            for partition in topic.partitions {
                var part = DeleteRecordsResponse.TopicResult.PartitionResult()
                part.partitionIndex = partition.partitionIndex
                do throws(APIError) {
                    let start = try await deleteRecords(topic.name, partition.partitionIndex, before: partition.offset)
                    part.lowWatermark = start.rawValue
                } catch {
                    part.lowWatermark = -1
                    part.errorCode = error.code
                }
                result.partitions.append(part)
            }
            response.topics.append(result)
        }
        return response
    }

    /// - Parameter offset: The first that is kept; -1 for the high watermark.
    /// - Returns: Where the log starts.
    private func deleteRecords(
        _ name: String,
        _ partition: Int32,
        before offset: Offset
    ) async throws(APIError) -> Offset {
        guard !TopicName.isInternal(name) else {
            throw APIError(.invalidTopicException, "Records of the internal topic \(name) cannot be deleted")
        }
        guard let topic = metadata.image.topics[name], topic.hasPartition(partition) else {
            throw APIError(.unknownTopicOrPartition, "There is no partition \(partition) of \(name.prefix(249))")
        }
        guard let log = metadata.log(of: topic, partition) else {
            throw APIError(.kafkaStorageError, "The directory of partition \(partition) of \(name) is missing")
        }
        let config = TopicConfig(stored: topic.configs, over: configuration.topicDefaults)
        guard config.value(named: "cleanup.policy").list.contains("delete") else {
            throw APIError(.policyViolation, "\(name) is compacted, and nothing of it is to be deleted")
        }
        let first = offset == Offset(-1) ? log.highWatermark : offset
        guard first >= Offset(0) else { throw APIError(.offsetOutOfRange, "\(offset) is no offset") }
        do {
            try await log.truncateHead(to: first)
        } catch {
            throw APIError(error)
        }
        return log.logStartOffset
    }

    // MARK: Sizes

    /// Tells how large logs are, and how much room there is.
    ///
    /// Source: Kafka's `ReplicaManager.describeLogDirs`.
    func describeLogDirs(_ request: DescribeLogDirsRequest) async -> DescribeLogDirsResponse {
        var result = DescribeLogDirsResponse.Result()
        result.logDir = metadata.directory.path.string
        do {
            let space = try await metadata.directory.space()
            (result.totalBytes, result.usableBytes) = (space.totalBytes, space.usableBytes)
        } catch {
            logger.warning("Nobody knows how much room \(metadata.directory.path) has: \(error)")
        }
        let wanted = request.topics.map { topics in
            Dictionary(topics.map { ($0.topic, Set($0.partitions)) }) { $0.union($1) }
        }
        let image = metadata.image
        for topic in image.topics.values.sorted(by: { $0.name < $1.name }) {
            if let wanted, wanted[topic.name] == nil { continue }
            var described = DescribeLogDirsResponse.Result.Topic()
            described.name = topic.name
            for index in 0..<topic.partitionCount where wanted?[topic.name]?.contains(index) ?? true {
                guard let log = metadata.log(of: topic, index) else { continue }
                var partition = DescribeLogDirsResponse.Result.Topic.Partition()
                (partition.partitionIndex, partition.partitionSize) = (index, Int64(log.byteCount))
                described.partitions.append(partition)
            }
            if !described.partitions.isEmpty { result.topics.append(described) }
        }
        var response = DescribeLogDirsResponse()
        response.results = [result]
        return response
    }
}
