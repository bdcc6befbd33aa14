public import RecordBatch

/// Which offsets each leader epoch wrote, as the offset where each epoch begins.
///
/// An epoch ends where the next one begins, and the last one at the end of the log. Epochs and start offsets both rise
/// strictly from entry to entry: a log's history never goes back. This is what OffsetForLeaderEpoch is answered from, and
/// what tells a client which offsets were lost.
///
/// The rules are those of Kafka's `LeaderEpochFileCache` (KIP-101, KIP-279).
///
/// Its file, `leader-epoch-checkpoint` in a partition's directory:
///
/// ```
/// 0          version
/// 2          number of entries
/// 0 0        leader epoch, start offset
/// 2 644
/// ```
public struct LeaderEpochCache: Hashable, Sendable {
    /// The beginning of a leader epoch.
    public struct Entry: Hashable, Sendable {
        /// The epoch, at least 0.
        public let epoch: LeaderEpoch
        /// The offset of the first record that the epoch wrote, or would write.
        public let startOffset: Offset
    }

    /// The epochs, rising strictly in epoch and in start offset.
    public private(set) var entries: [Entry] = []

    /// A cache that knows no epoch.
    public init() {}

    /// Parses the contents of a file.
    ///
    /// An empty file has no entries.
    /// - Parameter bytes: The whole file.
    /// - Throws: `FormatError` when anything is not as drawn, or the entries do not rise.
    public init(parsing bytes: [UInt8]) throws(FormatError) {
        for line in try CheckpointText(format: "leader epoch checkpoint", fieldsPerEntry: 2).entries(parsing: bytes) {
            let entry = Entry(
                epoch: LeaderEpoch(rawValue: try line.integer(0, "the leader epoch", least: 0)),
                startOffset: Offset(rawValue: try line.integer(1, "the start offset", least: 0))
            )
            if let last = entries.last, entry.epoch <= last.epoch || entry.startOffset <= last.startOffset {
                throw line.malformed(
                    """
                    epoch \(entry.epoch.rawValue) at offset \(entry.startOffset.rawValue) follows epoch \
                    \(last.epoch.rawValue) at offset \(last.startOffset.rawValue); both have to rise
                    """
                )
            }
            entries.append(entry)
        }
    }

    /// The contents of a file with these entries.
    public func encoded() -> [UInt8] {
        CheckpointText.encode(entries.map { ["\($0.epoch.rawValue)", "\($0.startOffset.rawValue)"] })
    }

    /// The latest epoch.
    public var latest: Entry? { entries.last }

    /// Takes note that an epoch begins at an offset.
    ///
    /// Entries that say otherwise give way: those with an epoch, or with a start offset, not below the new one's.
    /// Nothing happens when the latest epoch is assigned again at its start offset or above.
    /// - Parameters:
    ///   - epoch: The epoch, at least 0.
    ///   - startOffset: The offset of its first record, at least 0.
    /// - Returns: Whether the entries changed, so that the file has to be written.
    @discardableResult
    public mutating func assign(_ epoch: LeaderEpoch, startOffset: Offset) -> Bool {
        precondition(epoch.rawValue >= 0, "Cannot assign leader epoch \(epoch.rawValue): epochs are counted from 0")
        precondition(startOffset.rawValue >= 0, "Cannot begin a leader epoch at offset \(startOffset.rawValue)")
        if let latest, latest.epoch == epoch, latest.startOffset <= startOffset { return false }
        while let last = entries.last, last.epoch >= epoch || last.startOffset >= startOffset {
            entries.removeLast()
        }
        entries.append(Entry(epoch: epoch, startOffset: startOffset))
        return true
    }

    /// Makes an entry the latest one, whatever the list has instead.
    ///
    /// - Parameters:
    ///   - epoch: The epoch, at least 0.
    ///   - startOffset: The offset of its first record, at least 0.
    mutating func setLatest(_ epoch: LeaderEpoch, startOffset: Offset) {
        entries.removeAll { $0.epoch >= epoch || $0.startOffset >= startOffset }
        entries.append(Entry(epoch: epoch, startOffset: startOffset))
    }

    /// The end of an epoch: what OffsetForLeaderEpoch asks for.
    ///
    /// - Parameters:
    ///   - epoch: The epoch that is asked for.
    ///   - logEnd: The offset after the last record, where the latest epoch ends.
    /// - Returns: The largest known epoch that is not above the one asked for, and the offset where it ends. For an epoch
    ///   before the first known one: that epoch, and the offset where the first known one begins. `nil` for an epoch above
    ///   the latest, for `LeaderEpoch.none`, and when no epoch is known.
    /// - Complexity: O(log n) in the number of epochs.
    public func endOffset(for epoch: LeaderEpoch, logEnd: Offset) -> (epoch: LeaderEpoch, offset: Offset)? {
        guard epoch.rawValue >= 0, let latest else { return nil }
        if epoch == latest.epoch { return (epoch, logEnd) }
        let above = firstIndex { $0.epoch > epoch }
        guard above < entries.count else { return nil }
        return (above > 0 ? entries[above - 1].epoch : epoch, entries[above].startOffset)
    }

    /// The epoch that wrote the record at an offset; `nil` below the first known start offset.
    /// - Complexity: O(log n) in the number of epochs.
    public func epoch(at offset: Offset) -> LeaderEpoch? {
        let above = firstIndex { $0.startOffset > offset }
        return above > 0 ? entries[above - 1].epoch : nil
    }

    /// Forgets what lies below the log start offset.
    ///
    /// The epoch that holds the offset now begins there.
    /// - Parameter offset: The new log start offset.
    /// - Returns: Whether the entries changed, so that the file has to be written.
    @discardableResult
    public mutating func truncateFromStart(_ offset: Offset) -> Bool {
        let above = firstIndex { $0.startOffset > offset }
        guard above > 0 else { return false }
        let holder = Entry(epoch: entries[above - 1].epoch, startOffset: offset)
        guard above > 1 || holder != entries[0] else { return false }
        entries.replaceSubrange(..<above, with: [holder])
        return true
    }

    /// Forgets the epochs that begin at the new end of the log or above.
    /// - Parameter offset: The new end of the log.
    /// - Returns: Whether the entries changed, so that the file has to be written.
    @discardableResult
    public mutating func truncateFromEnd(_ offset: Offset) -> Bool {
        let kept = firstIndex { $0.startOffset >= offset }
        guard kept < entries.count else { return false }
        entries.removeSubrange(kept...)
        return true
    }

    /// The index of the first entry for which `isAbove` holds, given that it holds for all behind it; the number of
    /// entries if for none.
    private func firstIndex(where isAbove: (Entry) -> Bool) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = low + (high - low) / 2
            if isAbove(entries[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
