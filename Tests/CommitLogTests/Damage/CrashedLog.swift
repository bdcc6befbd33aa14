import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport

@testable import CommitLog

/// A log as a crash of the process leaves it: batches that are on disk and in our checkpoint, and above them batches of
/// which no checkpoint tells.
struct CrashedLog {
    let log: DamagedLog
    /// How far the checkpoint says that it is on disk.
    let durable: DurableCheckpoint.Entry
    /// The active segment's size, with all batches.
    let size: Int

    var root: FilePath { log.root }
    /// The file in which the durable part ends.
    var path: FilePath { log.path(durable.segment) }

    /// - Parameters:
    ///   - batches: how many batches of three records each of two openings appends durably.
    ///   - lost: how many follow that no checkpoint tells of.
    ///   - configuration: how large segments are.
    static func make(
        batches: Int = 4,
        lost: Int = 3,
        _ configuration: LogConfiguration = LogConfiguration(),
        in copy: FilePath = TemporaryDirectory.current.appending("crashed")
    ) async throws -> CrashedLog {
        let running = TemporaryDirectory.current.appending("running")
        func batch(_ tag: Int) throws -> [UInt8] {
            try Batches.batch(
                count: 3,
                valueBytes: 12,
                timestamp: 1_700_000_000_000 + Int64(tag * 7 % 5) * 1000,
                tag: tag
            )
        }
        let first = try await LogDirectory.open(running, configuration)
        for tag in 0..<batches { _ = try first.makeLog().append(batch(tag)) }
        try await first.close()
        let logs = try await LogDirectory.open(running, configuration)
        let log = try logs.makeLog()
        for tag in batches..<(2 * batches) { _ = try log.append(batch(tag)) }
        try await log.flush()
        await logs.services.housekeeper.run {}
        try logs.services.checkpoints.writeAll()
        let checkpoint = try Fixtures.bytes(of: running.appending(DurableCheckpoint.fileName))
        for tag in (2 * batches)..<(2 * batches + lost) { _ = try log.append(batch(tag)) }
        try await log.flush()
        try Fixtures.copy(running, to: copy)
        try FileSystem.replaceFile(copy.appending(DurableCheckpoint.fileName), contents: checkpoint)
        let records = try await log.readAll()
        try await logs.close()
        try FileSystem.removeTree(running)
        guard let durable = try DurableCheckpoint(parsing: checkpoint).entries[.test] else {
            throw LogError(.notFound, "the checkpoint does not tell of the log")
        }
        let damaged = DamagedLog(
            root: copy,
            records: Dictionary(uniqueKeysWithValues: records.map { ($0.offset, $0) }),
            start: Offset(0),
            end: Offset(Int64(6 * batches + 3 * lost))
        )
        return CrashedLog(
            log: damaged,
            durable: durable,
            size: try Fixtures.bytes(of: damaged.path(durable.segment)).count
        )
    }

    /// A copy of it that a test may damage.
    func scene(_ name: String = "scene") throws -> CrashedLog {
        let copy = TemporaryDirectory.current.appending(name)
        if try FileSystem.status(copy) != nil { try FileSystem.removeTree(copy) }
        return CrashedLog(log: try log.copy(to: copy), durable: durable, size: size)
    }
}
