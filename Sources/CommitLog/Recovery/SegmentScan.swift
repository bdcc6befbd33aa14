import LinuxIO
import RecordBatch
import SystemPackage

/// What a segment holds, found by walking its batches from its last sound index entry on.
///
/// Changes nothing.
struct SegmentScan: Sendable {
    /// Something that is not a sound batch, or does not follow from the batch before.
    struct Defect: Hashable, Sendable {
        var position: FilePosition
        var reason: String
    }

    let baseOffset: Offset
    /// The size of the log file.
    var size = FilePosition.start
    /// What of the index files can be kept.
    var kept = IndexPrefix()
    /// How much the index files have beyond that, which is to be cut off: entries, or half of one.
    var surplusBytes = 0
    /// The entries that come after those kept.
    var newOffsets: [OffsetIndexEntry] = []
    var newTimes: [TimeIndexEntry] = []
    /// The end of the sound batches.
    var soundEnd = FilePosition.start
    /// The offset after the last of them.
    var nextOffset: Offset
    /// The epochs that begin in what was walked.
    var epochs: [LeaderEpochCache.Entry] = []
    /// The last batch's position, and where the log would end had it followed the batch before it; `nil` if it does.
    var lastGap: (position: FilePosition, end: Offset)?
    /// What ended the walk before the end of the file.
    var defect: Defect?
    var checkedBytes = 0

    /// Of a segment of which nothing is known yet.
    init(empty baseOffset: Offset) {
        self.baseOffset = baseOffset
        nextOffset = baseOffset
    }

    /// How a segment is walked.
    struct Rules: Sendable {
        /// `index.interval.bytes`.
        var intervalBytes: Int
        /// Up to where the segment is known to be on disk: CRCs are checked from here on.
        var durableEnd: FilePosition
        /// The offset that the log was durable up to, if that is in this segment.
        var durableOffset: Offset?
        /// What is known of the timestamps below ``durableEnd``.
        ///
        /// If nothing is, the walk begins at the segment's start, since a time index does not show what it lacks.
        var times: DurableCheckpoint.Times
        /// What the batches' epochs can be; `nil` if not Millrace wrote the log last.
        ///
        /// If it did, no offsets are missing above ``durableEnd`` either.
        var epochs: EpochBounds?
    }

    /// Walks a segment as its files stand.
    init(_ segment: Segment, _ rules: Rules) throws(IOError) {
        self.init(empty: segment.baseOffset)
        size = segment.writtenEnd
        let handle = try segment.log.open()
        let (offsetEntries, timeEntries) = (try segment.offsetIndex.all(), try segment.timeIndex.all())
        let trusted = rules.times == .unknown ? .start : min(rules.durableEnd, size)
        var prefix = IndexPrefix(offsets: offsetEntries, times: timeEntries, below: trusted)
        if case .largest(let known) = rules.times {
            let last = prefix.times.last?.timestamp ?? .none
            // No record has the timestamp that such an entry claims.
            if last > known.timestamp { prefix = IndexPrefix() }
            if last < known.timestamp { prefix.dropOffsetsWithoutTimes() }
        }
        // The last one may be half an entry with zeros behind it.
        while let last = prefix.times.last, !isBorneOut(last, prefix, handle) { prefix.dropLastTime() }
        let largest = prefix.times.last.map { entry in
            SparseIndexer.LargestTimestamp(
                timestamp: entry.timestamp,
                offset: baseOffset + Int(entry.relativeOffset)
            )
        }
        // The entry from which the walk starts has to name a batch; if it does not, none of them is believed.
        if let last = prefix.offsets.last, try !walk(handle, rules, prefix, last, largest) {
            self.reset()
            _ = try walk(handle, rules, IndexPrefix(), nil, nil)
        } else if prefix.offsets.isEmpty {
            _ = try walk(handle, rules, prefix, nil, nil)
        }
        surplusBytes = try segment.offsetIndex.fileBytes() - kept.offsets.count * OffsetIndexEntry.byteCount
        surplusBytes += try segment.timeIndex.fileBytes() - kept.times.count * TimeIndexEntry.byteCount
    }

    /// Whether a time entry names a batch, and that has the timestamp.
    private func isBorneOut(_ entry: TimeIndexEntry, _ prefix: IndexPrefix, _ handle: FileHandle) -> Bool {
        let before = prefix.offsets.last { $0.relativeOffset <= entry.relativeOffset }
        var scan = BatchScan(handle, from: FilePosition(Int64(before?.position ?? 0)), to: size)
        let offset = baseOffset + Int(entry.relativeOffset)
        while let (header, _) = try? scan.next() {
            guard header.lastOffset < offset else {
                return header.baseOffset <= offset && header.maxTimestamp == entry.timestamp
            }
        }
        return false
    }

    private mutating func reset() {
        kept = IndexPrefix()
        (newOffsets, newTimes, epochs) = ([], [], [])
        (soundEnd, nextOffset, lastGap, defect, checkedBytes) = (.start, baseOffset, nil, nil, 0)
    }

    /// Walks from an index entry's batch, or from the start.
    ///
    /// Returns `false` if the entry does not lead to a batch.
    private mutating func walk(
        _ handle: FileHandle,
        _ rules: Rules,
        _ prefix: IndexPrefix,
        _ entry: OffsetIndexEntry?,
        _ largest: SparseIndexer.LargestTimestamp?
    ) throws(IOError) -> Bool {
        kept = prefix
        var indexer = SparseIndexer(
            baseOffset: baseOffset,
            intervalBytes: rules.intervalBytes,
            largest: largest,
            lastTimeEntry: prefix.times.last
        )
        let start = entry.map { FilePosition(Int64($0.position)) } ?? .start
        soundEnd = start
        var reader = SequentialReader(handle, from: start, to: size, checkingFrom: rules.durableEnd)
        var chain = BatchChain(segment: baseOffset, nextOffset: baseOffset, epoch: .none)
        var lastPosition = start
        var isDurableEndAhead = true
        walk: while defect == nil {
            let element = try reader.next()
            if isDurableEndAhead, let offset = rules.durableOffset, soundEnd >= rules.durableEnd || element.isEnd {
                isDurableEndAhead = false
                if soundEnd != rules.durableEnd || nextOffset > offset {
                    defect = Defect(
                        position: soundEnd < rules.durableEnd ? soundEnd : lastPosition,
                        reason:
                            "it ends at position \(soundEnd), offset \(nextOffset), but was durable up to \(rules.durableEnd), \(offset)"
                    )
                    break walk
                }
            }
            switch element {
            case .end:
                break walk
            case .defect(let reason, at: let position):
                if let entry, position.rawValue == Int64(entry.position) { return false }
                defect = Defect(position: position, reason: reason)
            case .batch(let header, at: let position):
                let isFirst = position == start
                if let entry, isFirst, !entry.names(header, from: baseOffset) { return false }
                // The first batch behind an index entry may begin anywhere.
                chain.allowsGaps = rules.epochs == nil || position < rules.durableEnd || (isFirst && entry != nil)
                let isDurable = position < rules.durableEnd
                let gap = header.baseOffset > nextOffset ? nextOffset : nil
                if let reason = rules.epochs?.problem(with: header, isDurable: isDurable, after: chain.epoch)
                    ?? chain.accept(header)
                {
                    defect = Defect(position: position, reason: reason)
                    break walk
                }
                if header.partitionLeaderEpoch > epochs.last?.epoch ?? .none {
                    epochs.append(.init(epoch: header.partitionLeaderEpoch, startOffset: header.baseOffset))
                }
                if let entries = indexer.append(BatchOutline(header), at: position) {
                    newOffsets.append(entries.offset)
                    if let time = entries.time { newTimes.append(time) }
                }
                lastGap = gap.map { (position, $0 + Int(header.lastOffsetDelta) + 1) }
                lastPosition = position
                nextOffset = header.nextOffset
                soundEnd = position + header.byteCount
                if position >= rules.durableEnd { checkedBytes += header.byteCount }
            }
        }
        if let time = indexer.closingTimeEntry() { newTimes.append(time) }
        return true
    }
}
