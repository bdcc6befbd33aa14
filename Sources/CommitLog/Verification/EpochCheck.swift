import RecordBatch

/// Decides whether batches have the leader epochs that a partition's list of epochs gives for their offsets.
struct EpochCheck: Hashable, Sendable {
    /// The list; `nil` if it cannot be read, so that there is nothing to compare with.
    private let epochs: LeaderEpochCache?
    /// The log start offset, if that is known: below it the list was cut together with the log.
    private let start: Offset?
    /// From here on the list may lack epochs, because a crash has taken them.
    private let completeBelow: Offset
    /// What was told last: a wrong entry of the list makes many batches differ in the same way.
    private var told: Difference?

    private struct Difference: Hashable, Sendable {
        var found: LeaderEpoch
        var expected: LeaderEpoch
    }

    init(_ epochs: LeaderEpochCache?, from start: Offset?, completeBelow: Offset) {
        self.epochs = epochs
        self.start = start
        self.completeBelow = completeBelow
    }

    /// What is wrong with a batch's epoch; `nil` if nothing is, or if it was said of a batch before it.
    mutating func accept(_ header: RecordBatchHeader) -> String? {
        guard let epochs, header.partitionLeaderEpoch > .none, start.map({ header.lastOffset >= $0 }) ?? true else {
            return nil
        }
        let found = header.partitionLeaderEpoch
        guard let expected = epochs.epoch(at: max(header.baseOffset, start ?? Offset(0))) else {
            guard start != nil, let first = epochs.entries.first else { return nil }
            return tell(found, first.epoch, "begins at offset \(first.startOffset)")
        }
        let isNewer = found > epochs.latest?.epoch ?? .none
        guard found != expected, !(isNewer && header.baseOffset >= completeBelow) else {
            told = nil
            return nil
        }
        return tell(found, expected, "has \(expected) for its offset")
    }

    private mutating func tell(_ found: LeaderEpoch, _ expected: LeaderEpoch, _ what: String) -> String? {
        let difference = Difference(found: found, expected: expected)
        defer { told = difference }
        guard difference != told else { return nil }
        return "its leader epoch is \(found), but \(LeaderEpochCache.fileName) \(what)"
    }
}
