import KafkaProtocol
import RecordBatch

@testable import LogServer

typealias PartitionData = FetchResponse.FetchableTopicResponse.PartitionData

/// A partition, and where it is to be fetched from.
struct Wanted {
    let partition: FetchPartition
    let offset: Int64
}

extension FetchPartition {
    /// The partition, and where it is to be fetched from.
    func from(_ offset: Int64) -> Wanted { Wanted(partition: self, offset: offset) }
}

extension FetchRequest {
    /// A request for partitions, each from an offset.
    static func session(
        _ id: Int32,
        epoch: Int32,
        _ partitions: [Wanted] = [],
        dropping forgotten: [FetchPartition] = []
    ) -> FetchRequest {
        var request = FetchRequest()
        (request.sessionID, request.sessionEpoch) = (id, epoch)
        for wanted in partitions {
            let partition = wanted.partition
            var topic = Topic()
            switch partition.topic {
            case .name(let name): topic.topic = name
            case .id(let id): topic.topicID = id
            }
            var asked = Topic.Partition()
            asked.partition = partition.index
            asked.fetchOffset = Offset(wanted.offset)
            asked.partitionMaxBytes = 1000
            topic.partitions = [asked]
            request.topics.append(topic)
        }
        for partition in forgotten {
            var topic = ForgottenTopic()
            switch partition.topic {
            case .name(let name): topic.topic = name
            case .id(let id): topic.topicID = id
            }
            topic.partitions = [partition.index]
            request.forgottenTopicsData.append(topic)
        }
        return request
    }
}

extension FetchResult {
    /// What is found for a partition that ends at an offset.
    static func found(
        _ partition: FetchPartition,
        end: Int64,
        start: Int64 = 0,
        bytes: Int = 0,
        error: ErrorCode = .none
    ) -> FetchResult {
        var data = PartitionData()
        data.partitionIndex = partition.index
        data.highWatermark = Offset(end)
        data.logStartOffset = Offset(start)
        data.errorCode = error
        data.records = RecordsField(byteCount: bytes)
        return FetchResult(partition, data)
    }
}

extension FetchResponse {
    /// The partitions that it tells of, in order.
    var partitions: [FetchPartition] {
        responses.flatMap { topic in
            let name: FetchTopic = topic.topicID == .zero ? .name(topic.topic) : .id(topic.topicID)
            return topic.partitions.map { FetchPartition(name, $0.partitionIndex) }
        }
    }
}
