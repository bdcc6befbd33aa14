import KafkaProtocol
import RecordBatch

/// What a client fetches again and again, so that neither requests nor responses need to repeat what has not changed
/// (KIP-227).
///
/// Source: Kafka's `FetchSession` and `FetchContext`.
struct FetchSession: Sendable {
    /// What the next request of the session has to say: it counts up from 1, and goes on with 1 after the largest number.
    private(set) var epoch: Int32 = 1
    /// Whether topics are named by their identities.
    let usesTopicIDs: Bool
    /// When it was made, in milliseconds of a clock that does not go backwards.
    let creationTime: Int64
    /// When it was used last, on the same clock.
    private(set) var lastUse: Int64
    /// The partitions, those first that are to be served first.
    private var partitions: RotatingTable<FetchPartition, CachedPartition>

    /// What the client has asked for, and what it was told last.
    private struct CachedPartition: Sendable {
        var request: FetchRequest.Topic.Partition
        /// -1 where it has to be told in any case.
        var highWatermark = Offset(-1)
        var logStartOffset = Offset(-1)

        init(_ request: FetchRequest.Topic.Partition) { self.request = request }
    }

    /// Whether requests of a version name topics by their identities.
    static func usesTopicIDs(_ version: Int16) -> Bool { version >= 13 }

    /// A session of what was just fetched.
    /// - Parameters:
    ///   - requests: What was asked for.
    ///   - results: What was found.
    ///   - usesTopicIDs: Whether topics are named by their identities.
    ///   - now: The time in milliseconds.
    init(
        _ requests: RotatingTable<FetchPartition, FetchRequest.Topic.Partition>,
        _ results: [FetchResult],
        usesTopicIDs: Bool,
        now: Int64
    ) {
        self.usesTopicIDs = usesTopicIDs
        creationTime = now
        lastUse = now
        partitions = RotatingTable()
        for result in results {
            guard let request = requests[result.partition] else { continue }
            var cached = CachedPartition(request)
            cached.highWatermark = result.data.highWatermark
            cached.logStartOffset = result.data.logStartOffset
            partitions[result.partition] = cached
        }
    }

    /// How many partitions it has.
    var count: Int { partitions.count }

    /// The partitions to read, in order, with what was asked for.
    var requests: [RequestedPartition] {
        partitions.elements.map { RequestedPartition(partition: $0.key, request: $0.value.request) }
    }

    /// Takes what a request adds, changes and drops.
    mutating func update(
        _ requests: RotatingTable<FetchPartition, FetchRequest.Topic.Partition>,
        dropping forgotten: [FetchPartition]
    ) {
        for requested in requests.elements {
            var cached = partitions[requested.key] ?? CachedPartition(requested.value)
            cached.request = requested.value
            partitions[requested.key] = cached
        }
        for partition in forgotten { partitions[partition] = nil }
    }

    /// Expects the next request.
    mutating func advance(now: Int64) {
        epoch = Self.next(after: epoch)
        lastUse = now
    }

    /// What follows an epoch.
    static func next(after epoch: Int32) -> Int32 { epoch == .max ? 1 : epoch + 1 }

    /// What a response has to tell of what was found, and notes that it is told.
    ///
    /// A partition of which there were records is served last the next time, so that those behind it come to their turn.
    /// - Returns: The results that are news, in their order.
    mutating func select(_ results: [FetchResult]) -> [FetchResult] {
        results.filter { result in
            guard var cached = partitions[result.partition] else { return false }
            let data = result.data
            let hasRecords = (data.records?.byteCount ?? 0) > 0
            let isNews =
                hasRecords || cached.highWatermark != data.highWatermark || cached.logStartOffset != data.logStartOffset
                || data.preferredReadReplica >= 0 || data.errorCode != .none || data.divergingEpoch.epoch > .none
            guard isNews else { return false }
            // So that the partition is told again once the error is gone.
            cached.highWatermark = data.errorCode == .none ? data.highWatermark : Offset(-1)
            cached.logStartOffset = data.logStartOffset
            partitions[result.partition] = cached
            if hasRecords { partitions.moveToEnd(result.partition) }
            return true
        }
    }
}
