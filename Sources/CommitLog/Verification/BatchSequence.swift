import RecordBatch

/// Decides whether the batches of a log follow one another as they should, and which one is to blame if not.
///
/// A damaged base offset or leader epoch that is too low shows at once. One that is too high looks like a gap that
/// compaction left, or like a new epoch, until the next batch comes: that one would then be too low, and so would all
/// behind it. Hence the last batch that left a gap or raised the epoch is a suspect, and takes the blame if the next
/// one would fit without it.
struct BatchSequence: Hashable, Sendable {
    /// A batch, or a segment, that does not follow.
    struct Finding: Hashable, Sendable {
        var kind: VerificationFault.Kind
        var segment: Offset
        var position: FilePosition
        var offset: Offset?
        var reason: String
        /// Whether it is not the batch just given that is at fault, but the one before it.
        var blamesSuspect = false
    }

    fileprivate struct Suspect: Hashable, Sendable {
        /// What was known before it came.
        var chain: BatchChain
        var header: RecordBatchHeader
        var position: FilePosition
        var leftGap: Bool
    }

    private var chain: BatchChain
    private var suspect: Suspect?
    /// Whether offsets are missing within segments, or records within batches: the work of a cleaner.
    private(set) var showsCompaction = false

    /// - Parameter segment: the base offset of the first segment.
    init(segment: Offset) {
        chain = BatchChain(segment: segment, nextOffset: segment, epoch: .none)
    }

    /// The offset after the last batch that was accepted.
    var nextOffset: Offset { chain.nextOffset }

    /// Whether the last batch may yet turn out to be damaged, when the next one comes.
    var hasSuspect: Bool { suspect != nil }

    /// Ends a segment, whose offsets have to lie below those of the next one, or below the end of the log.
    mutating func end(below limit: Offset) -> Finding? {
        guard chain.nextOffset > limit, let suspect, suspect.leftGap, suspect.endWithoutGap <= limit else { return nil }
        chain = BatchChain(segment: chain.segment, nextOffset: suspect.endWithoutGap, epoch: suspect.chain.epoch)
        self.suspect = nil
        return blame(suspect, for: "the log goes on, or ends, at \(limit)")
    }

    /// Ends a log of which something else says that it ends at `end`, and so does the last batch, but for a gap before it.
    mutating func end(at end: Offset) -> Finding? {
        suspect?.endWithoutGap == end ? self.end(below: end) : nil
    }

    /// Goes on with the next segment.
    mutating func begin(segment: Offset) -> Finding? {
        let end = chain.nextOffset
        chain = BatchChain(segment: segment, nextOffset: segment, epoch: chain.epoch)
        guard segment < end else { return nil }
        return Finding(
            kind: .segmentOrder,
            segment: segment,
            position: .start,
            offset: segment,
            reason: "it begins below offset \(end), at which the segment before it ends"
        )
    }

    /// Takes the next batch.
    ///
    /// One that does not follow is left out, so that those behind it are judged without it.
    mutating func accept(_ header: RecordBatchHeader, at position: FilePosition) -> Finding? {
        let before = chain
        if let reason = chain.accept(header) {
            if let suspect {
                var cleared = before
                cleared.forget(suspect.chain)
                if cleared.accept(header) == nil {
                    chain = cleared
                    self.suspect = nil
                    return blame(
                        suspect,
                        for:
                            "the batch behind it has base offset \(header.baseOffset), epoch \(header.partitionLeaderEpoch)"
                    )
                }
            }
            return Finding(
                kind: header.baseOffset < before.nextOffset ? .offsetOrder : before.kind(of: header),
                segment: before.segment,
                position: position,
                offset: header.baseOffset,
                reason: reason
            )
        }
        settleSuspect()
        let leftGap = header.baseOffset > before.nextOffset
        if leftGap || (header.partitionLeaderEpoch > before.epoch && before.epoch > .none) {
            suspect = Suspect(chain: before, header: header, position: position, leftGap: leftGap)
        }
        if Int64(header.recordCount) <= Int64(header.lastOffsetDelta) || header.deleteHorizon != nil {
            showsCompaction = true
        }
        return nil
    }

    /// Goes on behind bytes that could not be read as a batch.
    mutating func skip() { settleSuspect() }

    /// A gap that nothing speaks against is what compaction leaves, except at a segment's start.
    private mutating func settleSuspect() {
        if let suspect, suspect.leftGap, suspect.chain.nextOffset > suspect.chain.segment { showsCompaction = true }
        suspect = nil
    }

    private func blame(_ suspect: Suspect, for what: String) -> Finding {
        let header = suspect.header
        return Finding(
            kind: suspect.leftGap ? .offsetOrder : .leaderEpoch,
            segment: suspect.chain.segment,
            position: suspect.position,
            offset: header.baseOffset,
            reason:
                "its base offset is \(header.baseOffset), its leader epoch \(header.partitionLeaderEpoch), but \(what)",
            blamesSuspect: true
        )
    }
}

extension BatchSequence.Suspect {
    /// Where the log ends if the batch had followed the one before it.
    fileprivate var endWithoutGap: Offset {
        let (end, overflow) = chain.nextOffset.rawValue.addingReportingOverflow(Int64(header.lastOffsetDelta) + 1)
        return overflow ? Offset(.max) : Offset(end)
    }
}

extension BatchChain {
    /// Takes back what the last batch has added to `earlier`, in the same segment or in the one before.
    fileprivate mutating func forget(_ earlier: BatchChain) {
        let nextOffset = earlier.segment == segment ? earlier.nextOffset : segment
        self = BatchChain(segment: segment, nextOffset: nextOffset, epoch: earlier.epoch)
    }

    /// What is wrong with a batch that is refused, though its base offset is not too low.
    fileprivate func kind(of header: RecordBatchHeader) -> VerificationFault.Kind {
        header.partitionLeaderEpoch < epoch ? .leaderEpoch : .offsetOrder
    }
}
