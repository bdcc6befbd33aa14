import CommitLog
import KafkaProtocol
import LinuxIO
import RecordBatch

/// What was found for the partitions of a Fetch request.
struct FetchFindings: Sendable {
    /// What a response tells of each partition.
    private(set) var results: [FetchResult] = []

    private let minBytes: Int
    private var byteCount = 0
    private var hasNews = false
    private var slices: [FetchPartition: LogSlice] = [:]
    /// The partitions that may get more to read, and the offset from which on there would be more.
    private var growing: [(log: PartitionLog, offset: Offset)] = []

    /// What was found for one partition.
    struct Partition: Sendable {
        let data: FetchResponse.FetchableTopicResponse.PartitionData
        /// What there is to read; `nil` if there is nothing.
        let slice: LogSlice?
    }

    /// Nothing yet.
    /// - Parameter minBytes: How many bytes are worth an answer.
    init(minBytes: Int) { self.minBytes = minBytes }

    /// Whether there is no need to wait for more.
    var isEnough: Bool { hasNews || byteCount >= minBytes }

    /// Adds a partition that could be read.
    mutating func add(_ partition: FetchPartition, _ log: PartitionLog, _ found: Partition) {
        results.append(FetchResult(partition, found.data))
        if found.data.divergingEpoch.epoch != .none { hasNews = true }
        growing.append((log, found.data.highWatermark))
        guard let slice = found.slice else { return }
        byteCount += slice.byteCount
        slices[partition] = slice
    }

    /// Adds a partition that could not be read.
    mutating func add(_ partition: FetchPartition, _ error: APIError) {
        var data = FetchResponse.FetchableTopicResponse.PartitionData()
        data.partitionIndex = partition.index
        data.errorCode = error.code
        data.highWatermark = Offset(-1)
        data.records = RecordsField(byteCount: 0)
        results.append(FetchResult(partition, data))
        hasNews = true
    }

    /// Has a wait ended as soon as any of the partitions has more to read.
    ///
    /// - Returns: what is to be cancelled afterwards.
    func observe(by wait: FetchWait) -> [OffsetObservation] {
        var observations: [OffsetObservation] = []
        for (log, offset) in growing {
            guard let observation = log.observe(offset, by: wait) else {
                wait.offsetChanged()
                break
            }
            observations.append(observation)
        }
        return observations
    }

    /// What belongs into the gaps of a response.
    func records(of response: FetchResponse, version: Int16) -> [[Response.Part]] {
        var records: [[Response.Part]] = []
        for topic in response.responses {
            let name = FetchTopic(topic.topic, topic.topicID, version: version)
            for partition in topic.partitions {
                guard let bytes = partition.records?.byteCount, bytes > 0,
                    let slice = slices[FetchPartition(name, partition.partitionIndex)], let file = slice.file
                else { continue }
                let range = FileRange(
                    file,
                    from: slice.position.rawValue,
                    byteCount: Int64(bytes),
                    isShared: slice.isInActiveSegment
                )
                records.append([.file(range)])
            }
        }
        return records
    }
}
