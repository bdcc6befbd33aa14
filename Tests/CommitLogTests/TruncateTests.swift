import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import CommitLog

@Suite("Truncating", .temporaryDirectory)
struct TruncateTests {
    private var root: FilePath { TemporaryDirectory.current.appending("data") }

    private func filled(_ directory: LogDirectory, batches: Int = 120, count: Int = 2) async throws -> PartitionLog {
        let log = try directory.makeLog()
        for tag in 0..<batches { _ = try log.append(Batches.batch(count: count, valueBytes: 50, tag: tag)) }
        try await log.flush()
        return log
    }

    @Test("the head goes, with the segments below it; what is above stays, over a reopening too")
    func head() async throws {
        let directory = try await LogDirectory.open(root, .small)
        let log = try await filled(directory)
        let segments = log.segmentCount
        let slice = try await log.slice(from: Offset(0), maxBytes: 1000)
        let bytes = try log.bytes(of: slice)
        try await log.truncateHead(to: Offset(101))
        #expect(log.logStartOffset == Offset(101))
        #expect(log.segmentCount < segments)
        #expect(try await log.readAll().map(\.offset.rawValue) == Array(101..<240))
        #expect(try log.bytes(of: slice) == bytes, "a slice of a deleted segment stays valid")
        try await log.truncateHead(to: Offset(50))
        #expect(log.logStartOffset == Offset(101))
        let error = await failure(of: { try await log.truncateHead(to: Offset(241)) })
        #expect(error?.code == .offsetOutOfRange)
        try await directory.close()
        let again = try await LogDirectory.open(root, .small)
        #expect(try again.makeLog().logStartOffset == Offset(101))
        #expect(try await again.makeLog().readAll().map(\.offset.rawValue) == Array(101..<240))
        try await again.close()
    }

    @Test("the whole log can be cut at its head")
    func wholeHead() async throws {
        let directory = try await LogDirectory.open(root, .small)
        let log = try await filled(directory)
        try await log.truncateHead(to: Offset(240))
        #expect(try await log.slice(from: Offset(240), maxBytes: 10).isEmpty)
        try await directory.close()
        let again = try await LogDirectory.open(root, .small)
        #expect(try again.makeLog().logStartOffset == Offset(240))
        #expect(try again.makeLog().append(Batches.batch()).baseOffset == Offset(240))
        try await again.close()
    }

    @Test("the tail goes, down to a batch; slices in flight are not touched", arguments: Seed.all)
    func tail(seed: Seed) async throws {
        var random = seed.generator
        let directory = try await LogDirectory.open(root, .small)
        let log = try await filled(directory)
        var tags = Array(0..<120)
        for round in 0..<5 {
            let end = log.logEndOffset.rawValue
            let target = Int64.random(in: 0...end, using: &random)
            let slice = try await log.slice(from: Offset(max(0, end - 3)), maxBytes: 1 << 20)
            let bytes = try log.bytes(of: slice)
            let before = try await log.readAll()
            try log.truncateTail(to: Offset(target))
            let kept = target == end ? end : target / 2 * 2
            #expect(log.logEndOffset == Offset(kept), "\(seed)")
            #expect(log.highWatermark == Offset(kept), "\(seed)")
            #expect(try await log.readAll() == Array(before[..<Int(kept)]), "\(seed)")
            #expect(try log.bytes(of: slice) == bytes, "\(seed)")
            tags = Array(tags[..<Int(kept / 2)])
            for _ in 0..<Int.random(in: 1...40, using: &random) {
                tags.append(1000 * (round + 1) + tags.count)
                _ = try log.append(Batches.batch(count: 2, valueBytes: 50, tag: tags[tags.count - 1]))
            }
            try await log.flush()
        }
        let expected = tags.flatMap { tag in (0..<2).map { Batches.value(tag: tag, index: $0, bytes: 50) } }
        #expect(try await log.readAll().map(\.value) == expected, "\(seed)")
        // Lookups agree with the indexes that were made anew.
        let largest = try await log.readAll().map(\.timestamp).max()
        #expect(try await log.offset(for: .maxTimestamp)?.timestamp == largest)
        try await directory.close()
        let again = try await LogDirectory.open(root, .small)
        #expect(again.recovery == RecoveryReport(), "\(seed)")
        #expect(try await again.makeLog().readAll().map(\.value) == expected, "\(seed)")
        try await again.close()
    }

    @Test("the head is cut after the tail, if both are being cut")
    func headBesideTail() async throws {
        let directory = try await LogDirectory.open(root, .small)
        let log = try await filled(directory)
        let segments = log.segments.map(\.baseOffset)
        try #require(segments.count >= 4)
        let tail = segments[segments.count - 1] + 2
        // The tail is held up half way.
        let gate = Gate()
        let cut = FaultInjector.install(under: root.appending("t-0")) { call in
            if call.name == .rename, call.path.string.hasSuffix(".prepared") { gate.waitUntilOpen() }
            return .proceed
        }
        let pool = ThreadPool(name: "tail", threads: 1)
        async let isCut: Void? = pool.run { try? log.truncateTail(to: tail) }
        while cut.count(of: .rename) == 0 { await Task.yield() }
        async let head: Void = log.truncateHead(to: segments[2])
        // Long enough for a head that does not wait to be gone.
        for _ in 0..<100_000 where log.segmentCount == segments.count { await Task.yield() }
        gate.open()
        try await head
        #expect(await isCut != nil)
        pool.shutdown()
        cut.remove()
        #expect(log.segments.map(\.baseOffset) == Array(segments[2...]))
        #expect(try await log.readAll().map(\.offset.rawValue) == Array(segments[2].rawValue..<tail.rawValue))
        try await directory.close()
    }

    @Test("what a cut of the tail has kept is durable, and found so after a crash", arguments: [0, 3])
    func keptIsDurable(end: Int64) async throws {
        var configuration = LogConfiguration()
        configuration.flushMessages = .max
        let directory = try await LogDirectory.open(root, configuration)
        let log = try directory.makeLog()
        for tag in 0..<5 { _ = try log.append(Batches.batch(tag: tag)) }
        #expect(log.durableOffset == Offset(0))
        try log.truncateTail(to: Offset(end))
        #expect(log.durableOffset == Offset(end) && log.bytesAtRisk == 0)
        try directory.services.checkpoints.writeAll()
        let copy = TemporaryDirectory.current.appending("copy")
        try Fixtures.copy(root, to: copy)
        try await directory.close()

        let crashed = try await LogDirectory.open(copy, configuration)
        let recovered = try crashed.makeLog()
        #expect(recovered.failure == nil && recovered.logEndOffset == Offset(end))
        try await crashed.close()
    }

    @Test("a head beyond what a cut of the tail has left is refused")
    func headBeyondTail() async throws {
        let directory = try await LogDirectory.open(root, .small)
        let log = try await filled(directory)
        let gate = Gate()
        let cut = FaultInjector.install(under: root.appending("t-0")) { call in
            if call.name == .rename, call.path.string.hasSuffix(".prepared") { gate.waitUntilOpen() }
            return .proceed
        }
        let pool = ThreadPool(name: "tail", threads: 1)
        async let isCut: Void? = pool.run { try? log.truncateTail(to: Offset(100)) }
        while cut.count(of: .rename) == 0 { await Task.yield() }
        async let head = failure(of: { try await log.truncateHead(to: Offset(200)) })
        for _ in 0..<100_000 where log.logStartOffset == Offset(0) { await Task.yield() }
        gate.open()
        #expect(await head?.code == .offsetOutOfRange)
        #expect(await isCut != nil)
        pool.shutdown()
        cut.remove()
        #expect(log.logStartOffset == Offset(0) && log.logEndOffset == Offset(100))
        try await directory.close()
    }

    @Test("a head whose checkpoint could not be written is not cut, and can be cut again")
    func headNotWritten() async throws {
        let directory = try await LogDirectory.open(root, .small)
        let log = try await filled(directory)
        let segments = log.segmentCount
        let checkpoint = root.appending("log-start-offset-checkpoint")
        let failing = FaultInjector.install(under: root) { call in
            call.name == .rename && call.destination == checkpoint ? .fail(.ioError) : .proceed
        }
        let error = await failure(of: { try await log.truncateHead(to: Offset(101)) })
        #expect(error?.code == .storage)
        failing.remove()
        #expect(log.logStartOffset == Offset(0) && log.segmentCount == segments)
        #expect(try await log.readAll().count == 240)
        let writes = FaultInjector.install(under: root)
        try await log.truncateHead(to: Offset(101))
        #expect(writes.calls.contains { $0.destination == checkpoint }, "durable when it returns")
        writes.remove()
        #expect(log.logStartOffset == Offset(101) && log.segmentCount < segments)
        try await directory.close()
    }

    @Test("who waits for a record that is cut off is told so, and not that another one is durable")
    func waitersAreTold() async throws {
        var configuration = LogConfiguration.small
        configuration.flushMessages = .max
        let directory = try await LogDirectory.open(root, configuration)
        let log = try directory.makeLog()
        for tag in 0..<5 { _ = try log.append(Batches.batch(tag: tag)) }
        async let kept = log.durable.wait(for: Offset(2))
        async let lost = failure(of: { try await log.durable.wait(for: Offset(5)) })
        while log.durable.waiterCount < 2 { await Task.yield() }
        try log.truncateTail(to: Offset(3))
        #expect(await lost?.code == .offsetOutOfRange)
        for tag in 5..<10 { _ = try log.append(Batches.batch(tag: tag)) }
        try await log.flush()
        #expect(try await kept)
        try await directory.close()
    }

    @Test("a reader at the end goes on if the cut was above what it had read, and fails if it was below")
    func readersAreTold() async throws {
        let directory = try await LogDirectory.open(root, .small)
        let log = try directory.makeLog()
        for tag in 0..<5 { try await log.appendDurably(Batches.batch(tag: tag)) }
        // What is cut above the reader was never durable, so the reader has not seen it.
        let gate = Gate()
        let injector = FaultInjector.install(under: root.appending("t-0/00000000000000000000.log")) { call in
            if call.name == .fdatasync && call.occurrence == 0 { gate.waitUntilOpen() }
            return .proceed
        }
        _ = try log.append(Batches.batch(tag: 5))
        while injector.count(of: .fdatasync) == 0 { await Task.yield() }
        let rest = Task {
            var records = log.records(from: Offset(5)).makeAsyncIterator()
            return try await records.next()?.value
        }
        while log.readable.waiterCount == 0 { await Task.yield() }
        try log.truncateTail(to: Offset(5))
        gate.open()
        injector.remove()
        try await log.appendDurably(Batches.batch(tag: 50))
        #expect(try await rest.value == Batches.value(tag: 50, index: 0, bytes: 20))

        let lost = Task {
            var records = log.records(from: Offset(6)).makeAsyncIterator()
            do {
                _ = try await records.next()
                return nil as LogError.Code?
            } catch {
                return (error as? LogError)?.code
            }
        }
        while log.readable.waiterCount == 0 { await Task.yield() }
        try log.truncateTail(to: Offset(2))
        #expect(await lost.value == .offsetOutOfRange)
        try await directory.close()
    }

    @Test("cutting an epoch's records forgets the epoch")
    func epochs() async throws {
        let first = try await LogDirectory.open(root)
        try await first.makeLog().appendDurably(Batches.batch(count: 5))
        try await first.close()
        let directory = try await LogDirectory.open(root)
        let log = try directory.makeLog()
        try await log.appendDurably(Batches.batch(count: 5))
        #expect(log.latestEpoch == LeaderEpoch(1))
        try log.truncateTail(to: Offset(5))
        #expect(log.latestEpoch == LeaderEpoch(0))
        try await log.appendDurably(Batches.batch())
        #expect(log.latestEpoch == LeaderEpoch(1))
        try await directory.close()
    }

    @Test("a tail that is cut within the first batch leaves an empty log where its head was cut", arguments: [0, 200])
    func tailWithinFirstBatch(before: Int) async throws {
        let directory = try await LogDirectory.open(root, .small)
        let log = try await filled(directory, batches: before)
        let base = log.logEndOffset
        try await log.appendDurably(Batches.batch(count: 10))
        try await log.truncateHead(to: base + 5)
        try log.truncateTail(to: base + 7)
        #expect(log.logStartOffset == base + 5)
        #expect(log.logEndOffset == base + 5)
        #expect(try await log.appendDurably(Batches.batch(count: 2)).baseOffset == base + 5)
        #expect(try await log.readAll().map(\.offset) == [base + 5, base + 6])
        try await directory.close()
        let again = try await LogDirectory.open(root, .small)
        #expect(try await again.makeLog().readAll().map(\.offset) == [base + 5, base + 6])
        try await again.close()
    }
}
