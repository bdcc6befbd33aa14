import Glibc
import LinuxIO
import RecordBatch
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import CommitLog

@Suite("Appends that block until they are durable", .temporaryDirectory)
struct BlockingAppendTests {
    private var root: FilePath { TemporaryDirectory.current.appending("data") }
    private var logFile: FilePath { root.appending("t-0/00000000000000000000.log") }

    @Test("a lone writer syncs once, on its own thread")
    func lone() async throws {
        let directory = try await LogDirectory.open(root)
        let log = try directory.makeLog()
        let threads = Lock<Set<pthread_t>>([])
        let injector = FaultInjector.install(under: logFile) { call in
            if call.name == .fdatasync { threads.withLock { _ = $0.insert(pthread_self()) } }
            return .proceed
        }
        let (own, results) = await onThread { (pthread_self(), (0..<3).map { log.appendAndCommit(tag: $0) }) }
        #expect(try results.map { try $0.get().lastOffset } == [Offset(0), Offset(1), Offset(2)])
        #expect(log.durableOffset == Offset(3) && log.bytesAtRisk == 0)
        #expect(injector.count(of: .fdatasync) == 3)
        #expect(threads.withLock { $0 } == [own])
        injector.remove()
        try await directory.close()
    }

    @Test("threads and tasks that write beside each other share commits, and each finds its records durable")
    func shared() async throws {
        let directory = try await LogDirectory.open(root, .small)
        let log = try directory.makeLog()
        let each = 60
        let threads = ThreadPool(name: "writers", threads: 8)
        let failures = Lock<[String]>([])
        let work: @Sendable (Int) -> Void = { writer in
            for tag in 0..<each {
                do {
                    let result = try log.appendAndCommit(tag: writer * each + tag).get()
                    if log.durableOffset <= result.lastOffset {
                        failures.withLock { $0.append("\(result) is not durable") }
                    }
                } catch {
                    failures.withLock { $0.append("\(error)") }
                }
            }
        }
        (0..<8).forEach { writer in threads.run { work(writer) } }
        for tag in 0..<each { try await log.appendDurably(Batches.batch(tag: 1000 + tag)) }
        _ = await onThread { threads.shutdown() }
        #expect(failures.withLock { $0 } == [])
        #expect(log.durableOffset == Offset(Int64(9 * each)))
        #expect(directory.commitCount <= UInt64(9 * each + log.segmentCount))
        #expect(log.commitClaim.withLock { $0 } == CommitClaim())
        try await directory.close()
    }

    @Test("who waits for another thread's commit is told when that fails")
    func failure() async throws {
        let directory = try await LogDirectory.open(root)
        let log = try directory.makeLog()
        let gate = Gate()
        let injector = FaultInjector.install(under: logFile) { call in
            guard call.name == .fdatasync else { return .proceed }
            gate.waitUntilOpen()
            return .fail(.ioError)
        }
        async let first = onThread { log.appendAndCommit(tag: 1) }
        while injector.count(of: .fdatasync) == 0 { await Task.yield() }
        async let second = onThread { log.appendAndCommit(tag: 2) }
        while log.logEndOffset < Offset(2) { await Task.yield() }
        gate.open()
        for result in await [first, second] {
            #expect { try result.get() } throws: { ($0 as? LogError)?.code == .readOnly }
        }
        #expect(injector.count(of: .fdatasync) == 1)
        injector.remove()
        await #expect(throws: LogError.self) { try await directory.close() }
    }

    @Test("who waits for a record that is cut off is told so")
    func cutOff() async throws {
        let directory = try await LogDirectory.open(root)
        let log = try directory.makeLog()
        try await log.appendDurably(Batches.batch(tag: 0))
        let gate = Gate()
        let injector = FaultInjector.install(under: logFile) { call in
            if call.name == .fdatasync && call.occurrence == 0 { gate.waitUntilOpen() }
            return .proceed
        }
        async let result = onThread { log.appendAndCommit(tag: 1) }
        while injector.count(of: .fdatasync) == 0 { await Task.yield() }
        try log.truncateTail(to: Offset(1))
        gate.open()
        let answer = await result
        #expect { try answer.get() } throws: { ($0 as? LogError)?.code == .offsetOutOfRange }
        injector.remove()
        try await directory.close()
    }

    @Test("a deleted log lets go of who waits")
    func deleted() async throws {
        let directory = try await LogDirectory.open(root)
        let log = try directory.makeLog()
        let gate = Gate()
        let injector = FaultInjector.install(under: logFile) { call in
            if call.name == .fdatasync { gate.waitUntilOpen() }
            return .proceed
        }
        async let first = onThread { log.appendAndCommit(tag: 1) }
        while injector.count(of: .fdatasync) == 0 { await Task.yield() }
        async let second = onThread { log.appendAndCommit(tag: 2) }
        while log.logEndOffset < Offset(2) { await Task.yield() }
        try directory.deleteLog(.test)
        gate.open()
        let answers = await [first, second]
        // The first one's commit may have been over before the log was.
        #expect { try answers[1].get() } throws: { ($0 as? LogError)?.code == .deleted }
        injector.remove()
        try await directory.close()
    }

    /// Runs `body` on a thread of its own, since it blocks.
    private func onThread<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        let pool = ThreadPool(name: "blocking", threads: 1)
        return await pool.run(body)
    }
}

extension PartitionLog {
    /// Appends a batch and blocks until it is durable.
    fileprivate func appendAndCommit(tag: Int) -> Result<AppendResult, any Error> {
        Result {
            var batch = try Batches.batch(tag: tag)
            return try batch.withMutableBytes { (bytes) throws(LogError) in try appendAndCommit(&bytes) }
        }
    }
}
