import RecordBatch

/// What the files at the root of a log directory say of one partition, and what follows from it for how bad a defect
/// is.
struct PartitionExpectations: Hashable, Sendable {
    /// Whether the directory was closed cleanly.
    var isClean = false
    /// Below it, logs and indexes are on disk.
    var recoveryPoint: Offset?
    var highWatermark: Offset?
    var startOffset: Offset?
    /// The start by Kafka's checkpoint, where ours says something else.
    var contradictoryStart: Offset?
    /// From our own checkpoint, where that speaks of the directory as it is.
    var durable: DurableCheckpoint.Entry?
    /// Whether Kafka's cleaner has worked on the log, so that offsets are missing from it.
    var isCompacted = false

    /// Whether a batch at this place was known to be on disk, so that a defect there is none that a crash leaves.
    ///
    /// The rule by which the next opening tells rot from a tear, see ``RecoveryDecision``.
    /// - Parameter nextOffset: the offset that the batch has at least.
    func isDurable(segment: Offset, position: FilePosition, nextOffset: Offset) -> Bool {
        if isClean { return true }
        guard let durable else { return nextOffset < recoveryPoint ?? Offset(0) }
        return segment < durable.segment || (segment == durable.segment && position < durable.position)
    }

    /// Whether the next opening looks at the indexes of a segment, and rebuilds them where they do not fit.
    /// - Parameter next: the base offset of the segment behind it; `nil` for the last one.
    func rebuildsIndexes(ofSegmentBefore next: Offset?) -> Bool {
        guard !isClean else { return false }
        return next.map { $0 > recoveryPoint ?? Offset(0) } ?? true
    }
}

extension PartitionExpectations {
    /// Whether a segment lies below the log start offset: a cut of the head was interrupted, and the next opening completes
    /// it.
    /// - Parameter next: the base offset of the segment behind it; `nil` for the last one, which always stays.
    func isCutOff(segmentBefore next: Offset?) -> Bool {
        guard let next, let startOffset else { return false }
        return next <= startOffset
    }

    /// What disagrees with the end that a log was found to have.
    /// - Parameters:
    ///   - end: the offset after the last sound record.
    ///   - lastSegment: the segment that holds it.
    /// - Returns: what is wrong, and whether a crash may leave it so.
    func contradictions(
        end: Offset,
        lastSegment: Offset
    ) -> [(severity: VerificationFault.Severity, file: CheckpointFile, reason: String)] {
        var found: [(VerificationFault.Severity, CheckpointFile, String)] = []
        func check(_ offset: Offset?, _ file: CheckpointFile, _ what: String, _ severity: VerificationFault.Severity) {
            guard let offset, offset > end else { return }
            found.append((severity, file, "\(what) is \(offset), but the log ends at \(end)"))
        }
        // What a checkpoint calls durable must be there; the others a crash may leave behind, ahead of a log that lost
        // its end.
        check(durable?.offset, .durable, "the durable offset", .fault)
        check(recoveryPoint, .recoveryPoint, "the recovery point", .fault)
        check(highWatermark, .highWatermark, "the high watermark", isClean ? .fault : .note)
        check(startOffset, .startOffset, "the log start offset", isClean ? .fault : .note)
        if let contradictoryStart, let startOffset {
            // Ours is written first.
            let isCrash = !isClean && contradictoryStart < startOffset
            found.append(
                (
                    isCrash ? .note : .fault, .startOffset,
                    "the log start offset is \(contradictoryStart), but by our own checkpoint \(startOffset)"
                )
            )
        }
        if isClean, let durable, durable.offset < end {
            found.append(
                (
                    .fault, .durable,
                    "the log was closed at offset \(durable.offset), but goes on to \(end) in segment \(lastSegment)"
                )
            )
        }
        return found
    }
}

/// A file at the root of a log directory that says something of each partition.
enum CheckpointFile: String, Hashable, Sendable, CaseIterable {
    case recoveryPoint = "recovery-point-offset-checkpoint"
    case startOffset = "log-start-offset-checkpoint"
    case highWatermark = "replication-offset-checkpoint"
    case cleaner = "cleaner-offset-checkpoint"
    case durable = "millrace-durable-checkpoint"
}
