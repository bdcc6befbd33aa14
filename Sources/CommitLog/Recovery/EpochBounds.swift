import RecordBatch

/// What our own checkpoint tells of the epochs that the batches of a log can have.
///
/// A batch's CRC does not cover its epoch, and the log's list of epochs has no checksum; the checkpoint has one.
struct EpochBounds: Hashable, Sendable {
    /// The newest epoch in what is durable, and where it begins; `nil` if there is none.
    var latest: LeaderEpochCache.Entry?
    /// The epoch of all that lies above what is durable; `nil` if that is not known.
    ///
    /// A batch that was cut off after an earlier crash has a lower one: what a file system may show of it is no batch of
    /// this log.
    var writer: LeaderEpoch?
    /// The highest epoch that was ever used in the directory.
    var highest: LeaderEpoch

    /// What is wrong with a batch's epoch; `nil` if nothing is.
    ///
    /// - Parameters:
    ///   - isDurable: whether it was on disk when the checkpoint was written.
    ///   - previous: the epoch of the batch before, `LeaderEpoch.none` if it is not known.
    func problem(
        with header: RecordBatchHeader,
        isDurable: Bool,
        after previous: LeaderEpoch
    ) -> String? {
        let epoch = header.partitionLeaderEpoch
        if epoch > highest { return "its leader epoch is \(epoch), but none above \(highest) was ever used" }
        if !isDurable {
            guard let writer, epoch != writer else { return nil }
            return "its leader epoch is \(epoch), but \(writer) was writing"
        }
        // Where two batches have the same, it is not the batches that are wrong.
        guard let latest, epoch != previous else { return nil }
        if header.baseOffset >= latest.startOffset ? epoch == latest.epoch : epoch <= latest.epoch { return nil }
        return "its leader epoch is \(epoch), but the newest was \(latest.epoch), from offset \(latest.startOffset) on"
    }
}
