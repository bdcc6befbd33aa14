import RecordBatch

/// Decides whether batches have the leader epochs that a partition's list of epochs gives for their offsets.
struct EpochCheck: Hashable, Sendable {
    /// The list; `nil` if it cannot be read, so that there is nothing to compare with.
    private let epochs: LeaderEpochCache?
    /// From here on the list may lack epochs, because a crash has taken them.
    private let completeBelow: Offset
    /// What was told last: a wrong entry of the list makes many batches differ in the same way.
    private var told: Difference?

    private struct Difference: Hashable, Sendable {
        var found: LeaderEpoch
        var expected: LeaderEpoch
    }

    init(_ epochs: LeaderEpochCache?, completeBelow: Offset) {
        self.epochs = epochs
        self.completeBelow = completeBelow
    }

    /// What is wrong with a batch's epoch; `nil` if nothing is, or if it was said of a batch before it.
    mutating func accept(_ header: RecordBatchHeader) -> String? {
        // Where the list begins above the batch, the log was cut at its head.
        guard let epochs, header.partitionLeaderEpoch > .none, let expected = epochs.epoch(at: header.baseOffset)
        else { return nil }
        let found = header.partitionLeaderEpoch
        let isNewer = found > epochs.latest?.epoch ?? .none
        guard found != expected, !(isNewer && header.baseOffset >= completeBelow) else {
            told = nil
            return nil
        }
        let difference = Difference(found: found, expected: expected)
        defer { told = difference }
        guard difference != told else { return nil }
        return "its leader epoch is \(found), but \(LeaderEpochCache.fileName) has \(expected) for its offset"
    }
}
