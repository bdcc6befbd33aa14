import CommitLog
import RecordBatch
import TestSupport
import Testing

@Suite("What the fuzzers found worth keeping", .temporaryDirectory)
struct CorpusTests {
    @Test("holds what is promised", arguments: FuzzTarget.allCases)
    func corpus(target: FuzzTarget) async throws {
        let inputs = try Fixtures.files(below: Fixtures.fuzzCorpus(target.rawValue))
        #expect(inputs.count > 20)
        let harness = try await FuzzHarness(target, in: TemporaryDirectory.current)
        for file in inputs {
            let input = try Fixtures.bytes(of: file)
            do {
                try await harness.check(input)
            } catch {
                Issue.record("\(file): \(error)")
            }
        }
        try await harness.close()
    }

    @Test("is refused where it has to be, which breaks no promise", arguments: FuzzTarget.allCases)
    func noise(target: FuzzTarget) async throws {
        var random = SplitMix64(seed: 7)
        let harness = try await FuzzHarness(target, in: TemporaryDirectory.current)
        for _ in 0..<50 { try await harness.check(random.bytes(count: 0...300)) }
        try await harness.close()
    }
}

@Suite("A promise that is broken")
struct ViolationTests {
    @Test("is told, be it a value that changes or one that cannot be read again")
    func comesBack() {
        func parse(_ bytes: [UInt8]) throws(FormatError) -> OffsetCheckpoint { try OffsetCheckpoint(parsing: bytes) }
        let bytes = Array("0\n1\nt 0 5\n".utf8)
        #expect(throws: Never.self) { try expectComesBack(bytes, parse: parse) { $0.encoded() } }
        #expect(throws: Violation.self) { try expectComesBack(bytes, parse: parse) { _ in [] } }
        #expect(throws: Violation.self) { try expectComesBack(bytes, parse: parse) { $0.encoded().dropLast() } }
        #expect(throws: FormatError.self) { try expectComesBack(bytes.dropLast(), parse: parse) { $0.encoded() } }
    }

    @Test("is told with what was promised")
    func expectation() {
        #expect(throws: Never.self) { try expect(true, "two and two are four") }
        do {
            try expect(2 + 2 == 5, "two and two are five")
            Issue.record("nothing was told")
        } catch {
            #expect(error.description == "two and two are five")
        }
    }
}
