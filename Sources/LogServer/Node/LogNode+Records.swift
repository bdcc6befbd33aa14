public import CommitLog
import KafkaProtocol
import RecordBatch

/// What a program does with the topics of its own node, without a connection. Kafka's clients see it as they see each other's
/// doings.
///
/// All of it waits until the node serves. After its end everything fails, with ``LogError/Code-swift.struct/closed`` or
/// `storage`.
extension LogNode {
    /// Appends records to a partition, as one batch.
    ///
    /// Builds the batch and writes it to the page cache on the caller's thread; a topic that there is not is made first, where
    /// `auto.create.topics.enable` lets that be.
    /// - Parameters:
    ///   - records: At least one. Offsets are ignored, and a timestamp of `Timestamp.none` stands for now.
    ///   - topic: The topic's name; not that of an internal one.
    ///   - partition: The number of its partition.
    ///   - codec: How to compress them.
    ///   - durably: Whether to return only when they are on the disk, as with `acks=all`; otherwise when they are in the page
    ///     cache, where a crash of the process leaves them and a power loss may not. By default nobody reads them before they
    ///     are on the disk.
    /// - Returns: The offsets given out.
    /// - Throws: `LogError`: `notFound` where there is no such partition; what an append and the wait for the disk throw.
    ///   `IOError` or `LogError` of a node that could not start; `CancellationError`.
    public func append(
        _ records: [Record],
        toTopic topic: String,
        partition: Int32 = 0,
        codec: CompressionCodec = .none,
        durably: Bool = true
    ) async throws -> AppendResult {
        guard !TopicName.isInternal(topic) else {
            throw LogError(.invalidArgument, "\(topic) is written by the node alone")
        }
        let log = try await log(ofTopic: topic, partition)
        let result = try log.append(records: records, codec: codec)
        if durably { try await log.waitUntilDurable(result.lastOffset) }
        return result
    }

    /// The records of a partition from an offset on, as they become readable: a sequence that goes on for as long as the node
    /// does, and waits at the end for more.
    ///
    /// - Parameters:
    ///   - topic: The topic's name. One that there is not is made as by ``append(_:toTopic:partition:codec:durably:)``.
    ///   - partition: The number of its partition.
    ///   - offset: Where to begin; by default at the first one that there is.
    /// - Returns: The sequence, any number of times.
    /// - Throws: `LogError`: `notFound` where there is no such partition. `IOError` or `LogError` of a node that could not
    ///   start; `CancellationError`.
    public func records(
        ofTopic topic: String,
        partition: Int32 = 0,
        from offset: Offset? = nil
    ) async throws -> LogRecords {
        let log = try await log(ofTopic: topic, partition)
        return log.records(from: offset ?? log.logStartOffset)
    }

    private func log(ofTopic topic: String, _ partition: Int32) async throws -> PartitionLog {
        let broker = try await running().broker
        do throws(APIError) {
            if broker.metadata.image.topics[topic] == nil { _ = try await broker.autoCreate(topic, mayCreate: true) }
            return try broker.log(of: .name(topic), partition)
        } catch {
            let place = "partition \(partition) of topic \(topic.prefix(TopicPartition.maximumTopicLength))"
            throw LogError(error.logCode, "Cannot use \(place): \(error.message)", cause: error)
        }
    }
}

extension APIError {
    /// What a program is told of it.
    fileprivate var logCode: LogError.Code {
        switch code {
        case .unknownTopicOrPartition, .unknownTopicID: .notFound
        case .kafkaStorageError: .storage
        default: .invalidArgument
        }
    }
}
