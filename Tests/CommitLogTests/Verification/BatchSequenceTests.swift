import RecordBatch
import Testing

@testable import CommitLog

@Suite("The sequence of batches")
struct BatchSequenceTests {
    /// Gives batches of (base offset, records, epoch) to a sequence.
    ///
    /// Returns what was found, by the number of the batch.
    private func findings(
        _ batches: [(Int64, Int, Int32)],
        segment: Int64 = 0
    ) throws -> (sequence: BatchSequence, blamed: [Int], kinds: [VerificationFault.Kind]) {
        var sequence = BatchSequence(segment: Offset(segment))
        var blamed: [Int] = []
        var kinds: [VerificationFault.Kind] = []
        for (number, batch) in batches.enumerated() {
            let header = try Batches.header(baseOffset: batch.0, count: batch.1, epoch: batch.2)
            if let finding = sequence.accept(header, at: FilePosition(Int64(number * 100))) {
                blamed.append((finding.position - .start) / 100)
                kinds.append(finding.kind)
            }
        }
        return (sequence, blamed, kinds)
    }

    @Test("batches that follow one another are accepted, and do not look compacted")
    func sound() throws {
        let found = try findings([(0, 3, 0), (3, 1, 0), (4, 5, 2), (9, 1, 2)])
        #expect(found.blamed == [])
        #expect(found.sequence.nextOffset == Offset(10))
        #expect(!found.sequence.showsCompaction)
    }

    @Test("gaps are what compaction leaves")
    func gaps() throws {
        let found = try findings([(0, 3, 0), (7, 1, 0), (20, 5, 2)])
        #expect(found.blamed == [])
        #expect(found.sequence.showsCompaction)
    }

    @Test("a base offset that is too low is told once")
    func tooLow() throws {
        let found = try findings([(0, 3, 0), (3, 2, 0), (1, 2, 0), (7, 1, 0), (8, 1, 0)])
        #expect(found.blamed == [2])
        #expect(found.kinds == [.offsetOrder])
    }

    @Test("a base offset that is too high takes the blame itself, and not the batches behind it")
    func tooHigh() throws {
        let found = try findings([(0, 3, 0), (500, 2, 0), (5, 2, 0), (7, 1, 0)])
        #expect(found.blamed == [1])
        #expect(found.kinds == [.offsetOrder])
        #expect(found.sequence.nextOffset == Offset(8))
        #expect(!found.sequence.showsCompaction)
    }

    @Test("an epoch that is too high takes the blame itself, in the next segment too")
    func epochTooHigh() throws {
        var (sequence, blamed, kinds) = try findings([(0, 3, 1), (3, 2, 99), (5, 2, 1), (7, 1, 77)])
        #expect(blamed == [1])
        #expect(kinds == [.leaderEpoch])
        #expect(sequence.begin(segment: Offset(8)) == nil)
        let finding = sequence.accept(try Batches.header(baseOffset: 8, count: 1, epoch: 1), at: .start)
        #expect(finding?.position == FilePosition(300))
        #expect(finding?.segment == Offset(0))
        #expect(finding?.blamesSuspect == true)
        #expect(sequence.accept(try Batches.header(baseOffset: 9, count: 1, epoch: 1), at: .start) == nil)
    }

    @Test("an epoch that falls is told")
    func epochTooLow() throws {
        let found = try findings([(0, 3, 4), (3, 2, 3), (5, 2, 4)])
        #expect(found.blamed == [1])
        #expect(found.kinds == [.leaderEpoch])
    }

    @Test("a segment that begins below the end of the one before is told")
    func overlap() throws {
        var (sequence, _, _) = try findings([(0, 3, 0), (3, 2, 0)])
        #expect(sequence.begin(segment: Offset(4))?.kind == .segmentOrder)
        #expect(sequence.nextOffset == Offset(4))
    }

    @Test("the last batch of a segment takes the blame if its base offset reaches past the next segment")
    func lastTooHigh() throws {
        var (sequence, _, _) = try findings([(0, 3, 0), (400, 2, 0)])
        let finding = sequence.end(below: Offset(5))
        #expect(finding?.position == FilePosition(100))
        #expect(sequence.nextOffset == Offset(5))
        #expect(sequence.begin(segment: Offset(5)) == nil)
    }

    @Test("offsets up to the largest one are no reason to stop")
    func extremes() throws {
        let found = try findings([(0, 1, 0), (.max - 5, 2, 0), (1, 1, 0)], segment: 0)
        #expect(found.blamed == [1])
        var (sequence, _, _) = try findings([(.max - 100, 1, 0), (.max - 5, 2, 0)], segment: .max - 100)
        #expect(sequence.end(below: Offset(.max - 97))?.position == FilePosition(100))
    }
}
