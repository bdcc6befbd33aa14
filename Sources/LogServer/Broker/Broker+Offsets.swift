import CommitLog
import KafkaProtocol
import RecordBatch

extension Broker {
    /// Answers ListOffsets: offsets by time, and a log's bounds.
    ///
    /// Without transactions the last stable offset is the high watermark, so the isolation level makes no difference.
    func listOffsets(_ request: ListOffsetsRequest) async -> ListOffsetsResponse {
        var response = ListOffsetsResponse()
        for topic in request.topics {
            var answer = ListOffsetsResponse.TopicResponse()
            answer.name = topic.name
            for partition in topic.partitions {
                var found = ListOffsetsResponse.TopicResponse.PartitionResponse()
                found.partitionIndex = partition.partitionIndex
                do {
                    try check(partition.currentLeaderEpoch)
                    let log = try log(of: .name(topic.name), partition.partitionIndex)
                    if let offset = try await offset(partition.timestamp, in: log) {
                        found.offset = offset.offset
                        found.timestamp = offset.timestamp
                        found.leaderEpoch = offset.leaderEpoch
                    }
                } catch {
                    found.errorCode = error.code
                }
                answer.partitions.append(found)
            }
            response.topics.append(answer)
        }
        return response
    }

    /// Looks up what a request's timestamp asks for, which may be a number with a meaning of its own (KIP-79, KIP-734,
    /// KIP-405, KIP-1005).
    private func offset(
        _ timestamp: Timestamp,
        in log: PartitionLog
    ) async throws(APIError) -> TimestampedOffset? {
        let query: OffsetQuery
        switch timestamp.rawValue {
        case -1: query = .latest
        // The local log is the whole log: nothing was moved elsewhere.
        case -2, -4: query = .earliest
        case -3: query = .maxTimestamp
        case -5: return nil
        case 0...: query = .timestamp(timestamp)
        default: throw APIError(.unsupportedVersion, "The timestamp \(timestamp.rawValue) has no meaning")
        }
        do {
            return try await log.offset(for: query)
        } catch {
            throw APIError(error)
        }
    }

    /// Answers OffsetForLeaderEpoch: where the epochs end that clients have seen (KIP-101, KIP-320).
    func offsetForLeaderEpoch(_ request: OffsetForLeaderEpochRequest) -> OffsetForLeaderEpochResponse {
        var response = OffsetForLeaderEpochResponse()
        for topic in request.topics {
            var answer = OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult()
            answer.topic = topic.topic
            for partition in topic.partitions {
                var end = OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult.EpochEndOffset()
                end.partition = partition.partition
                do {
                    let log = try log(of: .name(topic.topic), partition.partition)
                    try check(partition.currentLeaderEpoch)
                    if let found = log.endOffset(of: partition.leaderEpoch) {
                        end.leaderEpoch = found.epoch
                        end.endOffset = found.offset
                    }
                } catch {
                    end.errorCode = error.code
                }
                answer.partitions.append(end)
            }
            response.topics.append(answer)
        }
        return response
    }
}
