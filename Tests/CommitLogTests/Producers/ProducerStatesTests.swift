import TestSupport
import Testing

@testable import CommitLog
@testable import RecordBatch

@Suite("What a log knows of its producers")
struct ProducerStatesTests {
    private let producer = ProducerID(rawValue: 7)

    /// A batch of `count` records.
    private func batch(
        _ sequence: Int32,
        _ count: Int32 = 1,
        epoch: Int16 = 0,
        at offset: Int64 = 0,
        timestamp: Int64 = 1000,
        isTransactional: Bool = false,
        isControl: Bool = false,
        of producer: ProducerID = ProducerID(rawValue: 7)
    ) -> RecordBatchHeader {
        RecordBatchHeader(
            baseOffset: Offset(offset),
            batchLength: 49,
            partitionLeaderEpoch: .none,
            crc: 0,
            attributes: RecordBatchAttributes(
                codec: .none,
                timestampType: .createTime,
                isTransactional: isTransactional,
                isControl: isControl,
                hasDeleteHorizon: false
            ),
            lastOffsetDelta: count - 1,
            baseTimestamp: Timestamp(timestamp),
            maxTimestamp: Timestamp(timestamp),
            producerID: producer,
            producerEpoch: ProducerEpoch(epoch),
            baseSequence: SequenceNumber(sequence),
            recordCount: count
        )
    }

    private func states(_ batches: RecordBatchHeader...) -> ProducerStates {
        var states = ProducerStates()
        for batch in batches { states.note(batch) }
        return states
    }

    private func expect(
        _ verdict: ProducerState.Verdict,
        of next: RecordBatchHeader,
        after states: ProducerStates,
        _ location: SourceLocation = #_sourceLocation
    ) {
        #expect(states.judge([next]) == verdict, sourceLocation: location)
    }

    // MARK: Sequence numbers

    @Test("a batch follows the one before it without a gap")
    func sequence() {
        let known = states(batch(0, 3), batch(3, 2, at: 3))
        expect(.append, of: batch(5), after: known)
        for sequence: Int32 in [1, 2, 4, 6, 1000, .max] {
            expect(.refuse(.outOfOrder(expected: SequenceNumber(5))), of: batch(sequence), after: known)
        }
    }

    @Test("after the largest sequence number comes 0")
    func wrapping() {
        expect(.append, of: batch(0), after: states(batch(.max)))
        let across = states(batch(.max - 1, 4))
        expect(.append, of: batch(2), after: across)
        expect(.refuse(.outOfOrder(expected: SequenceNumber(2))), of: batch(.max), after: across)
        let again = ProducerState.Batch(
            lastSequence: SequenceNumber(1),
            lastOffset: Offset(3),
            offsetDelta: 3,
            maxTimestamp: Timestamp(1000)
        )
        expect(.duplicate(again), of: batch(.max - 1, 4), after: across)
    }

    @Test("an unknown producer begins with any sequence number, a new epoch with 0")
    func beginnings() {
        expect(.append, of: batch(500), after: ProducerStates())
        let known = states(batch(0, 10))
        expect(.append, of: batch(0, epoch: 1), after: known)
        expect(.refuse(.outOfOrder(expected: SequenceNumber(0))), of: batch(10, epoch: 1), after: known)
        expect(.append, of: batch(3, of: ProducerID(rawValue: 8)), after: known)
    }

    @Test("a batch without a producer is none of this")
    func unknownProducer() {
        let anonymous = batch(-1, epoch: -1, of: .none)
        #expect(states(anonymous).count == 0)
        expect(.append, of: anonymous, after: states(anonymous))
    }

    // MARK: Duplicates

    @Test("each of the last five batches is known again, with its offsets; an earlier one is out of order")
    func duplicates() {
        var known = ProducerStates()
        for number: Int32 in 0..<7 { known.note(batch(number * 10, 10, at: 1000 + Int64(number) * 10)) }
        for number: Int32 in 0..<7 {
            let original = known.judge([batch(number * 10, 10)]).original
            #expect((original != nil) == (number >= 2), "batch \(number)")
            guard let original else { continue }
            #expect(original.baseOffset == Offset(1000 + Int64(number) * 10))
            #expect(original.lastOffset == Offset(1009 + Int64(number) * 10))
        }
        expect(.refuse(.outOfOrder(expected: SequenceNumber(70))), of: batch(0, 10), after: known)
    }

    @Test("a batch with the same beginning and another length is no duplicate")
    func otherLength() {
        let known = states(batch(0, 3), batch(3, 3, at: 3))
        for count: Int32 in [1, 2, 4] {
            expect(.refuse(.outOfOrder(expected: SequenceNumber(6))), of: batch(3, count), after: known)
        }
    }

    @Test("batches of one append are judged one after another, and one duplicate answers for all")
    func together() {
        let known = states(batch(0, 2))
        #expect(known.judge([batch(2), batch(3), batch(4)]) == .append)
        #expect(known.judge([batch(2), batch(4)]) == .refuse(.outOfOrder(expected: SequenceNumber(3))))
        #expect(
            known.judge([batch(9, of: ProducerID(rawValue: 8)), batch(10, of: ProducerID(rawValue: 8))]) == .append
        )
        #expect(known.judge([batch(0, 2), batch(2)]).original != nil)
    }

    // MARK: Epochs

    @Test("batches and markers of an earlier epoch are refused, also those that were appended once")
    func fencing() {
        let known = states(batch(0), batch(0, epoch: 2, at: 1))
        let fenced = ProducerState.Verdict.refuse(.fenced(current: ProducerEpoch(2)))
        for epoch: Int16 in [0, 1] {
            expect(fenced, of: batch(0, epoch: epoch), after: known)
            #expect(known.judge(markerOf: batch(-1, epoch: epoch, isControl: true), coordinatorEpoch: 0) == fenced)
        }
    }

    @Test("after a marker of a higher epoch the producer begins anew")
    func markerOfHigherEpoch() {
        var known = states(batch(0, 5, isTransactional: true))
        known.note(markerOf: batch(-1, epoch: 1, at: 5, isControl: true), coordinatorEpoch: 3)
        expect(.append, of: batch(0, epoch: 1), after: known)
        expect(.refuse(.outOfOrder(expected: SequenceNumber(0))), of: batch(5, epoch: 1), after: known)
    }

    // MARK: Transactions

    @Test("a transaction begins with its first batch and ends with its marker")
    func transaction() {
        var known = states(batch(0, 2, at: 10))
        #expect(known[producer]?.transactionStart == nil)
        known.note(batch(2, 2, at: 12, isTransactional: true))
        known.note(batch(4, 2, at: 14, isTransactional: true))
        #expect(known[producer]?.transactionStart == Offset(12))
        expect(.refuse(.outsideTransaction(openSince: Offset(12))), of: batch(6), after: known)
        expect(.append, of: batch(6, isTransactional: true), after: known)
        let marker = batch(-1, at: 16, isControl: true)
        #expect(known.judge(markerOf: marker, coordinatorEpoch: 1) == .append)
        let ended = known.note(markerOf: marker, coordinatorEpoch: 1)
        #expect(ended == Offset(12))
        #expect(known[producer]?.transactionStart == nil)
        expect(.append, of: batch(6), after: known)
        let none = known.note(markerOf: marker, coordinatorEpoch: 1)
        #expect(none == nil, "nothing is open")
    }

    @Test("markers of a coordinator that was replaced are refused")
    func coordinator() {
        var known = ProducerStates()
        let marker = batch(-1, isControl: true)
        known.note(markerOf: marker, coordinatorEpoch: 5)
        #expect(known.judge(markerOf: marker, coordinatorEpoch: 5) == .append)
        #expect(known.judge(markerOf: marker, coordinatorEpoch: 4) == .refuse(.coordinatorFenced(current: 5)))
    }

    // MARK: Forgetting

    @Test("who has been silent for so long is forgotten, but not in the middle of a transaction")
    func expiry() {
        var known = ProducerStates()
        known.note(batch(0, timestamp: 1000, of: ProducerID(rawValue: 1)))
        known.note(batch(0, timestamp: 1001, of: ProducerID(rawValue: 2)))
        known.note(batch(0, timestamp: 0, isTransactional: true, of: ProducerID(rawValue: 3)))
        known.note(batch(0, timestamp: .min, of: ProducerID(rawValue: 4)))
        known.note(batch(0, timestamp: .max, of: ProducerID(rawValue: 5)))
        let count = known.expire(after: 500, at: Timestamp(1500))
        #expect(count == 2)
        #expect((1...5).filter { known[ProducerID(rawValue: $0)] != nil } == [2, 3, 5])
    }

    // MARK: Snapshots

    @Test("a snapshot has each producer's last batch, and what it needs to go on")
    func snapshot() throws {
        var known = states(
            batch(0, 3, at: 0),
            batch(3, 2, at: 3, timestamp: 2000),
            batch(0, epoch: 4, at: 5, isTransactional: true, of: ProducerID(rawValue: 2))
        )
        known.note(markerOf: batch(-1, at: 6, isControl: true, of: ProducerID(rawValue: 9)), coordinatorEpoch: 2)
        let snapshot = known.snapshot()
        #expect(snapshot.entries.map(\.producerID.rawValue) == [2, 7, 9])
        let bytes = snapshot.encoded()
        let restored = ProducerStates(try ProducerSnapshot(parsing: bytes.span.bytes))
        #expect(restored.snapshot() == snapshot)
        #expect(restored[producer]?.batches == known[producer]?.batches.suffix(1))
        for other in [2, 9] as [Int64] {
            #expect(restored[ProducerID(rawValue: other)] == known[ProducerID(rawValue: other)])
        }
    }

    @Test("a broker's snapshot is taken over as it is")
    func fixture() throws {
        var snapshots = 0
        for state in Fixtures.State.allCases {
            for path in try Fixtures.files(below: Fixtures.logDirectory(state), suffix: ".snapshot") {
                let bytes = try Fixtures.bytes(of: path)
                let snapshot = try ProducerSnapshot(parsing: bytes.span.bytes)
                let sorted = snapshot.entries.sorted { $0.producerID.rawValue < $1.producerID.rawValue }
                #expect(ProducerStates(snapshot).snapshot().entries == sorted)
                snapshots += snapshot.entries.isEmpty ? 0 : 1
            }
        }
        #expect(snapshots > 0, "there is none with producers")
    }

    // MARK: Property

    @Test("whatever is sent again or left out, what was appended is whole and without duplicates", arguments: Seed.all)
    func resending(seed: Seed) {
        var generator = seed.generator
        var states = ProducerStates()
        /// The last five of this epoch, any of which the producer may send again.
        var known: [RecordBatchHeader] = []
        var appended = 0
        var (epoch, sequence, offset): (Int16, Int32, Int64) = (0, 0, 0)
        for _ in 0..<400 {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0:
                (epoch, sequence, known) = (epoch + 1, 0, [])
            case 1:
                // All that a restart knows of a producer is its last batch.
                states = ProducerStates(states.snapshot())
                known = known.suffix(1)
            case 2 where sequence > 0:
                let ahead = batch(sequence + 1, epoch: epoch)
                #expect(states.judge([ahead]) == .refuse(.outOfOrder(expected: SequenceNumber(sequence))), "\(seed)")
            case 3...5:
                for again in known {
                    let original = states.judge([again]).original
                    #expect(original?.baseOffset == again.baseOffset, "\(again), \(seed)")
                }
            default:
                let count = Int32.random(in: 1...3, using: &generator)
                let next = batch(sequence, count, epoch: epoch, at: offset)
                #expect(states.judge([next]) == .append, "\(next), \(seed)")
                states.note(next)
                known = (known + [next]).suffix(5)
                appended += 1
                sequence += count
                offset += Int64(count)
            }
        }
        #expect(appended > 100, "\(seed)")
    }
}

extension ProducerState.Verdict {
    /// The batch that the log has already.
    fileprivate var original: ProducerState.Batch? {
        if case .duplicate(let batch) = self { batch } else { nil }
    }
}
