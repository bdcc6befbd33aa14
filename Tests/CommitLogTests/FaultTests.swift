import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import CommitLog

@Suite("Calls that fail", .temporaryDirectory)
struct FaultTests {
    private var root: FilePath { TemporaryDirectory.current.appending("data") }

    private func values(_ tags: some Sequence<Int>) -> [[UInt8]] {
        tags.map { Batches.value(tag: $0, index: 0, bytes: 200) }
    }

    @Test(
        "a roll that cannot have its file is refused, and made up for by the next append",
        arguments: [SystemCall.rename, .open]
    )
    func roll(call: SystemCall) async throws {
        let directory = try await LogDirectory.open(root, .small)
        let log = try directory.makeLog()
        var tag = 0
        // Up to the last batch that fits; with the next file prepared for the one case, without it for the other.
        while log.byteCount < 3800 {
            try await log.appendDurably(Batches.batch(valueBytes: 200, tag: tag))
            tag += 1
        }
        await directory.services.housekeeper.run {}
        if call == .open { _ = log.appender.withLock { $0.dropPrepared() } }
        let injector = FaultInjector.install(under: root.appending("t-0")) { seen in
            seen.name == call && seen.path.string.contains(".log") ? .fail(.noSpace) : .proceed
        }
        let error = await failure(of: { try log.append(Batches.batch(valueBytes: 200, tag: tag)) })
        #expect(error?.code == .outOfSpace)
        injector.remove()
        #expect(log.segmentCount == 1)
        try await log.appendDurably(Batches.batch(valueBytes: 200, tag: tag))
        #expect(log.segmentCount == 2)
        #expect(try await log.readAll().map(\.value) == values(0...tag))
        try await directory.close()
    }

    @Test("with no descriptors left, files that nobody uses are closed to make room")
    func descriptors() async throws {
        let directory = try await LogDirectory.open(root, .small)
        let log = try directory.makeLog()
        for tag in 0..<100 { _ = try log.append(Batches.batch(valueBytes: 200, tag: tag)) }
        try await log.flush()
        _ = try await log.readAll()
        // Which opens files of the segments that were sealed just now.
        await directory.services.housekeeper.run {}
        let before = directory.services.cache.count
        let injector = FaultInjector.install(under: root.appending("t-0")) { call in
            call.name == .open && call.occurrence == 0 ? .fail(.tooManyOpenFiles) : .proceed
        }
        _ = log.segments[0].log.giveUp(always: true)
        #expect(try await !log.slice(from: Offset(0), maxBytes: 10).isEmpty)
        #expect(injector.count(of: .open) >= 2)
        injector.remove()
        #expect(directory.services.cache.count < before)
        try await directory.close()
    }

    @Test("housekeeping that fails costs nothing but a later attempt")
    func housekeeping() async throws {
        let directory = try await LogDirectory.open(root, .small)
        let log = try directory.makeLog()
        let injector = FaultInjector.install(under: root.appending("t-0")) { call in
            call.path.string.hasSuffix("index") || call.name == .fallocate || call.path.string.hasSuffix(".prepared")
                ? .fail(.noSpace) : .proceed
        }
        for tag in 0..<100 { _ = try log.append(Batches.batch(valueBytes: 200, tag: tag)) }
        try await log.flush()
        await directory.services.housekeeper.run {}
        injector.remove()
        #expect(log.recoveryPoint < log.durableOffset)
        #expect(try await log.readAll().map(\.value) == values(0..<100))
        try await directory.close()
        let again = try await LogDirectory.open(root, .small)
        #expect(again.recovery == RecoveryReport())
        #expect(try await again.makeLog().readAll().map(\.value) == values(0..<100))
        try await again.close()
    }

    @Test("a close that fails leaves no mark of a clean shutdown, and the directory can be opened again")
    func close() async throws {
        let directory = try await LogDirectory.open(root, .small)
        let log = try directory.makeLog()
        // From the start, since housekeeping may come before the close.
        let injector = FaultInjector.install(under: root.appending("t-0")) { call in
            call.path.string.hasSuffix(".timeindex") ? .fail(.ioError) : .proceed
        }
        for tag in 0..<20 { _ = try log.append(Batches.batch(valueBytes: 200, tag: tag)) }
        try await log.flush()
        let error = await failure(of: { try await directory.close() })
        #expect(error?.code == .storage)
        injector.remove()
        #expect(try FileSystem.status(root.appending(".kafka_cleanshutdown")) == nil)
        let again = try await LogDirectory.open(root, .small)
        #expect(try await again.makeLog().readAll().map(\.value) == values(0..<20))
        try await again.close()
    }

    @Test("an opening that fails gives the directory free")
    func open() async throws {
        try await LogDirectory.open(root).close()
        let injector = FaultInjector.install(under: root) { call in
            call.path.string.hasSuffix("meta.properties") ? .fail(.ioError) : .proceed
        }
        let error = await failure(of: { try await LogDirectory.open(root) })
        #expect(error?.code == .storage)
        injector.remove()
        try await LogDirectory.open(root).close()
    }
}
