import RecordBatch

/// Decides where a log starts, and which of its segments may go.
///
/// A digit of Kafka's start checkpoint can rot, and no checksum tells. So nothing is deleted that only one file takes
/// away: the other is our own checkpoint, which is written first, or the segment's own files, of which a cut of the head
/// renames the log last.
enum HeadDecision: Hashable, Sendable {
    /// The log starts at `start`; segments that end at or below `goneBelow` go, and those in `isGoing` below `start`.
    case start(Offset, goneBelow: Offset, isGoing: Set<Offset>)
    /// The log was cut beyond what a crash has left of it: all segments go, and it begins anew.
    case restart(Offset)
    /// A start behind the log's end, of which nothing else tells.
    case doubtful(start: Offset, end: Offset)

    /// What is known of a log's start.
    struct Evidence: Hashable, Sendable {
        /// From `log-start-offset-checkpoint`.
        var checkpointed: Offset?
        /// From our own checkpoint, where that speaks of the directory as it is.
        var durable: Offset?

        /// The start, as far as that is known without the log.
        ///
        /// Ours has a checksum.
        var start: Offset { durable ?? checkpointed ?? Offset(0) }

        /// Whether the two files differ, as only a crash between them leaves it, or rot.
        var isContradictory: Bool { durable.map { $0 != checkpointed ?? Offset(0) } ?? false }
    }

    /// - Parameters:
    ///   - segments: what the log holds: from the base offset of its first segment to the offset behind its last record.
    ///   - isGoing: the segments of which a file was found renamed to be deleted.
    init(_ evidence: Evidence, of segments: Range<Offset>, isGoing: Set<Offset>) {
        let (first, end) = (segments.lowerBound, segments.upperBound)
        // What both files say; nothing, where there is one.
        let agreed = evidence.durable.map { min($0, evidence.checkpointed ?? Offset(0)) } ?? Offset(0)
        if evidence.start <= end {
            self = .start(max(evidence.start, first), goneBelow: agreed, isGoing: isGoing)
        } else if agreed > end {
            self = .restart(agreed)
        } else if evidence.durable != nil {
            // The crash came between the two files: nobody was told of the cut.
            self = .start(max(agreed, first), goneBelow: agreed, isGoing: [])
        } else {
            self = .doubtful(start: evidence.start, end: end)
        }
    }

    /// Whether a segment may be deleted.
    /// - Parameter next: the base offset of the one behind it.
    func takesAway(_ segment: Offset, before next: Offset) -> Bool {
        switch self {
        case .start(let start, let goneBelow, let isGoing):
            next <= goneBelow || (isGoing.contains(segment) && next <= start)
        case .restart: true
        case .doubtful: false
        }
    }
}
