import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import CommitLog

/// One run of a scenario over one log, with a record of what was promised meanwhile.
///
/// Each step that fails is tried once more: since only one call fails, that has to succeed, unless the log or the directory
/// says that it refuses.
final class FaultRun {
    let root: FilePath
    let configuration: LogConfiguration
    let plan: FaultPlan
    let how: String
    let disk: DiskModel
    private(set) var directory: LogDirectory?
    /// What went wrong, for harmless faults.
    private(set) var errors: [LogError] = []

    /// The tags of the records that were acknowledged, by offset.
    private(set) var tags: [Int]
    private var durableEnd: Int
    /// Where the log may start, and end, where a cut has failed.
    private var starts: ClosedRange<Int>
    private var leastEnd: Int
    /// Whether the log may exist; whether it has to.
    private var mayExist: Bool
    private var mustExist: Bool
    private var nextTag: Int

    /// - Parameter records: how many the log holds, tagged from 0; `nil` if there is no log.
    /// - Parameter how: how to repeat the run, for whoever reads of a failure.
    init(
        _ root: FilePath,
        _ configuration: LogConfiguration,
        _ plan: FaultPlan,
        records: Int?,
        how: String
    ) {
        self.root = root
        self.configuration = configuration
        self.how = how
        self.plan = plan
        disk = DiskModel(under: root) { plan.answer($0) }
        tags = Array(0..<(records ?? 0))
        durableEnd = tags.count
        starts = 0...0
        leastEnd = 0
        (mayExist, mustExist) = (records != nil, records != nil)
        nextTag = tags.count
        disk.install()
    }

    static let configuration: LogConfiguration = .small
    /// A record of a producer that writes all there is in the log, so that its sequence numbers are the offsets.
    static func batch(_ tag: Int, at offset: Int) throws -> [UInt8] {
        try Batches.batch(of: 7, Int32(offset), valueBytes: 600, tag: tag)
    }
    static func value(_ tag: Int) -> [UInt8] { Batches.value(tag: tag, index: 0, bytes: 600) }

    var log: PartitionLog? { directory?.log(for: .test) }

    /// Runs a step, once more if it fails.
    ///
    /// Returns whether it succeeded.
    private func twice(_ what: String, _ step: () async throws -> Void) async -> Bool {
        do {
            try await step()
            return true
        } catch {
            note(error, what)
        }
        do {
            try await step()
            return true
        } catch {
            note(error, what)
            let refusal = log?.failure
            #expect(refusal?.isFatal == true, "\(what) fails again, though the log refuses nothing: \(error) \(how)")
            return false
        }
    }

    private func note(_ error: any Error, _ what: String) {
        guard let error = error as? LogError else {
            Issue.record("\(what) fails with an error of another type: \(error) \(how)")
            return
        }
        errors.append(error)
    }

    // MARK: Steps

    func open() async throws {
        do {
            directory = try await LogDirectory.open(root, configuration)
        } catch {
            note(error, "open")
            directory = try await LogDirectory.open(root, configuration)
        }
        if let failure = log?.failure {
            // Nothing may fence a log but what cannot be repaired by waiting.
            #expect(failure.code == .fenced, "\(how)")
            errors.append(failure)
        }
    }

    func create() async {
        mayExist = true
        mustExist = await twice("create") { _ = try directory?.makeLog() }
    }

    func append(_ count: Int = 1) async {
        for _ in 0..<count {
            guard let log else { return }
            let (tag, offset) = (nextTag, tags.count)
            let isDone = await twice("append") { _ = try log.append(Self.batch(tag, at: offset)) }
            if !isDone { return }
            nextTag += 1
            tags.append(tag)
        }
    }

    func flush() async {
        guard let log else { return }
        let end = tags.count
        if await twice("flush", { try await log.flush() }) { durableEnd = end }
    }

    /// Everything that housekeeping does.
    func keepHouse() async {
        guard let directory, let log else { return }
        log.requestMaintenance()
        await directory.services.housekeeper.run { log.quiesce() }
        _ = directory.services.cache.sweep()
    }

    func writeCheckpoints() async {
        _ = await twice("checkpoint") { try directory?.services.checkpoints.writeAll() }
    }

    func read() async {
        guard let log else { return }
        _ = await twice("read") {
            let found = try await log.readAll().map(\.value)
            let expected = tags[Int(log.logStartOffset.rawValue)..<Int(log.highWatermark.rawValue)].map(Self.value)
            #expect(found == expected, "\(how)")
        }
    }

    func cutHead(to offset: Int) async {
        guard let log else { return }
        starts = starts.lowerBound...offset
        if await twice("head cut", { try await log.truncateHead(to: Offset(Int64(offset))) }) {
            starts = offset...offset
        }
    }

    func cutTail(to offset: Int) async {
        guard let log else { return }
        leastEnd = offset
        durableEnd = min(durableEnd, offset)
        if await twice("tail cut", { try log.truncateTail(to: Offset(Int64(offset))) }) {
            tags.removeSubrange(offset...)
            leastEnd = 0
        }
    }

    func delete() async {
        mustExist = false
        _ = await twice("delete") {
            if directory?.log(for: .test) != nil { try directory?.deleteLog(.test) }
        }
        if log == nil { mayExist = errors.contains { ($0.cause as? IOError)?.isFailedSync == true } }
        await directory?.services.housekeeper.run {}
    }

    func close() async {
        do {
            try await directory?.close()
        } catch {
            errors.append(error)
        }
        directory = nil
        #expect((try? openFiles(below: root)) == [], "files are open after a close: \(how)")
    }

    /// As a kill: nothing more is written.
    func kill() {
        directory?.services.committer.shutdown()
        directory?.services.housekeeper.shutdown()
        directory?.services.lock.release()
        directory = nil
    }

    // MARK: The promises

    /// What has to hold whatever has failed; ends the run.
    func check(byKill: Bool) async throws {
        plan.disarm()
        await checkRunning()
        if byKill { kill() } else { await close() }

        directory = try await LogDirectory.open(root, configuration)
        #expect(disk.filesAtRisk == [], "the opened log shows what is not on the disk: \(how)")
        try await checkContents()
        if let log {
            try await log.appendDurably(Self.batch(nextTag, at: Int(log.logEndOffset.rawValue)))
            #expect(try await log.readAll().last?.value == Self.value(nextTag), "\(how)")
        }
        try await directory?.close()
        directory = nil
        disk.remove()
        #expect(try openFiles(below: root) == [], "\(how)")
        var verifier = try LogVerifier(root)
        #expect(verifier.findAll().faults == [], "\(how)")
    }

    /// The log works, or says that it does not.
    private func checkRunning() async {
        guard let log else { return }
        if let failure = log.failure {
            #expect(failure.code == .readOnly || failure.code == .fenced, "\(failure) \(how)")
            #expect(throws: LogError.self, "\(how)") { try log.append(Self.batch(nextTag, at: tags.count)) }
        } else {
            await append()
            await flush()
            await read()
        }
    }

    private func checkContents() async throws {
        guard let log else {
            #expect(!mustExist, "the log is gone: \(how)")
            return
        }
        #expect(mayExist, "the log is back: \(how)")
        if let failure = log.failure {
            Issue.record("\(failure) \(how)")
            return
        }
        let (start, end) = (Int(log.logStartOffset.rawValue), Int(log.logEndOffset.rawValue))
        #expect(starts.contains(start), "\(start) \(how)")
        #expect(end >= durableEnd, "\(how)")
        #expect(
            end == tags.count || (leastEnd > 0 && (leastEnd...tags.count).contains(end)),
            "\(end) of \(tags.count): \(how)"
        )
        guard start <= end, end <= tags.count else { return }
        #expect(try await log.readAll().map(\.value) == tags[start..<end].map(Self.value), "\(how)")
        #expect(log.producers.map(\.lastSequence.rawValue) == (end > 0 ? [Int32(end - 1)] : []), "\(how)")
    }
}
