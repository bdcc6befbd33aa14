import RecordBatch
import Testing

@testable import CommitLog

@Suite("When a segment is rolled")
struct RollPolicyTests {
    private func policy(_ change: (inout LogConfiguration) -> Void = { _ in }, jitterMs: Int64 = 0) -> RollPolicy {
        var configuration = LogConfiguration()
        configuration.segmentBytes = 1000
        configuration.segmentMs = 100
        configuration.segmentIndexBytes = 120
        change(&configuration)
        return RollPolicy(configuration, jitterMs: jitterMs)
    }

    private func fill(_ change: (inout RollPolicy.Fill) -> Void = { _ in }) -> RollPolicy.Fill {
        var fill = RollPolicy.Fill(baseOffset: Offset(10), bytes: 500, created: Timestamp(1000))
        fill.firstTimestamp = Timestamp(2000)
        change(&fill)
        return fill
    }

    private func append(_ change: (inout RollPolicy.Append) -> Void = { _ in }) -> RollPolicy.Append {
        var append = RollPolicy.Append(
            bytes: 100,
            lastOffset: Offset(20),
            maxTimestamp: Timestamp(2050),
            now: Timestamp(1050)
        )
        change(&append)
        return append
    }

    @Test("a segment takes an append that fills it to the last byte, and not one byte more")
    func size() {
        #expect(policy().reason(toRoll: fill(), before: append { $0.bytes = 500 }) == nil)
        #expect(policy().reason(toRoll: fill(), before: append { $0.bytes = 501 }) == .size)
    }

    @Test("age is counted in the batches' own time from the first batch")
    func age() {
        #expect(policy().reason(toRoll: fill(), before: append { $0.maxTimestamp = Timestamp(2100) }) == nil)
        #expect(policy().reason(toRoll: fill(), before: append { $0.maxTimestamp = Timestamp(2101) }) == .age)
        // However late it is by the clock.
        #expect(policy().reason(toRoll: fill(), before: append { $0.now = Timestamp(900_000) }) == nil)
    }

    @Test("age is counted by the clock where the first batch has no timestamp, and only there")
    func ageByClock() {
        let late = append {
            $0.maxTimestamp = .none
            $0.now = Timestamp(1101)
        }
        #expect(policy().reason(toRoll: fill(), before: late) == nil)
        let untimed = fill { $0.firstTimestamp = nil }
        #expect(policy().reason(toRoll: untimed, before: append { $0.now = Timestamp(1101) }) == .age)
        #expect(policy().reason(toRoll: untimed, before: append { $0.now = Timestamp(1100) }) == nil)
    }

    @Test("an empty segment is never too old")
    func emptyIsYoung() {
        let empty = fill { $0.bytes = 0 }
        #expect(policy().reason(toRoll: empty, before: append { $0.maxTimestamp = Timestamp(1_000_000) }) == nil)
    }

    @Test("jitter makes a segment's life shorter, but never ends it at once")
    func jitter() {
        #expect(policy(jitterMs: 60).reason(toRoll: fill(), before: append()) == .age)
        var configuration = LogConfiguration()
        configuration.segmentMs = 100
        #expect(RollPolicy.jitterBound(configuration) == 1)
        configuration.segmentJitterMs = 60
        #expect(RollPolicy.jitterBound(configuration) == 60)
        configuration.segmentJitterMs = 5000
        #expect(RollPolicy.jitterBound(configuration) == 100)
    }

    @Test("an index is full at its capacity, the time index one entry earlier")
    func indexes() {
        // 120 bytes: 15 offset entries, 10 time entries.
        #expect(policy().reason(toRoll: fill { $0.offsetIndexEntries = 14 }, before: append()) == nil)
        #expect(policy().reason(toRoll: fill { $0.offsetIndexEntries = 15 }, before: append()) == .offsetIndexFull)
        #expect(policy().reason(toRoll: fill { $0.timeIndexEntries = 8 }, before: append()) == nil)
        #expect(policy().reason(toRoll: fill { $0.timeIndexEntries = 9 }, before: append()) == .timeIndexFull)
    }

    @Test("offsets stay within 32 bits of the base offset")
    func relativeOffset() {
        let reach = 10 + Int64(Int32.max)
        #expect(policy().reason(toRoll: fill(), before: append { $0.lastOffset = Offset(reach) }) == nil)
        #expect(
            policy().reason(toRoll: fill(), before: append { $0.lastOffset = Offset(reach + 1) }) == .relativeOffset
        )
    }
}
