import RecordBatch

/// What a log knows of all its producers up to an offset.
///
/// A producer that is not known may begin with any sequence number: what it sent before may have been deleted, or may have
/// been so long ago that it was forgotten.
///
/// Source: Kafka's `ProducerStateManager` (KIP-98, KIP-360).
struct ProducerStates: Hashable, Sendable {
    private var producers: [ProducerID: ProducerState] = [:]

    /// Nobody has written.
    init() {}

    /// How many producers are known.
    var count: Int { producers.count }

    subscript(producer: ProducerID) -> ProducerState? { producers[producer] }

    /// Judges the batches of one append of a client, each in the light of those before it.
    ///
    /// One that the log has already is the answer for all of them, as in Kafka, whose clients send one batch at a time.
    ///
    /// - Complexity: nothing for batches without a producer id.
    func judge(_ headers: some Sequence<RecordBatchHeader>) -> ProducerState.Verdict {
        var seen: [ProducerID: ProducerState] = [:]
        for header in headers where header.producerID != .none {
            let known = seen[header.producerID] ?? producers[header.producerID]
            let verdict = known?.judge(header) ?? .append
            guard verdict == .append else { return verdict }
            var state = known ?? ProducerState(header.producerEpoch)
            state.note(header)
            seen[header.producerID] = state
        }
        return .append
    }

    /// Judges a marker of a coordinator.
    func judge(markerOf marker: RecordBatchHeader, coordinatorEpoch: Int32) -> ProducerState.Verdict {
        producers[marker.producerID]?.judge(markerOf: marker, coordinatorEpoch: coordinatorEpoch) ?? .append
    }

    /// Takes note of a batch that is in the log, with its final offset.
    ///
    /// Control batches are for ``note(markerOf:coordinatorEpoch:)``.
    mutating func note(_ header: RecordBatchHeader) {
        guard header.producerID != .none, !header.isControl else { return }
        producers[header.producerID, default: ProducerState(header.producerEpoch)].note(header)
    }

    /// Takes note of a marker that is in the log.
    ///
    /// - Returns: where the transaction began that it ends, if there was one.
    @discardableResult
    mutating func note(markerOf marker: RecordBatchHeader, coordinatorEpoch: Int32) -> Offset? {
        producers[marker.producerID, default: ProducerState(marker.producerEpoch)]
            .note(markerOf: marker, coordinatorEpoch: coordinatorEpoch)
    }

    /// Forgets those that have written nothing for so long, but for those with a transaction open.
    ///
    /// - Parameter milliseconds: `producer.id.expiration.ms`; not negative.
    /// - Returns: how many were forgotten.
    @discardableResult
    mutating func expire(after milliseconds: Int64, at now: Timestamp) -> Int {
        let before = producers.count
        producers = producers.filter { _, state in
            state.transactionStart != nil || now.milliseconds(since: state.lastTimestamp) < milliseconds
        }
        return before - producers.count
    }

    // MARK: Snapshots

    /// What a snapshot says.
    init(_ snapshot: ProducerSnapshot) {
        for entry in snapshot.entries { producers[entry.producerID] = ProducerState(entry) }
    }

    /// A snapshot of all producers, in the order of their ids.
    func snapshot() -> ProducerSnapshot {
        ProducerSnapshot(
            producers.sorted { $0.key.rawValue < $1.key.rawValue }.map { $0.value.entry(of: $0.key) }
        )
    }
}
