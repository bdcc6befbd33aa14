import RecordBatch

/// What is known of the epochs that the batches of a log can have.
///
/// A batch's CRC does not cover its epoch.
struct EpochBounds: Hashable, Sendable {
    /// The log's list of epochs, in which the newest may be missing.
    var known: LeaderEpochCache
    /// The highest epoch that was ever used in the directory.
    var highest: LeaderEpoch

    /// What is wrong with a batch's epoch; `nil` if nothing is.
    func problem(with header: RecordBatchHeader) -> String? {
        let epoch = header.partitionLeaderEpoch
        if epoch > highest { return "its leader epoch is \(epoch), but none above \(highest) was ever used" }
        guard let expected = known.epoch(at: header.baseOffset) else { return nil }
        // Behind the start of the newest known epoch, newer ones may have begun.
        let isNewest = expected == known.latest?.epoch
        if epoch == expected || (isNewest && epoch > expected) { return nil }
        return "its leader epoch is \(epoch), but \(expected) wrote offset \(header.baseOffset)"
    }
}
