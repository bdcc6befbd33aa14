import LinuxIO
import Logging
import RecordBatch
import Synchronization

extension PartitionLog {
    /// What the log knows of those who have appended with a producer id, ordered by it.
    ///
    /// - Complexity: O(n log n) of the producers.
    public var producers: [ProducerSnapshot.Entry] { appender.withLock { $0.producers }.snapshot().entries }

    // MARK: Appending

    /// Judges the batches of an append that have a producer id.
    ///
    /// - Returns: the answer, if the log has them already.
    func judge(
        _ bytes: RawSpan,
        from origin: AppendOrigin,
        _ appender: borrowing Appender
    ) throws(LogError) -> AppendResult? {
        switch appender.producers.judge(ProducerBatch.all(inChecked: bytes), from: origin) {
        case .append: return nil
        case .duplicate(let batch):
            return AppendResult(
                baseOffset: batch.baseOffset,
                lastOffset: batch.lastOffset,
                logAppendTime: configuration.timestampType == .logAppendTime ? batch.maxTimestamp : nil,
                logStartOffset: logStartOffset,
                isDuplicate: true
            )
        case .refuse(let refusal): throw error(refusal)
        }
    }

    private func error(_ refusal: ProducerState.Refusal) -> LogError {
        switch refusal {
        case .fenced(let current):
            error(.producerFenced, "The batch is of an epoch of its producer that ended when \(current) began")
        case .outOfOrder(let expected):
            error(
                .outOfOrderSequence,
                "The batch does not follow its producer's last: sequence number \(expected) is due"
            )
        case .outsideTransaction(let start):
            error(
                .invalidTransactionState,
                "The batch is outside of its producer's transaction, which is open since offset \(start)"
            )
        case .coordinatorFenced(let current):
            error(.coordinatorFenced, "The marker is of a coordinator that ended when that of epoch \(current) began")
        }
    }

    /// Before the first batch that has a producer id: from now on the directory tells that there are some.
    func prepareForProducers(_ appender: inout Appender) throws(LogError) {
        guard !appender.hasProducerSnapshot else { return }
        do {
            try ProducerSnapshots(in: directory).makeFirst(at: appender.nextOffset)
        } catch {
            throw LogError(error, topicPartition)
        }
        // Its name becomes durable by the commit that makes the batch so.
        isDirectoryUnsynced.store(true, ordering: .releasing)
        appender.hasProducerSnapshot = true
    }

    /// Takes note of what was just written.
    ///
    /// - Parameter bytes: with the offsets given out.
    func noteProducers(of bytes: RawSpan, at now: Timestamp, _ appender: inout Appender) {
        for batch in ProducerBatch.all(inChecked: bytes) { appender.producers.note(batch, at: now) }
        appender.producers.expireIfGrown(after: configuration.producerIDExpirationMs, at: now)
    }

    // MARK: Snapshots

    /// Writes what was known at the last roll, if that is not written yet.
    ///
    /// With ``maintenance`` held.
    func writeProducerSnapshot() throws(IOError) {
        guard let (offset, states) = appender.withLock({ $0.snapshotToWrite }) else { return }
        try write(states, at: offset)
        // The next roll may have come meanwhile.
        appender.withLock { if $0.snapshotToWrite?.offset == offset { $0.snapshotToWrite = nil } }
    }

    /// Writes what is known at the end of a log that is being closed, unless it is there.
    ///
    /// With ``maintenance`` held.
    func writeClosingProducerSnapshot() throws(IOError) {
        let (end, states, isWanted) = appender.withLock { ($0.nextOffset, $0.producers, $0.hasProducerSnapshot) }
        guard isWanted, try ProducerSnapshots(in: directory).all().last != end else { return }
        try write(states, at: end)
    }

    private func write(_ states: ProducerStates, at offset: Offset) throws(IOError) {
        var states = states
        states.expire(after: configuration.producerIDExpirationMs, at: .now)
        try withDirectorySync { () throws(IOError) in try ProducerSnapshots(in: directory).write(states, at: offset) }
        try removeRedundantProducerSnapshots()
    }

    /// Removes the snapshots that nothing needs any more, such as those of segments that are gone.
    func removeRedundantProducerSnapshots() throws(IOError) {
        guard appender.withLock({ $0.hasProducerSnapshot }) else { return }
        let snapshots = ProducerSnapshots(in: directory)
        let redundant = ProducerSnapshots.redundant(try snapshots.all(), segments: segments.map(\.baseOffset))
        try snapshots.remove(redundant)
    }

    // MARK: Cutting the tail

    /// Finds out what is known of producers below a cut of the tail, and writes it.
    ///
    /// The log is not changed, and what is written is right whether it is cut or not.
    ///
    /// - Returns: `nil` if there are no producers.
    func prepareProducers(forCutAt offset: Offset) throws(LogError) -> ProducerStates? {
        guard appender.withLock({ $0.hasProducerSnapshot }) else { return nil }
        let snapshots = ProducerSnapshots(in: directory)
        do {
            let newest = try snapshots.newest(of: try snapshots.all(), upTo: offset) { offset, error in
                services.logger.warning("\(topicPartition): the producers' snapshot at \(offset) is not used: \(error)")
            }
            var states = newest?.states ?? ProducerStates()
            let start = newest?.offset ?? segments.first?.baseOffset ?? offset
            try ProducerReplay(segments).advance(&states, from: start, to: offset)
            try withDirectorySync { () throws(IOError) in try snapshots.write(states, at: offset) }
            return states
        } catch {
            if let error = error as? IOError, error.isFailedSync { failSync(error) }
            throw LogError(error, at: .init(topicPartition, path: directory))
        }
    }

    /// Removes the snapshots of what is being cut off; the caller syncs the directory.
    func removeProducerSnapshots(above offset: Offset) throws(IOError) {
        let snapshots = ProducerSnapshots(in: directory)
        try snapshots.remove(try snapshots.all().filter { $0 > offset })
    }
}
