import LinuxIO
import RecordBatch
import SystemPackage

/// Checks one segment, a batch at a time.
struct SegmentVerification {
    /// How far the segment could be read.
    enum Outcome: Hashable {
        /// To its end.
        case sound
        /// Not to its end, though it was on disk.
        case damaged
        /// Up to what a crash has left.
        case torn
    }

    let baseOffset: Offset
    private let path: FilePath
    private let expectations: PartitionExpectations
    /// Where the segment's offsets end at the latest; `nil` if that is not known.
    private let end: Offset?
    private let handle: FileHandle
    private let size: FilePosition
    private var reader: SequentialReader
    private var offsetIndex: IndexWalk<OffsetIndexRule>?
    private var timeIndex: IndexWalk<TimeIndexRule>?
    private var transactionIndex: IndexWalk<TransactionIndexRule>?
    /// The base offset of the first batch, as far as it is to be believed.
    private(set) var firstOffset: Offset?
    /// Whether the last thing that was met is nothing that follows from the batches before it.
    private var isBehindHole = false
    /// Set when the segment is done.
    private(set) var outcome: Outcome?
    /// The position that the durable checkpoint names, as long as no batch was found to begin there.
    private var awaitedPosition: FilePosition?
    /// A batch that may yet turn out to be damaged, when the next one comes.
    private var suspect: (header: RecordBatchHeader, position: FilePosition)?

    /// Opens the segment's files.
    /// - Parameters:
    ///   - baseOffset: Its base offset.
    ///   - next: That of the next segment, if there is one.
    ///   - directory: The partition's.
    ///   - expectations: What is known of the partition.
    ///   - faults: Gets what is wrong with the index files, other than their entries.
    /// - Throws: `IOError` where the log cannot be opened.
    init(
        _ baseOffset: Offset,
        before next: Offset?,
        in directory: FilePath,
        _ expectations: PartitionExpectations,
        _ faults: inout [VerificationFault]
    ) throws(IOError) {
        self.baseOffset = baseOffset
        self.expectations = expectations
        // Kafka's recovery point is where the log ends that it has closed.
        end = next ?? (expectations.isClean ? expectations.durable?.offset ?? expectations.recoveryPoint : nil)
        func path(_ kind: SegmentFileName.Kind) -> FilePath {
            directory.appending(SegmentFileName(baseOffset: baseOffset, kind: kind).description)
        }
        self.path = path(.log)
        handle = FileHandle(try File.open(path(.log)))
        size = FilePosition(try handle.file.status().size)
        reader = SequentialReader(handle, from: .start, to: size, checkingFrom: .start)
        let isRebuilt = expectations.rebuildsIndexes(ofSegmentBefore: next)
        let severity = isRebuilt ? VerificationFault.Severity.note : .fault
        let mayBeMissing = isRebuilt || size == .start || expectations.isCutOff(segmentBefore: next)
        func walk<Rule>(_ kind: SegmentFileName.Kind, _ rule: Rule, _ isOptional: Bool) -> IndexWalk<Rule>? {
            do {
                return try IndexWalk(path(kind), severity, rule)
            } catch {
                if !error.isNotFound {
                    faults.append(VerificationFault(.unreadable, path(kind), error.description))
                } else if !isOptional {
                    let reason = "the segment has no such file, so that searches in it read all of it"
                    faults.append(VerificationFault(.missing, path(kind), reason))
                }
                return nil
            }
        }
        offsetIndex = walk(.index, OffsetIndexRule(baseOffset: baseOffset), mayBeMissing)
        timeIndex = walk(.timeindex, TimeIndexRule(baseOffset: baseOffset), mayBeMissing)
        transactionIndex = walk(.txnindex, TransactionIndexRule(), true)
        if expectations.durable?.segment == baseOffset { awaitedPosition = expectations.durable?.position }
    }

    /// Checks the next batch, or what stands in its place, or what is left at the end.
    mutating func step(
        _ log: inout LogState,
        _ records: inout RecordCheck,
        _ faults: inout [VerificationFault]
    ) throws(IOError) {
        let boundary = reader.position
        let element = try reader.next()
        if awaitedPosition == boundary, let limit = expectations.durable?.offset,
            let finding = log.sequence.end(below: limit)
        {
            faults.append(log.fault(finding))
            clearSuspect(isGuilty: true, &log, &faults)
        }
        switch element {
        case .batch(let header, at: let position):
            try accept(header, at: position, &log, &records, &faults)
        case .defect(let reason, at: let position):
            clearSuspect(isGuilty: false, &log, &faults)
            try meetDefect(reason, at: position, log.sequence, &faults)
            log.sequence.skip()
        case .end:
            let finding =
                if let end {
                    log.sequence.end(below: end)
                } else if expectations.durable == nil, let recoveryPoint = expectations.recoveryPoint {
                    log.sequence.end(at: recoveryPoint)
                } else {
                    BatchSequence.Finding?.none
                }
            if let finding { faults.append(log.fault(finding)) }
            clearSuspect(isGuilty: finding != nil, &log, &faults)
            finish(&faults)
        }
    }

    private mutating func accept(
        _ header: RecordBatchHeader,
        at position: FilePosition,
        _ log: inout LogState,
        _ records: inout RecordCheck,
        _ faults: inout [VerificationFault]
    ) throws(IOError) {
        checkDurablePosition(upTo: position, &faults)
        log.counts.batches += 1
        log.counts.checkedBytes += Int64(header.byteCount)
        let finding = log.sequence.accept(header, at: position)
        if let finding { faults.append(log.fault(finding)) }
        let isSuspectGuilty = finding?.blamesSuspect ?? false
        clearSuspect(isGuilty: isSuspectGuilty, &log, &faults)
        if finding != nil && !isSuspectGuilty {
            // What does not follow from the batches before is not compared with anything else.
            leaveHole()
        } else if log.sequence.hasSuspect {
            suspect = (header, position)
        } else {
            compare(header, at: position, &log, &faults)
        }
        switch try records.check(header, at: position, of: handle) {
        case .sound(let count):
            log.counts.records += Int64(count)
        case .defect(let reason):
            faults.append(VerificationFault(.record, path, position: position, offset: header.baseOffset, reason))
        case .tooLarge(let reason):
            let message = "its records were not looked at: \(reason)"
            faults.append(
                VerificationFault(.note, .notChecked, path, position: position, offset: header.baseOffset, message)
            )
        }
    }

    /// Compares a batch with the indexes and the list of epochs.
    private mutating func compare(
        _ header: RecordBatchHeader,
        at position: FilePosition,
        _ log: inout LogState,
        _ faults: inout [VerificationFault]
    ) {
        firstOffset = firstOffset ?? header.baseOffset
        isBehindHole = false
        offsetIndex?.accept(header, at: position, &faults)
        timeIndex?.accept(header, at: position, &faults)
        transactionIndex?.accept(header, at: position, &faults)
        if let reason = log.epochs.accept(header) {
            faults.append(VerificationFault(.leaderEpoch, path, position: position, offset: header.baseOffset, reason))
        }
    }

    /// Makes up for what was put off, now that it is known whether the suspect is to blame.
    private mutating func clearSuspect(
        isGuilty: Bool,
        _ log: inout LogState,
        _ faults: inout [VerificationFault]
    ) {
        guard let (header, position) = suspect.take() else { return }
        if isGuilty { leaveHole() } else { compare(header, at: position, &log, &faults) }
    }

    /// At something that is no sound batch: tells rot from a tear, and goes on behind it where that is possible.
    private mutating func meetDefect(
        _ reason: String,
        at position: FilePosition,
        _ sequence: BatchSequence,
        _ faults: inout [VerificationFault]
    ) throws(IOError) {
        checkDurablePosition(upTo: position, &faults)
        let isDurable = expectations.isDurable(
            segment: baseOffset,
            position: position,
            nextOffset: max(sequence.nextOffset, baseOffset)
        )
        guard isDurable else {
            faults.append(
                VerificationFault(
                    .note,
                    .tornTail,
                    path,
                    position: position,
                    offset: sequence.nextOffset,
                    "\(reason); the \(size - position) bytes from here on are what a crash has left, and will be cut off"
                )
            )
            outcome = .torn
            return
        }
        let whole = try wholeBatch(at: position)
        faults.append(
            VerificationFault(
                whole == nil ? .batchStructure : .batchChecksum,
                path,
                position: position,
                offset: sequence.nextOffset,
                reason
            )
        )
        leaveHole()
        // The length of a damaged batch is believed if it leads to another one, or to the end.
        guard let whole else {
            outcome = .damaged
            return
        }
        let end = position + whole.byteCount
        if end < size, try wholeBatch(at: end) == nil {
            outcome = .damaged
            return
        }
        reader = SequentialReader(handle, from: end, to: size, checkingFrom: .start)
    }

    /// The header at a position, if it is one of a batch that fits into the file and may belong to this segment.
    private func wholeBatch(at position: FilePosition) throws(IOError) -> RecordBatchHeader? {
        var bytes = [UInt8](repeating: 0, count: RecordBatchHeader.byteCount)
        guard try handle.file.read(into: &bytes, at: position) == bytes.count,
            let header = try? RecordBatchHeader(parsing: bytes.rawSpan), header.byteCount <= size - position
        else { return nil }
        return header.baseOffset >= baseOffset ? header : nil
    }

    private mutating func leaveHole() {
        firstOffset = firstOffset ?? baseOffset
        isBehindHole = true
        offsetIndex?.skip()
        timeIndex?.skip()
        transactionIndex?.skip()
    }

    private mutating func finish(_ faults: inout [VerificationFault]) {
        // Where the log ends is not known if its last batch is damaged.
        outcome = isBehindHole ? .damaged : .sound
        checkDurablePosition(upTo: size, &faults)
        if let awaitedPosition {
            faults.append(
                VerificationFault(
                    .checkpoint,
                    path,
                    position: size,
                    "the segment is durable up to position \(awaitedPosition), but its file ends here"
                )
            )
        }
        // Where somebody appends just now, the indexes know of more than was read.
        guard let now = try? handle.file.status().size, now == size.rawValue else { return }
        offsetIndex?.finish(&faults)
        timeIndex?.finish(&faults)
        transactionIndex?.finish(&faults)
    }

    /// Compares the position that the durable checkpoint names with the next place where a batch begins, or the log
    /// ends.
    private mutating func checkDurablePosition(upTo boundary: FilePosition, _ faults: inout [VerificationFault]) {
        guard let awaited = awaitedPosition, awaited <= boundary else { return }
        awaitedPosition = nil
        guard awaited < boundary else { return }
        faults.append(
            VerificationFault(
                .checkpoint,
                path,
                position: awaited,
                "the durable checkpoint ends here, in the middle of a batch"
            )
        )
    }
}
