import LinuxIO
import RecordBatch
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import CommitLog

@Suite("Making, cutting, closing and deleting that fails half way", .temporaryDirectory)
struct FailedRemovalTests {
    private var root: FilePath { TemporaryDirectory.current.appending("data") }
    private var partition: FilePath { root.appending("t-0") }

    private func makeLog(_ count: Int = 10) async throws -> (LogDirectory, PartitionLog) {
        let directory = try await LogDirectory.open(root, .small)
        let log = try directory.makeLog()
        for tag in 0..<count { try await log.appendDurably(Batches.batch(valueBytes: 1000, tag: tag)) }
        await directory.services.housekeeper.run {}
        return (directory, log)
    }

    private func expected(_ tags: Range<Int>) -> [[UInt8]] {
        tags.map { Batches.value(tag: $0, index: 0, bytes: 1000) }
    }

    private func fail(_ call: SystemCall, _ suffix: String, _ errno: Errno = .ioError) -> FaultInjector {
        FaultInjector.install(under: root) { seen in
            let path = (seen.destination ?? seen.path).string
            return seen.name == call && path.hasSuffix(suffix) ? .fail(errno) : .proceed
        }
    }

    private func names() throws -> [String] { try FileSystem.list(partition).map(\.name) }

    @Test(
        "a cut of the head that is repeated takes away the files that it could not before",
        arguments: [SystemCall.rename, .unlink]
    )
    func head(call: SystemCall) async throws {
        let (directory, log) = try await makeLog()
        let start = log.segments[2].baseOffset
        let fault = fail(call, ".log.deleted")
        await #expect(throws: LogError.self) { try await log.truncateHead(to: start) }
        fault.remove()
        #expect(log.logStartOffset == start && log.failure == nil)
        try await log.truncateHead(to: start)
        let files = PartitionFiles(names: try names())
        #expect(files.segments.first == start && files.leftovers.allSatisfy { !$0.hasSuffix(".deleted") })
        #expect(try await log.readAll().map(\.value) == expected(Int(start.rawValue)..<10))
        try await directory.close()
    }

    @Test("a full directory does not keep files from being taken away")
    func fullDirectory() async throws {
        let (directory, log) = try await makeLog()
        let start = log.segments[2].baseOffset
        let fault = FaultInjector.install(under: partition) { call in
            call.destination?.string.hasSuffix(".deleted") == true ? .fail(.noSpace) : .proceed
        }
        try await log.truncateHead(to: start)
        let gone = fault.calls.filter { $0.name == .unlink && $0.path.string.hasSuffix("00.log") }
        let others = fault.calls.filter { $0.name == .unlink && $0.path.string.hasSuffix("00.index") }
        fault.remove()
        #expect(try names().compactMap { SegmentFileName(parsing: $0)?.baseOffset }.min() == start)
        // The log file last: as long as it is there, the indexes are not stray.
        #expect(try #require(others.first).sequence < #require(gone.first).sequence)
        try await directory.close()
    }

    @Test("a cut of the tail that is made does not count as failed for what it leaves behind")
    func tail() async throws {
        let (directory, log) = try await makeLog()
        let fault = FaultInjector.install(under: partition) { call in
            let isCleanUp = call.name == .unlink && call.path.string.hasSuffix(".deleted")
            return isCleanUp
                || call.destination?.lastComponent?.string == LeaderEpochCache.fileName
                    && log.logEndOffset == Offset(2)
                ? .fail(.ioError) : .proceed
        }
        try log.truncateTail(to: Offset(2))
        fault.remove()
        #expect(log.failure == nil && log.logEndOffset == Offset(2))
        // Names that are used again are not taken away with what was left.
        for tag in 2..<12 { try await log.appendDurably(Batches.batch(valueBytes: 1000, tag: tag)) }
        log.requestMaintenance()
        await directory.services.housekeeper.run {}
        #expect(try names().allSatisfy { !$0.hasSuffix(".deleted") })
        #expect(try await log.readAll().map(\.value) == expected(0..<12))
        try await directory.close()
        let again = try await LogDirectory.open(root, .small)
        #expect(try await again.makeLog().readAll().map(\.value) == expected(0..<12))
        try await again.close()
    }

    @Test("a log that cannot be deleted stays as it is, and can be deleted later")
    func delete() async throws {
        let (directory, log) = try await makeLog()
        let root = root
        for call in [SystemCall.rename, .open] {
            let fault = FaultInjector.install(under: root) { seen in
                let isHit = call == .open ? seen.name == .open && seen.path == root : seen.name == .rename
                return isHit ? .fail(.tooManyOpenFiles) : .proceed
            }
            let error = await failure(of: { try directory.deleteLog(.test) })
            fault.remove()
            #expect(error?.isRetryable == true)
            #expect(directory.log(for: .test) === log && log.failure == nil)
        }
        try await log.appendDurably(Batches.batch(valueBytes: 1000, tag: 10))
        #expect(try await log.readAll().map(\.value) == expected(0..<11))
        try directory.deleteLog(.test)
        #expect(directory.log(for: .test) == nil && log.failure?.code == .deleted)
        #expect(throws: LogError.self) { try directory.deleteLog(.test) }
        try await directory.close()
    }

    @Test("a log that could not be made is none at the next opening, even if nothing of it could be removed")
    func create() async throws {
        let directory = try await LogDirectory.open(root, .small)
        let isCounting = FaultInjector.install(under: root)
        try await directory.createLog(.named("counted")).appendDurably(Batches.batch())
        let count = isCounting.calls.count
        isCounting.remove()
        for failing in 0..<count {
            let fault = FaultInjector.install(under: root) { call in
                // What housekeeping does for it meanwhile is none of this.
                if call.path.string.hasSuffix("/counted-0") || call.path.string.contains("/counted-0/") {
                    return .proceed
                }
                let isRemoval = [.unlink, .rmdir, .opendir].contains(call.name)
                return call.sequence == failing || isRemoval && call.sequence > failing ? .fail(.ioError) : .proceed
            }
            let made = try? directory.createLog(.test)
            fault.remove()
            if made != nil { try directory.deleteLog(.test) }
            #expect(try FileSystem.status(partition) == nil, "call \(failing)")
        }
        try await directory.createLog(.test).appendDurably(Batches.batch())
        try await directory.close()
        let again = try await LogDirectory.open(root, .small)
        #expect(again.logs.map(\.topicPartition) == [.named("counted"), .test])
        #expect(try FileSystem.list(root).allSatisfy { !$0.name.hasSuffix("-delete") })
        try await again.close()
    }

    @Test(
        "no file is open after the close of a log that takes no more appends, nor after its deletion",
        arguments: [false, true]
    )
    func closeReadOnly(isDeleted: Bool) async throws {
        let (directory, log) = try await makeLog(6)
        #expect(try openFiles(below: root).contains { $0.hasSuffix(".prepared") }, "the next segment's file")
        if isDeleted {
            try directory.deleteLog(.test)
            await directory.services.housekeeper.run {}
            #expect(try openFiles(below: root).filter { $0.contains("/t-0") } == [])
            try await directory.close()
        } else {
            let fault = fail(.fdatasync, ".log")
            await #expect(throws: LogError.self) { try await log.appendDurably(Batches.batch()) }
            fault.remove()
            await #expect(throws: LogError.self) { try await directory.close() }
        }
        #expect(try openFiles(below: root) == [])
        #expect(log.failure != nil)
    }

    @Test("a close that cannot make the directory durable leaves a log that opens, and has everything")
    func closeUnsyncedDirectory() async throws {
        var configuration = LogConfiguration()
        configuration.flushMessages = .max
        let directory = try await LogDirectory.open(root, configuration)
        let log = try directory.makeLog()
        for tag in 0..<3 { _ = try log.append(Batches.batch(valueBytes: 1000, tag: tag)) }
        let partition = self.partition
        let fault = FaultInjector.install(under: partition) { call in
            call.name == .open && call.path == partition ? .fail(.ioError) : .proceed
        }
        await #expect(throws: LogError.self) { try await directory.close() }
        fault.remove()
        let again = try await LogDirectory.open(root, configuration)
        #expect(try await again.makeLog().readAll().map(\.value) == expected(0..<3))
        try await again.close()
    }

    @Test(
        "no file is open after a close, whichever of its steps fails",
        arguments: [".log", ".timeindex", "t-0", ".tmp"]
    )
    func close(suffix: String) async throws {
        let (directory, log) = try await makeLog()
        let fault = FaultInjector.install(under: root) { call in
            log.failure?.code == .closed && call.path.string.hasSuffix(suffix) ? .fail(.ioError) : .proceed
        }
        _ = try log.append(Batches.batch(valueBytes: 1000, tag: 10))
        await #expect(throws: LogError.self) { try await directory.close() }
        fault.remove()
        #expect(try openFiles(below: root) == [])
        #expect(directory.log(for: .test) === log)
        let again = try await LogDirectory.open(root, .small)
        #expect(try await again.makeLog().readAll().map(\.value) == expected(0..<11))
        try await again.close()
    }
}
