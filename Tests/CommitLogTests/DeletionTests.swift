import Glibc
import LinuxIO
import RecordBatch
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import CommitLog

@Suite("A deleted log", .temporaryDirectory)
struct DeletionTests {
    private let root = TemporaryDirectory.current.appending("data")

    private func names(in directory: String = "t-0") throws -> [String] {
        try FileSystem.list(root.appending(directory)).map(\.name)
    }

    @Test("does not make its successor miss, after a crash, what was durable of it")
    func successor() async throws {
        let directory = try await LogDirectory.open(root)
        let log = try directory.makeLog()
        for tag in 0..<10 { try await log.appendDurably(Batches.batch(tag: tag)) }
        try directory.services.checkpoints.writeAll()
        try directory.deleteLog(.test)
        try await directory.createLog(.test).appendDurably(Batches.batch(tag: 20))
        let copy = TemporaryDirectory.current.appending("copy")
        try Fixtures.copy(root, to: copy)
        let reopened = try await LogDirectory.open(copy)
        let found = try #require(reopened.log(for: .test))
        #expect(found.failure == nil)
        #expect(found.logEndOffset == Offset(1))
        try await reopened.close()
        try await directory.close()
    }

    @Test("leaves nothing in its successor's directory, however late its work comes")
    func lateWork() async throws {
        let directory = try await LogDirectory.open(root)
        let log = try directory.makeLog()
        try await log.appendDurably(Batches.batch())
        try directory.deleteLog(.test)
        _ = try directory.createLog(.test)
        let before = try names()
        log.epochsChanged.store(true, ordering: .releasing)
        try log.persistEpochs()
        log.leaveUnsyncedMark()
        #expect(try names() == before)
        try await directory.close()
    }

    @Test("is left alone by housekeeping that waited for it")
    func lateHousekeeping() async throws {
        let directory = try await LogDirectory.open(root, .small)
        let log = try directory.makeLog()
        // Past the middle of the segment, from where on the next one's file is due; housekeeping is kept from making it.
        let early = FaultInjector.install(under: root.appending("t-0")) { call in
            call.name == .open && call.path.string.hasSuffix(".prepared") ? .fail(.noSpace) : .proceed
        }
        while log.byteCount < 3000 { try await log.appendDurably(Batches.batch(valueBytes: 200)) }
        await directory.services.housekeeper.run {}
        early.remove()
        log.maintenance.withLock { _ in
            log.requestMaintenance()
            // Time for the housekeeper to come to the lock; it gives no sign of having got there.
            while log.isMaintenanceRequested.load(ordering: .acquiring) { sched_yield() }
            for _ in 0..<10_000 { sched_yield() }
            log.stopAppends(log.error(.deleted, "as if it were deleted"))
        }
        await directory.services.housekeeper.run {}
        #expect(try names().allSatisfy { !$0.hasSuffix(".prepared") })
        try await directory.close()
    }

    @Test("does not keep the checkpoints from being written while it vanishes")
    func besideCheckpoints() async throws {
        let directory = try await LogDirectory.open(root)
        try await directory.makeLog().appendDurably(Batches.batch())
        let deletion = ThreadPool(name: "test-delete", threads: 1)
        let isDeleted = Gate()
        let injector = FaultInjector.install(under: root.appending("t-0")) { call in
            guard call.name == .rename, call.path.string.contains(LeaderEpochCache.fileName) else { return .proceed }
            deletion.begin {
                #expect(throws: Never.self) { try directory.deleteLog(.test) }
                isDeleted.open()
            }
            // A deletion that waits, as it should, gives no sign; one that does not is given the time to come first.
            for _ in 0..<10_000 where !isDeleted.isOpened { sched_yield() }
            return .proceed
        }
        #expect(throws: Never.self) { try directory.services.checkpoints.writeAll() }
        injector.remove()
        deletion.shutdown()
        #expect(directory.log(for: .test) == nil)
        try await directory.close()
    }

    @Test("goes its way beside others, checkpoints, and logs of the same name that are made anew")
    func besideOthers() async throws {
        let directory = try await LogDirectory.open(root)
        let pool = ThreadPool(name: "test-delete", threads: 5)
        let rounds = 20
        for thread in Int32(0)..<4 {
            pool.begin {
                #expect(throws: Never.self) {
                    for tag in 0..<rounds {
                        let log = try directory.createLog(.named("t", thread))
                        _ = try log.append(Batches.batch(tag: tag))
                        try directory.deleteLog(.named("t", thread))
                    }
                }
            }
        }
        pool.begin {
            #expect(throws: Never.self) {
                for _ in 0..<rounds { try directory.services.checkpoints.writeAll() }
            }
        }
        pool.shutdown()
        #expect(directory.logs.isEmpty)
        try await directory.close()
        #expect(try FileSystem.list(root).allSatisfy { $0.kind != .directory })
    }
}
