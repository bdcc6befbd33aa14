import RecordBatch

/// A batch, as far as what is known of its producer depends on it.
struct ProducerBatch: Hashable, Sendable {
    var header: RecordBatchHeader
    /// The epoch of the coordinator that wrote it, if it is the marker that ends a transaction.
    var coordinatorEpoch: Int32?

    /// A batch that is no control batch.
    init(_ header: RecordBatchHeader) { self.header = header }

    /// Looks at a batch.
    ///
    /// - Throws: `invalidControlRecord`, or what is wrong with the record, for a control batch that cannot be understood.
    init(_ batch: borrowing RecordBatchView) throws(RecordBatchError) {
        header = batch.header
        guard header.isControl else { return }
        var records = try batch.records()
        guard let record = try records.next() else { return }
        coordinatorEpoch = try ControlRecord(record).coordinatorEpoch
    }

    /// The batches that have a producer id.
    ///
    /// - Parameter bytes: batches that an append has checked.
    static func all(inChecked bytes: RawSpan) -> [ProducerBatch] {
        var found: [ProducerBatch] = []
        var batches = RecordBatchIterator(bytes)
        while let batch = try? batches.next() {
            if batch.header.producerID != .none, let batch = try? ProducerBatch(batch) { found.append(batch) }
        }
        return found
    }
}
