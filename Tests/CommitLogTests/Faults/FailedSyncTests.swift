import Glibc
import LinuxIO
import RecordBatch
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import CommitLog

@Suite("A sync that fails", .temporaryDirectory)
struct FailedSyncTests {
    private var root: FilePath { TemporaryDirectory.current.appending("data") }
    private var partition: FilePath { root.appending("t-0") }
    private let end = "00000000000000000000"

    /// Makes calls fail for good.
    private func failing(
        _ call: SystemCall,
        _ suffix: String,
        _ errno: Errno = .ioError
    ) -> FaultInjector {
        FaultInjector.install(under: partition) {
            $0.name == call && $0.path.string.hasSuffix(suffix) ? .fail(errno) : .proceed
        }
    }

    private func roll(_ log: PartitionLog) throws {
        let count = log.segmentCount
        while log.segmentCount == count { _ = try log.append(Batches.batch(valueBytes: 500)) }
    }

    @Test(
        "of an index is final too: nobody repeats it, and nothing more is published",
        arguments: [".index", ".timeindex"]
    )
    func index(suffix: String) async throws {
        let directory = try await LogDirectory.open(root, .small)
        let log = try directory.makeLog()
        let injector = failing(.fdatasync, suffix)
        try roll(log)
        _ = try? await log.flush()
        await directory.services.housekeeper.run {}
        #expect(log.failure?.code == .readOnly)
        #expect(log.beginCommit() == nil)
        #expect(throws: LogError.self) { try log.append(Batches.batch()) }
        log.requestMaintenance()
        await directory.services.housekeeper.run { log.quiesce() }
        #expect(try FileSystem.status(partition.appending(UnsyncedMark.fileName)) != nil)
        let error = await failure(of: { try await directory.close() })
        #expect(error?.code == .readOnly)
        #expect(injector.calls.count { $0.name == .fdatasync && $0.path.string.hasSuffix(suffix) } == 1)
        injector.remove()
    }

    @Test("of the directory is final, whoever asked for it", arguments: [true, false])
    func directory(inCommit: Bool) async throws {
        var configuration = LogConfiguration.small
        if !inCommit { configuration.flushMessages = .max }
        let directory = try await LogDirectory.open(root, configuration)
        let log = try directory.makeLog()
        let injector = failing(.fsync, "t-0")
        try roll(log)
        await #expect(throws: LogError.self) { try await log.flush() }
        #expect(log.failure?.code == .readOnly)
        await #expect(throws: LogError.self) { try await directory.close() }
        #expect(injector.count(of: .fsync) == 1)
        injector.remove()
    }

    @Test(
        "for lack of space is as final as any other, and not to be tried again",
        arguments: [Errno.noSpace, .diskQuotaExceeded]
    )
    func space(errno: Errno) async throws {
        let directory = try await LogDirectory.open(root, .small)
        let log = try directory.makeLog()
        let injector = failing(.fdatasync, ".log", errno)
        let error = await failure(of: { try await log.appendDurably(Batches.batch()) })
        #expect(error?.code == .readOnly && error?.isRetryable == false)
        await #expect(throws: LogError.self) { try await directory.close() }
        #expect(injector.count(of: .fdatasync) == 1)
        injector.remove()

        // The same where closing meets it first.
        var lazy = LogConfiguration.small
        lazy.flushMessages = .max
        let again = try await LogDirectory.open(root, lazy)
        _ = try again.makeLog().append(Batches.batch())
        let closing = failing(.fdatasync, ".log", errno)
        let closeError = await failure(of: { try await again.close() })
        #expect(closeError?.isRetryable == false)
        #expect(closing.calls.count { $0.name == .fdatasync && $0.path.string.hasSuffix(".log") } == 1)
        closing.remove()
    }

    @Test("is none where the directory could not even be opened: the commit is tried again")
    func noDescriptor() async throws {
        let directory = try await LogDirectory.open(root, .small)
        let log = try directory.makeLog()
        let path = partition
        let count = Lock(0)
        let injector = FaultInjector.install(under: path) { call in
            guard call.name == .open, call.path == path else { return .proceed }
            return count.withLock { count in
                count += 1
                return count <= 4 ? .fail(.tooManyOpenFiles) : .proceed
            }
        }
        try roll(log)
        try await log.flush()
        injector.remove()
        #expect(log.failure == nil && log.durableOffset == log.logEndOffset)
        #expect(count.withLock { $0 } > 4)
        try await log.appendDurably(Batches.batch())
        try await directory.close()
    }

    @Test("of a round that is under way when the directory is closed is told to the close, which syncs nothing again")
    func close() async throws {
        let directory = try await LogDirectory.open(root, .small)
        let log = try directory.makeLog()
        let injector = FaultInjector.install(under: partition) { call in
            guard call.name == .fdatasync, call.path.string.hasSuffix(".log") else { return .proceed }
            if call.occurrence > 0 { return .proceed }
            while log.failure?.code != .closed { sched_yield() }
            // A close that does not wait for the commit comes to its own sync now.
            for _ in 0..<1000 { sched_yield() }
            return .fail(.ioError)
        }
        _ = try log.append(Batches.batch())
        while injector.count(of: .fdatasync) == 0 { await Task.yield() }
        let error = await failure(of: { try await directory.close() })
        injector.remove()
        #expect(error?.code == .readOnly)
        #expect(injector.calls.count { $0.name == .fdatasync && $0.path.string.hasSuffix(".log") } == 1)
        #expect(try FileSystem.status(root.appending(CleanShutdownFile.fileName)) == nil)
        #expect(log.durableOffset == Offset(0))
    }

    @Test("does not end a cut of the tail half way, nor lets a commit publish after one that did")
    func commitAcrossFailedCut() async throws {
        let directory = try await LogDirectory.open(root, .small)
        let log = try directory.makeLog()
        let other = try directory.makeLog(.named("other"))
        for tag in 0..<10 { try await log.appendDurably(Batches.batch(valueBytes: 1000, tag: tag)) }
        let syncs = Lock(0)
        let injector = FaultInjector.install(under: partition) { call in
            if call.name == .fdatasync, call.path.string.hasSuffix(".log") {
                syncs.withLock { $0 += 1 }
                while log.failure == nil { sched_yield() }
            }
            return call.name == .rename && call.destination?.string.hasSuffix(".log.deleted") == true
                ? .fail(.ioError) : .proceed
        }
        _ = try log.append(Batches.batch(tag: 10))
        while syncs.withLock({ $0 }) == 0 { await Task.yield() }
        let before = log.durableOffset
        let error = await failure(of: { try log.truncateTail(to: Offset(2)) })
        #expect(error?.code == .readOnly)
        // The round is over when a later one is.
        try await other.appendDurably(Batches.batch())
        #expect(log.durableOffset <= before)
        #expect(log.beginCommit() == nil)
        injector.remove()
        await #expect(throws: LogError.self) { try await log.waitUntilDurable(Offset(10)) }
        await #expect(throws: LogError.self) { try await directory.close() }

        let again = try await LogDirectory.open(root, .small)
        let values = try await again.makeLog().readAll().map(\.value)
        #expect(values.count >= 2)
        for (tag, value) in values.enumerated() {
            #expect(value == Batches.value(tag: tag, index: 0, bytes: tag == 10 ? 20 : 1000))
        }
        try await again.close()
    }
}
