import LinuxIO
import Logging
import RecordBatch

extension LogLoader {
    /// Finds out what is known of producers at the end of a log: by the newest snapshot, and the batches behind it.
    ///
    /// - Parameters:
    ///   - found: the offsets of the snapshots there are, ascending.
    ///   - log: the log, but for this.
    func loadProducers(_ found: [Offset], _ log: inout LoadedLog) throws {
        let end = log.nextOffset
        let snapshots = ProducerSnapshots(in: directory)
        var unusable: [Offset] = []
        let newest = try snapshots.newest(of: found, upTo: end) { offset, error in
            unusable.append(offset)
            logger.warning("\(topicPartition): the producers' snapshot at \(offset) is made anew: \(error)")
        }
        // Without any there is no producer in what was durable when we wrote the log last. Kafka's may have none all the same.
        let isWithoutProducers = found.isEmpty && durable != nil
        let start = newest?.offset ?? (isWithoutProducers ? recoveryPoint : log.segments[0].baseOffset)
        var states = newest?.states ?? ProducerStates()
        try ProducerReplay(log.segments).advance(&states, from: start, to: end)
        states.expire(after: configuration.producerIDExpirationMs, at: .now)

        // One in the last segment, so that the others may go.
        let isMissing = newest.map { $0.offset < log.active.baseOffset } ?? !states.isEmpty
        var kept = Set(found.filter { $0 <= end && !unusable.contains($0) })
        if isMissing {
            try snapshots.write(states, at: end)
            kept.insert(end)
        }
        let redundant = ProducerSnapshots.redundant(kept.sorted(), segments: log.segments.map(\.baseOffset))
        let removed = found.filter { !kept.contains($0) || redundant.contains($0) }
        if !removed.isEmpty {
            try snapshots.remove(removed)
            try FileSystem.synchronizeDirectory(directory)
        }
        log.producers = states
        log.hasProducerSnapshot = newest != nil || isMissing
    }
}
