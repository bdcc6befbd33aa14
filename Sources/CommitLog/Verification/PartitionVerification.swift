import LinuxIO
import RecordBatch
import SystemPackage

/// Checks the files of one partition, step by step.
struct PartitionVerification {
    private let directory: FilePath
    private let expectations: PartitionExpectations
    private let baseOffsets: [Offset]
    private var snapshots: ArraySlice<FilePath>
    /// The index of the segment that is checked next.
    private var next = 0
    private var current: SegmentVerification?
    private var log: LogState
    private let latestEpoch: LeaderEpochCache.Entry?
    /// Where offsets are missing at a segment's start: the segment, and where the one before it ends.
    private var gaps: [(segment: Offset, end: Offset, first: Offset)] = []
    private var lastOutcome = SegmentVerification.Outcome.sound
    private(set) var isOver = false

    /// Lists the directory, and reads its small files.
    /// - Throws: `IOError` where it cannot be listed.
    init(
        _ directory: FilePath,
        _ expectations: PartitionExpectations,
        _ faults: inout [VerificationFault]
    ) throws(IOError) {
        self.directory = directory
        self.expectations = expectations
        let names = try FileSystem.list(directory).map(\.name)
        let files = PartitionFiles(names: names)
        baseOffsets = files.segments
        snapshots =
            names.compactMap { SegmentFileName(parsing: $0) }.filter { $0.kind == .snapshot && $0.suffix == nil }
            .map { directory.appending($0.description) }[...]

        var reader = SmallFileReader()
        _ = reader.read(directory.appending(PartitionMetadata.fileName)) { (bytes) throws(FormatError) in
            try PartitionMetadata(parsing: bytes)
        }
        var epochs = reader.read(directory.appending(LeaderEpochCache.fileName)) { (bytes) throws(FormatError) in
            try LeaderEpochCache(parsing: bytes)
        }
        // The list is written once a minute; what it lacks, our own checkpoint has. Once closed, they agree.
        let written = epochs?.latest
        let known = expectations.durable?.latestEpoch
        if let known { epochs?.setLatest(known.epoch, startOffset: known.startOffset) }
        epochs?.truncateFromStart(expectations.startOffset ?? Offset(0))
        latestEpoch = epochs?.latest
        let durableOffset = expectations.durable?.offset ?? expectations.recoveryPoint ?? Offset(0)
        log = LogState(
            directory: directory,
            sequence: BatchSequence(segment: files.segments.first ?? Offset(0)),
            epochs: EpochCheck(
                epochs,
                from: expectations.startOffset,
                completeBelow: expectations.isClean ? Offset(.max) : durableOffset
            )
        )
        log.counts.partitions = 1
        faults += reader.takeFaults()
        if expectations.isClean, let known, epochs != nil, written != known {
            faults.append(
                VerificationFault(
                    .leaderEpoch,
                    directory.appending(LeaderEpochCache.fileName),
                    offset: known.startOffset,
                    "it does not end with epoch \(known.epoch) from offset \(known.startOffset) on, which the log was closed with"
                )
            )
        }
        report(files, &faults)
    }

    /// Tells what the names in the directory tell.
    private func report(_ files: PartitionFiles, _ faults: inout [VerificationFault]) {
        for name in files.swaps {
            faults.append(
                VerificationFault(
                    .note,
                    .interrupted,
                    directory.appending(name),
                    "a compaction was interrupted; open the directory with Kafka once to complete it"
                )
            )
        }
        if files.hasUnsyncedMark {
            faults.append(
                VerificationFault(
                    .note,
                    .interrupted,
                    directory.appending(UnsyncedMark.fileName),
                    "an fsync had failed; the next opening writes the end of the log again"
                )
            )
        }
        for name in files.strays {
            guard let file = SegmentFileName(parsing: name) else { continue }
            // Below the first segment it is what an interrupted deletion leaves.
            let isInside = files.segments.first.map { file.baseOffset > $0 } ?? false
            let isFault =
                isInside
                && expectations.isDurable(segment: file.baseOffset, position: .start, nextOffset: file.baseOffset)
            faults.append(
                VerificationFault(
                    isFault ? .fault : .note,
                    .missing,
                    directory.appending(name),
                    offset: file.baseOffset,
                    "the log file of this segment is missing"
                )
            )
        }
    }

    /// Checks the next batch, or the next small file.
    /// - Returns: what the step has added to the counts.
    mutating func step(_ records: inout RecordCheck, _ faults: inout [VerificationFault]) -> VerificationCounts {
        if let snapshot = snapshots.popFirst() {
            var reader = SmallFileReader()
            _ = reader.read(snapshot) { (bytes) throws(FormatError) in try ProducerSnapshot(parsing: bytes.rawSpan) }
            faults += reader.takeFaults()
        } else if current != nil {
            continueSegment(&records, &faults)
        } else if next < baseOffsets.count, lastOutcome != .torn {
            beginSegment(&faults)
        } else {
            conclude(&faults)
            isOver = true
        }
        defer { log.counts = VerificationCounts() }
        return log.counts
    }

    private mutating func beginSegment(_ faults: inout [VerificationFault]) {
        let baseOffset = baseOffsets[next]
        let end = log.sequence.nextOffset
        if next > 0 {
            if let finding = log.sequence.begin(segment: baseOffset) { faults.append(log.fault(finding)) }
            if baseOffset > end, lastOutcome == .sound { gaps.append((baseOffset, end, baseOffset)) }
        }
        next += 1
        log.counts.segments += 1
        do {
            current = try SegmentVerification(
                baseOffset,
                before: next < baseOffsets.count ? baseOffsets[next] : nil,
                in: directory,
                expectations,
                &faults
            )
        } catch {
            giveUp(baseOffset, error, &faults)
        }
    }

    private mutating func continueSegment(_ records: inout RecordCheck, _ faults: inout [VerificationFault]) {
        guard var segment = current.take() else { return }
        do {
            try segment.step(&log, &records, &faults)
        } catch {
            return giveUp(segment.baseOffset, error, &faults)
        }
        guard let outcome = segment.outcome else {
            current = segment
            return
        }
        lastOutcome = outcome
        if let first = segment.firstOffset, first > segment.baseOffset {
            gaps.append((segment.baseOffset, segment.baseOffset, first))
        }
    }

    private mutating func giveUp(_ baseOffset: Offset, _ error: IOError, _ faults: inout [VerificationFault]) {
        lastOutcome = .damaged
        let path = log.path(ofSegment: baseOffset)
        // Retention may have taken it between the listing and now.
        faults.append(
            error.isNotFound
                ? VerificationFault(.note, .missing, path, "the segment was deleted meanwhile")
                : VerificationFault(.unreadable, path, error.description)
        )
    }

    /// Judges what only the whole log tells.
    private mutating func conclude(_ faults: inout [VerificationFault]) {
        for baseOffset in baseOffsets[next...] {
            faults.append(
                VerificationFault(
                    .note,
                    .tornTail,
                    log.path(ofSegment: baseOffset),
                    offset: baseOffset,
                    "the segment lies behind a tear, and the next opening sets it aside"
                )
            )
        }
        // Compaction leaves such gaps, and others too; where there are no others, something was lost.
        if !log.sequence.showsCompaction, !expectations.isCompacted {
            for gap in gaps {
                let isDurable = expectations.isDurable(segment: gap.segment, position: .start, nextOffset: gap.segment)
                faults.append(
                    VerificationFault(
                        isDurable ? .fault : .note,
                        .segmentOrder,
                        log.path(ofSegment: gap.segment),
                        position: .start,
                        offset: gap.first,
                        "offsets \(gap.end) to \(gap.first + -1) are missing before it"
                    )
                )
            }
        }
        if let durable = expectations.durable, durable.position > .start, !baseOffsets.contains(durable.segment),
            durable.offset > expectations.startOffset ?? Offset(0)
        {
            faults.append(
                VerificationFault(
                    .missing,
                    log.path(ofSegment: durable.segment),
                    offset: durable.segment,
                    "the segment is durable up to position \(durable.position), but its log is missing"
                )
            )
        }
        guard lastOutcome != .damaged else { return }
        checkEnd(&faults)
    }

    private func checkEnd(_ faults: inout [VerificationFault]) {
        let end = log.sequence.nextOffset
        for found in expectations.contradictions(end: end, lastSegment: baseOffsets.last ?? Offset(0)) {
            // The checkpoint lies in the directory above, but it is this log whose end is missing.
            faults.append(
                VerificationFault(
                    found.severity,
                    .checkpoint,
                    directory,
                    offset: end,
                    "\(found.reason) (\(found.file.rawValue))"
                )
            )
        }
        if let latestEpoch, latestEpoch.startOffset > max(end, expectations.startOffset ?? end), !baseOffsets.isEmpty {
            faults.append(
                VerificationFault(
                    expectations.isClean ? .fault : .note,
                    .leaderEpoch,
                    directory.appending(LeaderEpochCache.fileName),
                    offset: latestEpoch.startOffset,
                    "epoch \(latestEpoch.epoch) begins at offset \(latestEpoch.startOffset), but the log ends at \(end)"
                )
            )
        }
    }
}
