import RecordBatch

/// Decides, after the tail of a log was scanned, what is kept, what is torn, and whether something rotted.
///
/// A tear is not rot: bad bytes above what is known to be durable were left by a crash, and are cut off; bad bytes below
/// were good once, and nobody but a human may decide what becomes of them.
enum RecoveryDecision: Hashable, Sendable {
    /// The first `count` scanned segments stay, the last of them up to the end of its sound batches. What follows is set
    /// aside, for `tear`'s reason.
    case keep(count: Int, tear: String?)
    /// Durable data is damaged or missing.
    case corrupt(Corruption)

    struct Corruption: Hashable, Sendable {
        var segment: Offset
        var position: FilePosition
        /// The offset after the last sound record before the damage.
        var offset: Offset
        /// The offset up to which everything was durable.
        var durableOffset: Offset
        var reason: String
    }

    /// - Parameters:
    ///   - scans: the segments from the one that holds the recovery point on, in order; at least one.
    ///   - durable: how far the log is known to be on disk, if Millrace wrote it last.
    ///   - recoveryPoint: how far it is, by Kafka's checkpoint.
    init(scans: [SegmentScan], durable: DurableCheckpoint.Entry?, recoveryPoint: Offset) {
        let durableOffset = max(durable?.offset ?? recoveryPoint, scans[0].baseOffset)
        func corrupt(_ scan: SegmentScan, _ position: FilePosition, _ reason: String) -> RecoveryDecision {
            .corrupt(
                Corruption(
                    segment: scan.baseOffset,
                    position: position,
                    offset: scan.nextOffset,
                    durableOffset: durableOffset,
                    reason: reason
                )
            )
        }
        var kept = 0
        var tear: String?
        for scan in scans {
            let previous = kept > 0 ? scans[kept - 1].nextOffset : scan.baseOffset
            if scan.baseOffset != previous {
                let isDurable = durable.map { scan.baseOffset <= $0.segment && $0.position > .start } ?? true
                if scan.baseOffset < previous && scan.baseOffset < durableOffset {
                    self = corrupt(scan, .start, "it begins below offset \(previous), at which the one before ends")
                    return
                }
                if scan.baseOffset < previous || !isDurable {
                    tear = "segment \(scan.baseOffset) does not follow offset \(previous), at which the one before ends"
                    break
                }
            }
            kept += 1
            guard let defect = scan.defect else { continue }
            let isDurable =
                if let durable {
                    scan.baseOffset < durable.segment
                        || (scan.baseOffset == durable.segment && defect.position < durable.position)
                } else {
                    scan.nextOffset < recoveryPoint
                }
            if isDurable {
                self = corrupt(scan, defect.position, defect.reason)
                return
            }
            tear = "segment \(scan.baseOffset) is torn at position \(defect.position): \(defect.reason)"
            break
        }
        let last = scans[kept - 1]
        if last.nextOffset < durableOffset {
            self = corrupt(last, last.soundEnd, tear ?? "the log ends here")
            return
        }
        // Without our checkpoint a gap may be the work of compaction, but not where the log was on disk without it.
        if durable == nil, let gap = last.lastGap, gap.end == recoveryPoint {
            let reason = "it leaves a gap of offsets, but the log was on disk up to \(recoveryPoint)"
            self = corrupt(last, gap.position, reason)
            return
        }
        self = .keep(count: kept, tear: tear)
    }
}
