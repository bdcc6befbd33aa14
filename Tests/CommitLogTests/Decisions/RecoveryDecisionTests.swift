import RecordBatch
import Testing

@testable import CommitLog

@Suite("What recovery decides")
struct RecoveryDecisionTests {
    private func scan(
        _ base: Int64,
        to next: Int64,
        bytes: Int64 = 1000,
        defect: Int64? = nil
    ) -> SegmentScan {
        var scan = SegmentScan(empty: Offset(base))
        scan.size = FilePosition(bytes)
        scan.soundEnd = FilePosition(defect ?? bytes)
        scan.nextOffset = Offset(next)
        scan.defect = defect.map { .init(position: FilePosition($0), reason: "bad") }
        return scan
    }

    private func durable(_ segment: Int64, _ position: Int64, _ offset: Int64) -> DurableCheckpoint.Entry {
        DurableCheckpoint.Entry(
            start: Offset(0),
            recoveryPoint: Offset(segment),
            segment: Offset(segment),
            position: FilePosition(position),
            offset: Offset(offset),
            times: .unknown,
            epoch: LeaderEpoch(0),
            epochStart: Offset(0),
            writer: LeaderEpoch(0)
        )
    }

    private func decide(
        _ scans: [SegmentScan],
        _ durable: DurableCheckpoint.Entry?,
        _ recoveryPoint: Int64 = 0
    ) -> RecoveryDecision {
        RecoveryDecision(scans: scans, durable: durable, recoveryPoint: Offset(recoveryPoint))
    }

    @Test("sound segments are all kept")
    func sound() {
        #expect(decide([scan(0, to: 10), scan(10, to: 20)], durable(10, 500, 15)) == .keep(count: 2, tear: nil))
    }

    @Test("a defect above the durable position is a tear, and takes what follows with it")
    func tear() {
        let scans = [scan(0, to: 5, defect: 500), scan(10, to: 20)]
        guard case .keep(count: 1, tear: .some) = decide(scans, durable(0, 500, 5)) else {
            Issue.record("\(decide(scans, durable(0, 500, 5)))")
            return
        }
    }

    @Test("a defect below the durable position is corruption")
    func corruption() {
        guard case .corrupt(let corruption) = decide([scan(0, to: 4, defect: 499)], durable(0, 500, 5)) else {
            Issue.record("not corrupt")
            return
        }
        #expect(corruption.position == FilePosition(499))
        #expect(corruption.offset == Offset(4))
        #expect(corruption.durableOffset == Offset(5))
    }

    @Test("a defect anywhere in a segment before the durable one is corruption")
    func earlierSegment() {
        guard case .corrupt = decide([scan(0, to: 9, defect: 900), scan(10, to: 20)], durable(10, 0, 10)) else {
            Issue.record("not corrupt")
            return
        }
    }

    @Test("a log that ends before its durable offset is corrupt, even at a batch boundary")
    func missing() {
        guard case .corrupt = decide([scan(0, to: 4, bytes: 400)], durable(0, 500, 5)) else {
            Issue.record("not corrupt")
            return
        }
        guard case .corrupt = decide([scan(0, to: 4, bytes: 400)], nil, 5) else {
            Issue.record("not corrupt")
            return
        }
    }

    @Test("a gap before a segment that is not durable is a tear; where compaction may have left it, it is none")
    func gaps() {
        guard case .keep(count: 1, tear: .some) = decide([scan(0, to: 8), scan(10, to: 20)], durable(0, 500, 5)) else {
            Issue.record("not torn")
            return
        }
        #expect(decide([scan(0, to: 8), scan(10, to: 20)], durable(10, 500, 15)) == .keep(count: 2, tear: nil))
        #expect(decide([scan(0, to: 8), scan(10, to: 20)], nil) == .keep(count: 2, tear: nil))
    }

    @Test("segments that overlap are corrupt if durable, torn if not")
    func overlap() {
        guard case .corrupt = decide([scan(0, to: 12), scan(10, to: 20)], durable(10, 500, 15)) else {
            Issue.record("not corrupt")
            return
        }
        guard case .keep(count: 1, tear: .some) = decide([scan(0, to: 12), scan(10, to: 20)], durable(0, 500, 5)) else {
            Issue.record("not torn")
            return
        }
    }

    @Test("without our own checkpoint, a gap before the last batch is damage if the log was on disk without it")
    func gapAtEnd() {
        var last = scan(0, to: 13)
        last.lastGap = (FilePosition(900), Offset(10))
        guard case .corrupt = decide([last], nil, 10) else {
            Issue.record("not corrupt")
            return
        }
        #expect(decide([last], nil, 13) == .keep(count: 1, tear: nil))
        #expect(decide([last], nil, 5) == .keep(count: 1, tear: nil))
    }

    @Test("without our own checkpoint, what lies below the recovery point counts as durable")
    func kafka() {
        guard case .corrupt = decide([scan(0, to: 4, defect: 400)], nil, 5) else {
            Issue.record("not corrupt")
            return
        }
        guard case .keep(count: 1, tear: .some) = decide([scan(0, to: 5, defect: 400)], nil, 5) else {
            Issue.record("not torn")
            return
        }
    }
}

@Suite("What is kept of an index after a crash")
struct IndexPrefixTests {
    private let offsets = [(10, 500), (20, 900), (30, 1500)].map {
        OffsetIndexEntry(relativeOffset: Int32($0.0), position: Int32($0.1))
    }
    private let times = [(100, 10), (200, 25)].map {
        TimeIndexEntry(timestamp: Timestamp(Int64($0.0)), relativeOffset: Int32($0.1))
    }

    @Test("entries that rise and lie within the log are kept")
    func kept() {
        let prefix = IndexPrefix(offsets: offsets, times: times, below: FilePosition(2000))
        #expect(prefix.offsets == offsets)
        #expect(prefix.times == times)
    }

    @Test("zeros, permuted pages and entries beyond the log end the prefix")
    func cut() {
        let zero = OffsetIndexEntry(relativeOffset: 0, position: 0)
        #expect(IndexPrefix(offsets: [zero] + offsets, times: [], below: FilePosition(2000)).offsets.isEmpty)
        #expect(IndexPrefix(offsets: [offsets[0], zero], times: [], below: FilePosition(2000)).offsets.count == 1)
        #expect(
            IndexPrefix(offsets: [offsets[1], offsets[0]], times: [], below: FilePosition(2000)).offsets.count == 1
        )
        #expect(IndexPrefix(offsets: offsets, times: [], below: FilePosition(1500)).offsets.count == 2)
        let zeroTime = TimeIndexEntry(timestamp: Timestamp(0), relativeOffset: 0)
        #expect(IndexPrefix(offsets: offsets, times: [zeroTime] + times, below: FilePosition(2000)).times.isEmpty)
    }

    @Test("a time entry beyond the last offset entry is left to the scan")
    func timesFollowOffsets() {
        #expect(IndexPrefix(offsets: Array(offsets[..<2]), times: times, below: FilePosition(2000)).times.count == 1)
    }

    @Test("where time entries are missing, the offset entries that they may go with are given up")
    func offsetsWithoutTimes() {
        var prefix = IndexPrefix(offsets: offsets, times: Array(times[..<1]), below: FilePosition(2000))
        prefix.dropOffsetsWithoutTimes()
        #expect(prefix.offsets == [offsets[0]] && prefix.times == [times[0]])
        var timeless = IndexPrefix(offsets: offsets, times: [], below: FilePosition(2000))
        timeless.dropOffsetsWithoutTimes()
        #expect(timeless == IndexPrefix())
    }
}

@Suite("The order of batches in a log")
struct BatchChainTests {
    private func header(_ base: Int64, count: Int, epoch: Int32) throws -> RecordBatchHeader {
        try Batches.header(baseOffset: base, count: count, epoch: epoch)
    }

    @Test("offsets follow each other, epochs do not fall")
    func follow() throws {
        var chain = BatchChain(segment: Offset(5), nextOffset: Offset(5), epoch: .none)
        func accepts(_ base: Int64, count: Int, epoch: Int32) throws -> Bool {
            chain.accept(try header(base, count: count, epoch: epoch)) == nil
        }
        #expect(try accepts(5, count: 3, epoch: 1))
        #expect(chain.nextOffset == Offset(8))
        #expect(try accepts(10, count: 1, epoch: 1))
        #expect(try !accepts(10, count: 1, epoch: 1))
        #expect(try !accepts(11, count: 1, epoch: 0))
        chain.allowsGaps = false
        #expect(try !accepts(12, count: 1, epoch: 1))
        #expect(try accepts(11, count: 1, epoch: 2))
    }

    @Test("offsets do not leave the reach of the segment's index")
    func reach() throws {
        var chain = BatchChain(segment: Offset(0), nextOffset: Offset(0), epoch: .none)
        let problem = chain.accept(try header(Int64(Int32.max) + 1, count: 1, epoch: 0))
        #expect(problem != nil)
    }
}
