import Glibc
import LinuxIO
import RecordBatch
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import CommitLog

@Suite("Durability", .temporaryDirectory)
struct DurabilityTests {
    private var root: FilePath { TemporaryDirectory.current.appending("data") }
    private var logFile: FilePath { root.appending("t-0/00000000000000000000.log") }

    @Test("who is told that a record is durable can read it")
    func readableFirst() async throws {
        final class Reader: OffsetObserver {
            let highWatermark = Lock<Offset?>(nil)
            let log: PartitionLog
            init(_ log: PartitionLog) { self.log = log }
            func offsetChanged() { highWatermark.withLock { $0 = log.highWatermark } }
        }
        let directory = try await LogDirectory.open(root)
        let log = try directory.makeLog()
        let reader = Reader(log)
        _ = try #require(log.durable.observe(Offset(1), by: reader))
        try await log.appendDurably(Batches.batch(tag: 1))
        #expect(reader.highWatermark.withLock { $0 } == Offset(1))
        try await directory.close()
    }

    @Test("by default readers see nothing before it is on disk")
    func heldBack() async throws {
        let directory = try await LogDirectory.open(root)
        let log = try directory.makeLog()
        let gate = Gate()
        let injector = FaultInjector.install(under: logFile) { call in
            if call.name == .fdatasync { gate.waitUntilOpen() }
            return .proceed
        }
        let result = try log.append(Batches.batch())
        #expect(log.logEndOffset == Offset(1))
        #expect(log.highWatermark == Offset(0))
        #expect(log.bytesAtRisk > 0 && directory.bytesAtRisk == log.bytesAtRisk)
        #expect(try await log.slice(from: Offset(0), maxBytes: 100).isEmpty)
        gate.open()
        try await log.waitUntilDurable(result.lastOffset)
        #expect(log.highWatermark == Offset(1))
        #expect(log.bytesAtRisk == 0 && directory.bytesAtRisk == 0)
        #expect(try await !log.slice(from: Offset(0), maxBytes: 100).isEmpty)
        injector.remove()
        try await directory.close()
    }

    @Test("with another flush.messages readers see the page cache, and an fsync comes after so many records")
    func flushMessages() async throws {
        var configuration = LogConfiguration()
        configuration.flushMessages = 10
        let directory = try await LogDirectory.open(root, configuration)
        let log = try directory.makeLog()
        let injector = FaultInjector.install(under: logFile)
        _ = try log.append(Batches.batch(count: 9))
        #expect(log.highWatermark == Offset(9))
        #expect(try await !log.slice(from: Offset(0), maxBytes: 100).isEmpty)
        #expect(injector.count(of: .fdatasync) == 0)
        #expect(log.durableOffset == Offset(0))
        let result = try log.append(Batches.batch())
        #expect(try await log.durable.wait(for: result.lastOffset + 1))
        #expect(injector.count(of: .fdatasync) == 1)
        // Whoever wants more asks for it.
        _ = try log.append(Batches.batch())
        try await log.flush()
        #expect(log.durableOffset == Offset(11))
        injector.remove()
        try await directory.close()
    }

    @Test("a sealed segment is synced however long records may wait, so that its file can be closed")
    func rollSyncs() async throws {
        var configuration = LogConfiguration.small
        configuration.flushMessages = .max
        let directory = try await LogDirectory.open(root, configuration)
        let log = try directory.makeLog()
        while log.segmentCount < 3 { _ = try log.append(Batches.batch(valueBytes: 500)) }
        let active = try #require(log.segments.last)
        #expect(try await log.durable.wait(for: active.baseOffset))
        try await directory.close()
    }

    @Test("flush.ms asks for an fsync by itself")
    func flushMs() async throws {
        var configuration = LogConfiguration()
        configuration.flushMessages = .max
        configuration.flushMs = 5
        let directory = try await LogDirectory.open(root, configuration)
        let log = try directory.makeLog()
        for _ in 0..<3 {
            let result = try log.append(Batches.batch())
            #expect(try await log.durable.wait(for: result.lastOffset + 1))
        }
        try await directory.close()
    }

    @Test("writers that wait at the same time share commits")
    func groupCommit() async throws {
        let directory = try await LogDirectory.open(root)
        let logs = try (0..<4).map { try directory.createLog(.named("t", $0)) }
        let appends = 400
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<16 {
                group.addTask {
                    let log = logs[writer % logs.count]
                    for tag in 0..<(appends / 16) { try await log.appendDurably(Batches.batch(tag: tag)) }
                }
            }
            try await group.waitForAll()
        }
        #expect(logs.reduce(0) { $0 + $1.durableOffset.rawValue } == Int64(appends))
        #expect(directory.commitCount < UInt64(appends))
        try await directory.close()
    }

    @Test("a failed fsync makes the log read-only, fails who waits, and takes back nothing that was durable")
    func failedFsync() async throws {
        let directory = try await LogDirectory.open(root)
        let log = try directory.makeLog()
        let other = try directory.createLog(.named("other"))
        try await log.appendDurably(Batches.batch(tag: 1))
        let injector = FaultInjector.install(under: logFile) { $0.name == .fdatasync ? .fail(.ioError) : .proceed }
        let result = try log.append(Batches.batch(tag: 2))
        let error = await failure(of: { try await log.waitUntilDurable(result.lastOffset) })
        #expect(error?.code == .readOnly)
        injector.remove()
        #expect(throws: LogError.self) { try log.append(Batches.batch(tag: 3)) }
        // A sync that would succeed now proves nothing, so none is made.
        let later = FaultInjector.install(under: logFile)
        await #expect(throws: LogError.self) { try await log.waitUntilDurable(result.lastOffset) }
        try await other.appendDurably(Batches.batch())
        #expect(later.count(of: .fdatasync) == 0)
        later.remove()
        #expect(log.highWatermark == Offset(1))
        #expect(try await log.readAll().map(\.value) == [Batches.value(tag: 1, index: 0, bytes: 20)])
        try await other.appendDurably(Batches.batch())
        await #expect(throws: LogError.self) { try await directory.close() }
        #expect(try FileSystem.status(root.appending(".kafka_cleanshutdown")) == nil)

        // The next opening writes the tail again before it syncs and serves it.
        let writes = FaultInjector.install(under: logFile)
        let again = try await LogDirectory.open(root)
        #expect(writes.calls.contains { $0.name == .pwrite && $0.position ?? 0 > 0 }, "\(writes.calls)")
        writes.remove()
        let reopened = try again.makeLog()
        #expect(try await reopened.readAll().count == 2)
        try await reopened.appendDurably(Batches.batch(tag: 3))
        try await again.close()
    }

    @Test("an offset in a new segment is not durable before the segment's name is")
    func rollBesideCommit() async throws {
        var configuration = LogConfiguration()
        configuration.segmentBytes = 200
        let directory = try await LogDirectory.open(root, configuration)
        let log = try directory.makeLog()
        try await log.appendDurably(Batches.batch(valueBytes: 100))
        // The only commit of the log is the one that is begun here.
        while !log.commitClaim.withLock({ $0.beginUnasked() }) { await Task.yield() }

        // While the append rolls, with the appender's lock held, a commit begins and comes as far as it can.
        let commit = Lock<LogCommit?>(nil)
        let pool = ThreadPool(name: "commit", threads: 1)
        let next = root.appending("t-0/00000000000000000001.log")
        let roll = FaultInjector.install(under: root.appending("t-0")) { call in
            guard (call.destination ?? call.path) == next, call.name == .open || call.name == .rename else {
                return .proceed
            }
            let hasStarted = Gate()
            pool.run {
                hasStarted.open()
                let begun = log.beginCommit()
                commit.withLock { $0 = begun }
            }
            hasStarted.waitUntilOpen()
            for _ in 0..<1000 { sched_yield() }
            return .proceed
        }
        _ = try log.append(Batches.batch(valueBytes: 100))
        pool.shutdown()
        roll.remove()
        let begun = try #require(commit.withLock { $0 })
        #expect(begun.endOffset == Offset(1) || begun.includesDirectory)
        try begun.synchronize(log)
        log.finishCommit(begun)
        if log.commitClaim.withLock({ $0.end() }) { log.commitAsRequested() }
        try await directory.close()
    }

    @Test("a commit makes readable what lies below the offset that it makes durable, and no byte beyond")
    func positionAndOffset() async throws {
        var configuration = LogConfiguration()
        configuration.flushMessages = .max
        let directory = try await LogDirectory.open(root, configuration)
        let log = try directory.makeLog()
        let batch = try Batches.batch()
        let isDone = Gate()
        let appending = ThreadPool(name: "test-append", threads: 1)
        appending.begin {
            while !isDone.isOpened {
                #expect(throws: Never.self) { try log.append(batch) }
            }
        }
        for _ in 0..<4000 {
            guard let commit = log.beginCommit() else { break }
            log.finishCommit(commit)
            let (end, offset) = (log.segments[0].durableEnd, log.durableOffset)
            guard end.rawValue != offset.rawValue * Int64(batch.count) else { continue }
            Issue.record("position \(end) goes with offset \(offset)")
            break
        }
        isDone.open()
        appending.shutdown()
        try await directory.close()
    }

    @Test("a commit that ends after its log was deleted fails nothing, and marks no log that has the name now")
    func commitAcrossDeletion() async throws {
        let directory = try await LogDirectory.open(root, .small)
        let log = try directory.makeLog()
        let gate = Gate()
        let injector = FaultInjector.install(under: logFile) { call in
            if call.name == .fdatasync { gate.waitUntilOpen() }
            return .proceed
        }
        while log.segmentCount < 2 { _ = try log.append(Batches.batch(valueBytes: 500)) }
        while injector.count(of: .fdatasync) == 0 { await Task.yield() }
        try directory.deleteLog(.test)
        gate.open()
        injector.remove()
        while log.commitClaim.withLock({ $0 != CommitClaim() }) { await Task.yield() }
        #expect(log.commitRefusal.current == nil && log.failure?.code == .deleted)
        try await directory.close()
    }

    @Test("a commit that began before the log was cut does not bring back what was cut")
    func commitAcrossTruncation() async throws {
        let directory = try await LogDirectory.open(root)
        let log = try directory.makeLog()
        for tag in 0..<10 { try await log.appendDurably(Batches.batch(tag: tag)) }
        let gate = Gate()
        let injector = FaultInjector.install(under: logFile) { call in
            if call.name == .fdatasync && call.occurrence == 0 { gate.waitUntilOpen() }
            return .proceed
        }
        _ = try log.append(Batches.batch(tag: 10))
        // The commit has begun once the fsync is seen.
        while injector.count(of: .fdatasync) == 0 { await Task.yield() }
        try log.truncateTail(to: Offset(5))
        #expect(log.durableOffset == Offset(5))
        gate.open()
        injector.remove()
        try await log.appendDurably(Batches.batch(tag: 50))
        #expect(log.durableOffset == Offset(6))
        #expect(try await log.readAll().last?.value == Batches.value(tag: 50, index: 0, bytes: 20))
        try await directory.close()
    }
}
