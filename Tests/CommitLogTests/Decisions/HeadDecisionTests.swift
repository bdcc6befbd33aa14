import RecordBatch
import Testing

@testable import CommitLog

@Suite("Where a log starts")
struct HeadDecisionTests {
    private func decide(
        _ checkpointed: Int64?,
        _ durable: Int64?,
        of segments: Range<Int64> = 10..<50,
        isGoing: Set<Offset> = []
    ) -> HeadDecision {
        let evidence = HeadDecision.Evidence(
            checkpointed: checkpointed.map { Offset($0) },
            durable: durable.map { Offset($0) }
        )
        return HeadDecision(evidence, of: Offset(segments.lowerBound)..<Offset(segments.upperBound), isGoing: isGoing)
    }

    private func start(of decision: HeadDecision) -> Offset? {
        if case .start(let start, _, _) = decision { start } else { nil }
    }

    @Test("two files that agree take segments away, and the log itself where it ends below")
    func agreed() {
        #expect(start(of: decide(30, 30)) == Offset(30))
        #expect(decide(30, 30).takesAway(Offset(10), before: Offset(30)))
        #expect(!decide(30, 30).takesAway(Offset(10), before: Offset(31)))
        #expect(decide(60, 60) == .restart(Offset(60)))
    }

    @Test("a start that one file has alone takes nothing away", arguments: [0, 29, 31, 49, 51, 99_999_999])
    func disagreed(checkpointed: Int64) {
        let decision = decide(checkpointed, 30)
        #expect(start(of: decision) == Offset(30))
        #expect(!decision.takesAway(Offset(10), before: Offset(31)))
        #expect(!decide(checkpointed, nil).takesAway(Offset(10), before: Offset(20)))
    }

    @Test("a cut beyond the end that only the first of the files tells of was not made")
    func announced() {
        #expect(start(of: decide(20, 60)) == Offset(20))
        #expect(start(of: decide(nil, 60)) == Offset(10))
    }

    @Test("without our checkpoint a start within the log is Kafka's to say, and one behind its end is doubtful")
    func kafka() {
        #expect(start(of: decide(30, nil)) == Offset(30))
        #expect(start(of: decide(nil, nil)) == Offset(10))
        #expect(start(of: decide(50, nil)) == Offset(50))
        #expect(decide(51, nil) == .doubtful(start: Offset(51), end: Offset(50)))
    }

    @Test("files that were renamed to be deleted confirm what takes their segment away")
    func going() {
        let decision = decide(30, nil, isGoing: [Offset(10)])
        #expect(decision.takesAway(Offset(10), before: Offset(20)))
        #expect(!decision.takesAway(Offset(20), before: Offset(30)))
        #expect(!decision.takesAway(Offset(10), before: Offset(31)))
    }
}
