import RecordBatch

/// What a log knows of one idempotent or transactional producer.
///
/// Enough to tell a batch that is sent again from one that was lost on the way: the last five batches, as many as a producer
/// may have under way at a time.
///
/// Source: Kafka's `ProducerStateEntry` and `ProducerAppendInfo` (KIP-98, KIP-185, KIP-360).
struct ProducerState: Hashable, Sendable {
    /// As many batches as a producer may have under way (`max.in.flight.requests.per.connection` of idempotent producers).
    static let batchLimit = 5

    /// A batch that the log holds.
    struct Batch: Hashable, Sendable {
        var lastSequence: SequenceNumber
        var lastOffset: Offset
        /// How far the last offset, and so the last sequence number, is above the first.
        var offsetDelta: Int32
        var maxTimestamp: Timestamp

        /// The batch's first offset.
        var baseOffset: Offset { lastOffset + -Int(offsetDelta) }
    }

    /// The epoch of the last batch or marker; batches of lower ones are refused.
    private(set) var epoch: ProducerEpoch
    /// The last batches of this epoch, at most ``batchLimit``, oldest first.
    private(set) var batches: [Batch] = []
    /// When the last batch or marker was appended, as far as that is known.
    private(set) var lastTimestamp: Timestamp
    /// The epoch of the coordinator that wrote the last marker, or -1.
    private(set) var coordinatorEpoch: Int32 = -1
    /// Where the transaction begins that is open, if one is.
    private(set) var transactionStart: Offset?

    /// What a new producer begins with.
    init(_ epoch: ProducerEpoch) {
        self.epoch = epoch
        lastTimestamp = .none
    }

    /// The sequence number of the last record; none where the log has only markers of this epoch.
    var lastSequence: SequenceNumber { batches.last?.lastSequence ?? .none }

    // MARK: Deciding

    /// What is to become of a batch.
    enum Verdict: Hashable, Sendable {
        /// It comes next.
        case append
        /// The log has it already.
        case duplicate(Batch)
        case refuse(Refusal)
    }

    /// Why a batch is refused.
    enum Refusal: Hashable, Sendable {
        /// Another instance of the producer has taken over.
        case fenced(current: ProducerEpoch)
        /// Batches are missing in front of it, or it is older than what is remembered.
        case outOfOrder(expected: SequenceNumber)
        /// It belongs to no transaction, but one is open.
        case outsideTransaction(openSince: Offset)
        /// A marker of a coordinator that is not in office any more.
        case coordinatorFenced(current: Int32)
    }

    /// Judges a batch of a client.
    func judge(_ header: RecordBatchHeader) -> Verdict {
        guard header.producerEpoch >= epoch else { return .refuse(.fenced(current: epoch)) }
        if let batch = batch(sameAs: header) { return .duplicate(batch) }
        let expected = header.producerEpoch == epoch ? lastSequence.next : SequenceNumber(0)
        guard header.baseSequence == expected else { return .refuse(.outOfOrder(expected: expected)) }
        if let transactionStart, !header.isTransactional {
            return .refuse(.outsideTransaction(openSince: transactionStart))
        }
        return .append
    }

    /// Judges the marker that ends a transaction.
    func judge(markerOf marker: RecordBatchHeader, coordinatorEpoch: Int32) -> Verdict {
        guard marker.producerEpoch >= epoch else { return .refuse(.fenced(current: epoch)) }
        guard coordinatorEpoch >= self.coordinatorEpoch else {
            return .refuse(.coordinatorFenced(current: self.coordinatorEpoch))
        }
        return .append
    }

    private func batch(sameAs header: RecordBatchHeader) -> Batch? {
        guard header.producerEpoch == epoch else { return nil }
        let last = header.baseSequence.advanced(by: header.lastOffsetDelta)
        return batches.first { $0.lastSequence == last && $0.offsetDelta == header.lastOffsetDelta }
    }

    // MARK: Taking note

    /// Takes note of a batch that is in the log, whoever let it in: one that replaces what is known, where they differ.
    ///
    /// - Parameters:
    ///   - header: with its final offset.
    ///   - time: when it was appended. Producers expire by it, and not by the times of their records, which may be of long
    ///     ago; where it is not known, by these.
    mutating func note(_ header: RecordBatchHeader, at time: Timestamp? = nil) {
        enter(header.producerEpoch)
        batches.append(
            Batch(
                lastSequence: header.baseSequence.advanced(by: header.lastOffsetDelta),
                lastOffset: header.lastOffset,
                offsetDelta: header.lastOffsetDelta,
                maxTimestamp: header.maxTimestamp
            )
        )
        if batches.count > Self.batchLimit { batches.removeFirst() }
        lastTimestamp = time ?? header.maxTimestamp
        if header.isTransactional { transactionStart = transactionStart ?? header.baseOffset }
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
        enter(marker.producerEpoch)
        self.coordinatorEpoch = coordinatorEpoch
        lastTimestamp = time ?? marker.maxTimestamp
        return transactionStart.take()
    }

    /// Of an earlier epoch nothing can come again.
    private mutating func enter(_ epoch: ProducerEpoch) {
        if epoch != self.epoch { batches.removeAll() }
        self.epoch = epoch
    }

    // MARK: Snapshots

    /// What a snapshot says; of the batches it has the last.
    init(_ entry: ProducerSnapshot.Entry) {
        epoch = entry.producerEpoch
        lastTimestamp = entry.timestamp
        coordinatorEpoch = entry.coordinatorEpoch
        transactionStart = entry.currentTransactionFirstOffset
        guard entry.lastOffset.rawValue >= 0, entry.lastSequence != .none else { return }
        batches = [
            Batch(
                lastSequence: entry.lastSequence,
                lastOffset: entry.lastOffset,
                offsetDelta: entry.offsetDelta,
                maxTimestamp: entry.timestamp
            )
        ]
    }

    /// The entry of a snapshot.
    func entry(of producer: ProducerID) -> ProducerSnapshot.Entry {
        ProducerSnapshot.Entry(
            producerID: producer,
            producerEpoch: epoch,
            lastSequence: lastSequence,
            lastOffset: batches.last?.lastOffset ?? Offset(-1),
            offsetDelta: batches.last?.offsetDelta ?? 0,
            timestamp: lastTimestamp,
            coordinatorEpoch: coordinatorEpoch,
            currentTransactionFirstOffset: transactionStart
        )
    }
}

extension SequenceNumber {
    /// What follows: 0 where there was none.
    fileprivate var next: SequenceNumber { self == .none ? SequenceNumber(0) : advanced(by: 1) }
}
