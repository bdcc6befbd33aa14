import RecordBatch

/// What a log knows of all its producers up to an offset.
///
/// A producer that is not known may begin with any sequence number: what it sent before may have been deleted, or may have
/// been so long ago that it was forgotten.
///
/// Source: Kafka's `ProducerStateManager` (KIP-98, KIP-360).
struct ProducerStates: Hashable, Sendable {
    private var producers: [ProducerID: ProducerState] = [:]
    /// How many may be known before the expired ones are looked for.
    private var expiryDue = Self.leastExpiryDue
    private static let leastExpiryDue = 1024

    /// Nobody has written.
    init() {}

    /// How many producers are known.
    var count: Int { producers.count }

    /// Whether no producer is known.
    var isEmpty: Bool { producers.isEmpty }

    subscript(producer: ProducerID) -> ProducerState? { producers[producer] }

    /// Judges the batches of one append of a client, each in the light of those before it.
    ///
    /// One that the log has already is the answer for all of them, as in Kafka, whose clients send one batch at a time.
    ///
    /// - Complexity: nothing for batches without a producer id.
    func judge(_ headers: some Sequence<RecordBatchHeader>) -> ProducerState.Verdict {
        var seen: [ProducerID: ProducerState] = [:]
        var previous: RecordBatchHeader?
        for header in headers where header.producerID != .none {
            // Not for the last one, which mostly is the only one.
            if let previous {
                let known = seen[previous.producerID] ?? producers[previous.producerID]
                seen[previous.producerID, default: known ?? ProducerState(previous.producerEpoch)].note(previous)
            }
            let known = seen[header.producerID] ?? producers[header.producerID]
            let verdict = known?.judge(header) ?? .append
            guard verdict == .append else { return verdict }
            previous = header
        }
        return .append
    }

    /// Judges the batches of one append.
    ///
    /// What the node itself appends has no sequence numbers to go by; of its markers the epochs count.
    func judge(_ batches: [ProducerBatch], from origin: AppendOrigin) -> ProducerState.Verdict {
        switch origin {
        case .client: return judge(batches.lazy.map(\.header))
        case .coordinator:
            for batch in batches {
                guard let epoch = batch.coordinatorEpoch else { continue }
                let verdict = judge(markerOf: batch.header, coordinatorEpoch: epoch)
                guard verdict == .append else { return verdict }
            }
            return .append
        }
    }

    /// Judges a marker of a coordinator.
    func judge(markerOf marker: RecordBatchHeader, coordinatorEpoch: Int32) -> ProducerState.Verdict {
        producers[marker.producerID]?.judge(markerOf: marker, coordinatorEpoch: coordinatorEpoch) ?? .append
    }

    /// Takes note of a batch that is in the log, with its final offset.
    ///
    /// Control batches are for ``note(markerOf:coordinatorEpoch:)``.
    mutating func note(_ header: RecordBatchHeader, at time: Timestamp? = nil) {
        guard header.producerID != .none, !header.isControl else { return }
        producers[header.producerID, default: ProducerState(header.producerEpoch)].note(header, at: time)
    }

    /// Takes note of a marker that is in the log.
    ///
    /// - Returns: where the transaction began that it ends, if there was one.
    @discardableResult
    mutating func note(
        markerOf marker: RecordBatchHeader,
        coordinatorEpoch: Int32,
        at time: Timestamp? = nil
    ) -> Offset? {
        producers[marker.producerID, default: ProducerState(marker.producerEpoch)]
            .note(markerOf: marker, coordinatorEpoch: coordinatorEpoch, at: time)
    }

    /// Takes note of what is in the log, with its final offset.
    ///
    /// - Parameter time: when it was appended.
    mutating func note(_ batch: ProducerBatch, at time: Timestamp) {
        if let epoch = batch.coordinatorEpoch {
            note(markerOf: batch.header, coordinatorEpoch: epoch, at: time)
        } else {
            note(batch.header, at: time)
        }
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
        expiryDue = max(Self.leastExpiryDue, 2 * producers.count)
        return before - producers.count
    }

    /// Forgets expired producers, if so many have come since that was last done that it costs each of these little.
    ///
    /// Without clock or timer, and so that those who have expired are never more than the others, but for the first
    /// thousand. To know one for longer than asked for does no harm.
    mutating func expireIfGrown(after milliseconds: Int64, at now: Timestamp) {
        if producers.count > expiryDue { expire(after: milliseconds, at: now) }
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
