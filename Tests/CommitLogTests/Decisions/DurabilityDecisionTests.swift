import RecordBatch
import TestSupport
import Testing

@testable import CommitLog

@Suite("Who commits a log")
struct CommitClaimTests {
    @Test("the first to ask has it begun, and nobody else until it has begun")
    func asked() {
        var claim = CommitClaim()
        let asked = [claim.request(), claim.request()]
        #expect(asked == [true, false])
        let began = [claim.begin(), claim.begin()]
        #expect(began == [true, false])
        let isWanted = claim.end()
        #expect(!isWanted && claim == CommitClaim())
    }

    @Test("what is asked for while a commit runs is known at its end, and nobody else has to begin it")
    func askedMeanwhile() {
        var claim = CommitClaim()
        _ = (claim.request(), claim.begin())
        let asked = [claim.request(), claim.request()]
        #expect(asked == [false, false])
        let isWanted = claim.end()
        #expect(isWanted)
        let askedBetween = claim.request()
        #expect(!askedBetween)
        let began = claim.begin()
        let isWantedAgain = claim.end()
        #expect(began && !isWantedAgain)
    }

    @Test("a commit that nobody has asked for runs alone, and takes over what was asked for and not begun")
    func unasked() {
        var claim = CommitClaim()
        let began = [claim.beginUnasked(), claim.beginUnasked(), claim.begin()]
        #expect(began == [true, false, false])
        let isWanted = claim.end()
        #expect(!isWanted)
        _ = claim.request()
        let tookOver = claim.beginUnasked()
        let beganLate = claim.begin()
        #expect(tookOver && !beganLate)
        let isWantedAgain = claim.end()
        #expect(!isWantedAgain && claim == CommitClaim())
    }
}

@Suite("Records that may wait for an fsync")
struct UnflushedRecordsTests {
    private func configuration(messages: Int64, ms: Int64) -> LogConfiguration {
        var configuration = LogConfiguration()
        configuration.flushMessages = messages
        configuration.flushMs = ms
        return configuration
    }

    @Test("every flush.messages records ask for a commit, and none for a timer without flush.ms")
    func count() {
        var unflushed = UnflushedRecords()
        let due = [4, 5, 1, 9, 12].map { unflushed.append($0, configuration(messages: 10, ms: .max)) }
        #expect(due == [.nothing, .nothing, .commit, .nothing, .commit])
    }

    @Test("one timer runs at a time, whatever the count asks for meanwhile")
    func oneTimer() {
        var unflushed = UnflushedRecords()
        let due = (0..<6).map { _ in unflushed.append(1, configuration(messages: 2, ms: 1000)) }
        #expect(due == [.timer, .commit, .nothing, .commit, .nothing, .commit])
        let isDueForNothing = unflushed.timeIsUp()
        #expect(!isDueForNothing)
        let next = unflushed.append(1, configuration(messages: 2, ms: 1000))
        #expect(next == .timer)
        let isDue = unflushed.timeIsUp()
        #expect(isDue)
    }
}

@Suite("Waiting for an offset")
struct OffsetWaitersTests {
    @Test("reaching an offset releases exactly those whom it satisfies", arguments: Seed.all)
    func exact(seed: Seed) {
        var random = seed.generator
        var waiters = OffsetWaiters<Int>()
        var expected: [Int: Int64] = [:]
        for name in 0..<500 {
            let target = Int64.random(in: 0...100, using: &random)
            let id = waiters.makeID()
            waiters.add(name, target: Offset(target), id: id)
            expected[name] = target
            if random.chance(oneIn: 4) {
                let removed = [waiters.remove(id), waiters.remove(id)]
                #expect(removed == [name, nil])
                expected[name] = nil
            }
            if random.chance(oneIn: 10) {
                let reached = Int64.random(in: 0...100, using: &random)
                let due = expected.filter { $0.value <= reached }.keys
                let released = waiters.reached(Offset(reached))
                #expect(Set(released) == Set(due), "\(seed)")
                for name in due { expected[name] = nil }
            }
        }
        let rest = waiters.removeAll()
        #expect(Set(rest) == Set(expected.keys), "\(seed)")
        #expect(waiters.isEmpty)
    }

    @Test("a gate lets through, holds back, wakes and closes")
    func gate() async throws {
        let gate = OffsetGate(Offset(5))
        #expect(try await gate.wait(for: Offset(5)))
        async let later = gate.wait(for: Offset(7))
        gate.move(to: Offset(6))
        gate.move(to: Offset(7))
        #expect(try await later)
        let task = Task { try await gate.wait(for: Offset(100)) }
        task.cancel()
        #expect(try await task.value == false)
        gate.close(LogError(.closed, "closed"))
        await #expect(throws: LogError.self) { try await gate.wait(for: Offset(100)) }
    }

    @Test("no wake-up is lost between many waiters and one mover")
    func noLostWakeUps() async throws {
        let gate = OffsetGate(Offset(0))
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for offset in stride(from: task, to: 2000, by: 8) {
                        guard try await gate.wait(for: Offset(Int64(offset))) else { return false }
                    }
                    return true
                }
            }
            group.addTask {
                for offset in 0..<2000 {
                    gate.move(to: Offset(Int64(offset)))
                    if offset % 64 == 0 { await Task.yield() }
                }
                return true
            }
            for try await finished in group { #expect(finished) }
        }
    }
}

@Suite("Reserving space")
struct SpaceReservationTests {
    private let step = Int(SpaceReservation.leastStepBytes)

    private func due(
        _ reservation: inout SpaceReservation,
        _ written: Int,
        at seconds: Double,
        limit: Int = 1 << 30,
        segment: Int64 = 0
    ) -> Range<Int64>? {
        reservation.due(
            segment: Offset(segment),
            written: FilePosition(Int64(written)),
            limit: FilePosition(Int64(limit)),
            at: seconds
        ).map { $0.lowerBound.rawValue..<$0.upperBound.rawValue }
    }

    @Test("a log that is hardly written to reserves nothing")
    func idle() {
        var reservation = SpaceReservation(segment: Offset(0), written: FilePosition(1000), at: 0)
        #expect(due(&reservation, 1000 + step - 1, at: 100) == nil)
    }

    @Test("a log that has been busy for long reserves ten seconds ahead, and asks again when half is used")
    func busy() {
        var reservation = SpaceReservation(segment: Offset(0), written: .start, at: 0)
        let rate = 1 << 20
        #expect(due(&reservation, 20 * rate, at: 20) == Int64(20 * rate)..<Int64(30 * rate))
        #expect(due(&reservation, 24 * rate, at: 24) == nil)
        #expect(due(&reservation, 25 * rate, at: 25) == Int64(30 * rate)..<Int64(35 * rate))
    }

    @Test("a burst is no rate: no more is reserved than the log has just taken", arguments: [0.002, 0.1, 1])
    func burst(seconds: Double) {
        var reservation = SpaceReservation(segment: Offset(0), written: .start, at: 0)
        let written = 80 << 20
        #expect(due(&reservation, written, at: seconds) == Int64(written)..<Int64(2 * written))
    }

    @Test("nothing is reserved past the segment's end, and a busy log's next segment gets its share at once")
    func limit() {
        var reservation = SpaceReservation(segment: Offset(0), written: .start, at: 0)
        let rate = 1 << 20
        #expect(due(&reservation, 20 * rate, at: 20, limit: 22 * rate) == Int64(20 * rate)..<Int64(22 * rate))
        #expect(due(&reservation, 22 * rate, at: 22, limit: 22 * rate) == nil)
        #expect(due(&reservation, 0, at: 23, limit: 22 * rate, segment: 9) == 0..<Int64(10 * rate))
    }
}
