import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import CommitLog

@Suite("An opening in which calls fail", .temporaryDirectory)
struct FailedOpeningTests {
    private var root: FilePath { TemporaryDirectory.current.appending("data") }
    private var copy: FilePath { TemporaryDirectory.current.appending("copy") }
    private let checkpoints = [
        DurableCheckpoint.fileName, Checkpoints.recoveryPointFileName, Checkpoints.logStartFileName,
        Checkpoints.highWatermarkFileName,
    ]

    /// Two logs, as a kill of the process leaves them in ``copy``: 40 records each, of which the checkpoints know 20, and
    /// which start at offset 3.
    private func killed() async throws {
        let directory = try await LogDirectory.open(root, .small)
        let logs = [try directory.makeLog(), try directory.makeLog(.named("other"))]
        for log in logs {
            for tag in 0..<20 { _ = try log.append(Batches.batch(valueBytes: 200, tag: tag)) }
            try await log.flush()
            try await log.truncateHead(to: Offset(3))
        }
        await directory.services.housekeeper.run {}
        try directory.services.checkpoints.writeAll()
        let frozen = try checkpoints.map { try Fixtures.bytes(of: root.appending($0)) }
        for log in logs {
            for tag in 20..<40 { _ = try log.append(Batches.batch(valueBytes: 200, tag: tag)) }
            try await log.flush()
        }
        await directory.services.housekeeper.run {}
        try Fixtures.copy(root, to: copy)
        for (name, bytes) in zip(checkpoints, frozen) {
            try FileSystem.replaceFile(copy.appending(name), contents: bytes)
        }
        try await directory.close()
    }

    private var expected: [[UInt8]] { (3..<40).map { Batches.value(tag: $0, index: 0, bytes: 200) } }

    private func entries() throws -> (DurableCheckpoint.Entry?, [Offset?]) {
        let durable = try DurableCheckpoint(parsing: Fixtures.bytes(of: copy.appending(checkpoints[0])))
        let offsets = try checkpoints.dropFirst().map {
            try OffsetCheckpoint(parsing: Fixtures.bytes(of: copy.appending($0))).offsets[.test]
        }
        return (durable.entries[.test], offsets)
    }

    @Test("everything above the durable position, and every index there, is written once more before it is synced")
    func rewrites() async throws {
        try await killed()
        let durable = try #require(try entries().0)
        let disk = DiskModel(under: copy)
        disk.install()
        let directory = try await LogDirectory.open(copy, .small)
        disk.remove()
        for segment in try directory.makeLog().segments where segment.baseOffset >= durable.segment {
            let start = segment.baseOffset == durable.segment ? durable.position.rawValue : 0
            #expect(
                disk.isWrittenAndSynced(segment.log.path, start..<segment.writtenEnd.rawValue),
                "\(segment.log.path)"
            )
            for path in [segment.offsetIndex.file.path, segment.timeIndex.file.path] {
                let size = try #require(try FileSystem.status(path)).size
                #expect(disk.isWrittenAndSynced(path, 0..<size), "\(path)")
            }
        }
        #expect(try await directory.makeLog().readAll().map(\.value) == expected)
        try await directory.close()
    }

    @Test("index files are not believed after a failed sync, but made anew")
    func indexes() async throws {
        try await killed()
        let before = try entries()
        // Entries that rise, lie within the log, and end with one that is right, but lead nowhere.
        let durable = try #require(before.0)
        let name = SegmentFileName(baseOffset: durable.segment, kind: .index).description
        let path = copy.appending("t-0").appending(name)
        let whole = try Fixtures.bytes(of: path)
        var wrong = whole
        #expect(wrong.count >= 24)
        wrong[7] &+= 1
        try FileSystem.replaceFile(path, contents: wrong)
        UnsyncedMark.leave(in: copy.appending("t-0"), quietLogger)
        let directory = try await LogDirectory.open(copy, .small)
        let found = try Fixtures.bytes(of: path)
        #expect(found != wrong && found == Array(whole.prefix(found.count)))
        #expect(try FileSystem.status(copy.appending("t-0").appending(UnsyncedMark.fileName)) == nil)
        try await directory.close()
    }

    @Test(
        "a sync that fails is not repeated: the log is fenced, and its checkpoint entries stay as they were",
        arguments: [".log", ".index", ".timeindex"]
    )
    func sync(suffix: String) async throws {
        try await killed()
        let before = try entries()
        @Sendable func isHit(_ call: FaultInjector.Call) -> Bool {
            // An index that is replaced is synced under a temporary name.
            let file = call.path.lastComponent?.string ?? ""
            return (call.name == .fdatasync || call.name == .fsync) && file.contains(suffix)
        }
        let injector = FaultInjector.install(under: copy.appending("t-0")) { isHit($0) ? .fail(.ioError) : .proceed }
        let directory = try await LogDirectory.open(copy, .small)
        #expect(try directory.makeLog().failure?.code == .fenced)
        #expect(injector.calls.count { isHit($0) } == 1)
        injector.remove()
        #expect(try await directory.makeLog(.named("other")).readAll().map(\.value) == expected)
        #expect(try entries() == before)
        await #expect(throws: LogError.self) { try await directory.close() }
        #expect(try entries() == before)
        let again = try await LogDirectory.open(copy, .small)
        #expect(try await again.makeLog().readAll().map(\.value) == expected)
        try await again.close()
    }

    @Test("a log that cannot be read is fenced, and its checkpoint entries stay as they were")
    func unreadable() async throws {
        try await killed()
        let before = try entries()
        let injector = FaultInjector.install(under: copy.appending("t-0")) { call in
            call.name == .pread && call.path.string.hasSuffix(".log") ? .fail(.ioError) : .proceed
        }
        let directory = try await LogDirectory.open(copy, .small)
        injector.remove()
        #expect(try directory.makeLog().failure?.code == .fenced)
        try directory.services.checkpoints.writeAll()
        #expect(try entries() == before)
        await #expect(throws: LogError.self) { try await directory.close() }
        let again = try await LogDirectory.open(copy, .small)
        #expect(try await again.makeLog().readAll().map(\.value) == expected)
        try await again.close()
    }

    @Test(
        "one that runs short of something fails as a whole, may be tried again, and has lost nothing",
        arguments: [Errno.tooManyOpenFiles, .tooManyOpenFilesInSystem, .noMemory, .noSpace]
    )
    func shortage(errno: Errno) async throws {
        try await killed()
        let before = try entries()
        let injector = FaultInjector.install(under: copy.appending("t-0")) { call in
            let isHit = errno == .noSpace ? call.name == .pwrite : call.name == .open
            return isHit && call.path.string.hasSuffix(".log") ? .fail(errno) : .proceed
        }
        let error = await failure(of: { try await LogDirectory.open(copy, .small) })
        injector.remove()
        #expect(error?.isRetryable == true)
        #expect(try entries() == before)
        let directory = try await LogDirectory.open(copy, .small)
        for log in directory.logs { #expect(try await log.readAll().map(\.value) == expected) }
        try await directory.close()
    }

    @Test("one that fails at its very end leaves a directory that was closed cleanly so")
    func clean() async throws {
        try await killed()
        try await LogDirectory.open(copy, .small).close()
        let injector = FaultInjector.install(under: copy) { call in
            call.name == .rename && call.path.string.contains(Checkpoints.highWatermarkFileName)
                ? .fail(.noSpace) : .proceed
        }
        let error = await failure(of: { try await LogDirectory.open(copy, .small) })
        #expect(error?.isRetryable == true)
        injector.remove()
        let directory = try await LogDirectory.open(copy, .small)
        #expect(directory.recovery == RecoveryReport())
        for log in directory.logs { #expect(try await log.readAll().map(\.value) == expected) }
        try await directory.close()
    }
}
