import Glibc
import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import CommitLog

@Suite("A crash around a truncation", .temporaryDirectory)
struct TruncationCrashTests {
    private let root = TemporaryDirectory.current.appending("logs")

    /// A log of ten records of which the checkpoint, written a second after the last append, knows.
    private func makeLog() async throws -> (LogDirectory, PartitionLog) {
        let directory = try await LogDirectory.open(root, .small)
        let log = try directory.makeLog()
        for tag in 0..<10 { try await log.appendDurably(Batches.batch(valueBytes: 1000, tag: tag)) }
        try directory.services.checkpoints.writeAll()
        #expect(log.segmentCount > 2)
        return (directory, log)
    }

    /// The end of the log in a copy of the directory as it stands, and why it cannot be used.
    private func reopenCopy() async throws -> (end: Offset, failure: LogError?) {
        let copy = try soundCopy()
        let directory = try await LogDirectory.open(copy)
        let log = try #require(directory.log(for: .test))
        let result = (log.logEndOffset, log.failure)
        try await directory.close()
        return result
    }

    /// A copy of the directory as it stands, which the verifier finds sound.
    private func soundCopy() throws -> FilePath {
        let copy = TemporaryDirectory.current.appending("copy")
        try Fixtures.copy(root, to: copy)
        var verifier = try LogVerifier(copy)
        #expect(verifier.findAll().faults == [])
        return copy
    }

    @Test("a cut of the head is completed by the next opening, at whichever file it ended", arguments: 0..<6)
    func head(file: Int) async throws {
        let (directory, log) = try await makeLog()
        let start = log.segments[2].baseOffset
        let renames = Lock(0)
        let fault = FaultInjector.install(under: root.appending("t-0")) { call in
            guard call.name == .rename else { return .proceed }
            return renames.withLock { count in
                defer { count += 1 }
                return count == file ? .fail(.ioError) : .proceed
            }
        }
        await #expect(throws: LogError.self) { try await log.truncateHead(to: start) }
        fault.remove()
        let copy = try soundCopy()
        let reopened = try await LogDirectory.open(copy, .small)
        #expect(reopened.log(for: .test)?.segments.first?.baseOffset == start)
        #expect(PartitionFiles(names: try FileSystem.list(copy.appending("t-0")).map(\.name)).segments.first == start)
        try await reopened.close()
        try await directory.close()
    }

    @Test("no head comes back when another log's is cut before the files of the first are gone")
    func heads() async throws {
        let (directory, log) = try await makeLog()
        let start = log.segments[2].baseOffset
        let copy = TemporaryDirectory.current.appending("copy")
        let root = root
        let fault = FaultInjector.install(under: root.appending("t-0")) { call in
            guard call.name == .rename, call.occurrence == 0 else { return .proceed }
            // What the cut of another log's head writes.
            try? directory.services.checkpoints.writeStartOffsets()
            try? Fixtures.copy(root, to: copy)
            return .proceed
        }
        try await log.truncateHead(to: start)
        fault.remove()
        let reopened = try await LogDirectory.open(copy, .small)
        #expect(reopened.log(for: .test)?.logStartOffset == start)
        try await reopened.close()
        try await directory.close()
    }

    @Test("after it the log ends where it was cut", arguments: [0, 1, 4, 5, 9])
    func after(offset: Int) async throws {
        let (directory, log) = try await makeLog()
        try log.truncateTail(to: Offset(Int64(offset)))
        let found = try await reopenCopy()
        #expect(found.failure == nil)
        #expect(found.end == Offset(Int64(offset)))
        try await directory.close()
    }

    @Test("what is appended after a cut below an epoch's beginning is kept")
    func epoch() async throws {
        let (first, _) = try await makeLog()
        try await first.close()
        let directory = try await LogDirectory.open(root, .small)
        let log = try directory.makeLog()
        for tag in 10..<15 { try await log.appendDurably(Batches.batch(tag: tag)) }
        try log.truncateTail(to: Offset(5))
        for tag in 5..<8 { try await log.appendDurably(Batches.batch(tag: tag)) }
        let found = try await reopenCopy()
        #expect(found.failure == nil)
        #expect(found.end == Offset(8))
        try await directory.close()
    }

    @Test("a cut that was announced and not made forgets no epoch")
    func announced() async throws {
        try await makeLog().0.close()
        let second = try await LogDirectory.open(root, .small)
        for tag in 10..<20 { try await second.makeLog().appendDurably(Batches.batch(valueBytes: 1000, tag: tag)) }
        try await second.close()
        let directory = try await LogDirectory.open(root, .small)
        let log = try directory.makeLog()
        let copy = TemporaryDirectory.current.appending("copy")
        // Between our checkpoint and Kafka's.
        let root = root
        let injector = FaultInjector.install(under: root) { call in
            if call.name == .rename, call.path.string.contains(Checkpoints.recoveryPointFileName) {
                try? Fixtures.copy(root, to: copy)
            }
            return .proceed
        }
        try log.truncateTail(to: Offset(5))
        injector.remove()
        try await directory.close()
        let reopened = try await LogDirectory.open(copy, .small)
        let found = try reopened.makeLog()
        #expect(found.logEndOffset == Offset(20))
        let epochs = found.epochs.withLock(\.self)
        #expect(epochs.epoch(at: Offset(9)) == LeaderEpoch(0) && epochs.epoch(at: Offset(10)) == LeaderEpoch(1))
        try await reopened.close()
    }

    @Test("a cut that was announced in part forgets none of the epochs that it would take")
    func announcedInPart() async throws {
        for opening in 0..<3 {
            let directory = try await LogDirectory.open(root, .small)
            for tag in 0..<10 {
                try await directory.makeLog().appendDurably(Batches.batch(valueBytes: 1000, tag: opening * 10 + tag))
            }
            if opening < 2 { try await directory.close() } else { try await cutAndCopy(directory) }
        }
        for copy in try FileSystem.list(TemporaryDirectory.current) where copy.name.hasPrefix("copy") {
            let reopened = try await LogDirectory.open(TemporaryDirectory.current.appending(copy.component), .small)
            let found = try reopened.makeLog()
            #expect(found.failure == nil && found.logEndOffset == Offset(30), "\(copy.name)")
            let epochs = found.epochs.withLock(\.self).entries.map(\.startOffset.rawValue)
            #expect(epochs == [0, 10, 20], "\(copy.name)")
            try await reopened.close()
        }
    }

    /// Cuts the log's tail below two epochs, and copies the directory before each name that is changed until the first of
    /// the log's segments goes.
    private func cutAndCopy(_ directory: LogDirectory) async throws {
        try directory.services.checkpoints.writeAll()
        let isCutting = Gate()
        // The calls are made on another thread, which does not know whose directory is meant.
        let (root, place) = (root, TemporaryDirectory.current)
        let injector = FaultInjector.install(under: root) { call in
            guard call.name == .rename else { return .proceed }
            if call.path.string.hasSuffix("index") || call.path.string.hasSuffix(".log") { isCutting.open() }
            guard !isCutting.isOpened else { return .proceed }
            try? Fixtures.copy(root, to: place.appending("copy\(call.sequence)"))
            return .proceed
        }
        let log = try directory.makeLog()
        // On the thread that writes checkpoints at other times: a copy that it made while this one cuts would be of a directory
        // as it never was.
        try await directory.services.housekeeper.run { try log.truncateTail(to: Offset(5)) }
        injector.remove()
        try await directory.close()
    }

    @Test("a head is cut though the disk has no room for the checkpoint, as long as segments go with it")
    func headOnFullDisk() async throws {
        let (directory, log) = try await makeLog()
        let start = log.segments[2].baseOffset
        let injector = FaultInjector.install(under: root) { call in
            // Room for it comes with the first file that goes.
            call.name == .open && call.path.string.contains(Checkpoints.logStartFileName)
                && log.segments.first?.baseOffset == Offset(0) ? .fail(.noSpace) : .proceed
        }
        try await log.truncateHead(to: start)
        injector.remove()
        #expect(log.logStartOffset == start && log.segments.first?.baseOffset == start)
        let copy = try soundCopy()
        let reopened = try await LogDirectory.open(copy, .small)
        #expect(reopened.log(for: .test)?.logStartOffset == start)
        try await reopened.close()
        try await directory.close()
    }

    @Test("an epoch that began below a cut of the head is no damage")
    func headWithinEpoch() async throws {
        let first = try await LogDirectory.open(root)
        for tag in 0..<3 { try await first.makeLog().appendDurably(Batches.batch(tag: tag)) }
        try await first.close()
        let directory = try await LogDirectory.open(root)
        let log = try directory.makeLog()
        for tag in 3..<10 { try await log.appendDurably(Batches.batch(tag: tag)) }
        try await log.truncateHead(to: Offset(7))
        // As a second after progress: our file alone, which has the epoch, while the log's own list lacks it.
        directory.services.checkpoints.writeAfterProgress()
        let found = try await reopenCopy()
        #expect(found.failure == nil)
        #expect(found.end == Offset(10))
        try await directory.close()
    }

    @Test(
        "a cut that cannot be made leaves the log as it was, or merely shorter once it is reopened",
        arguments: [SystemCall.copyFileRange, .fdatasync]
    )
    func before(call: SystemCall) async throws {
        let (directory, log) = try await makeLog()
        let fault = FaultInjector.install(under: root.appending("t-0")) { $0.name == call ? .fail(.ioError) : .proceed }
        #expect(throws: LogError.self) { try log.truncateTail(to: Offset(5)) }
        fault.remove()
        let found = try await reopenCopy()
        #expect(found.failure == nil)
        #expect(found.end >= Offset(5))
        #expect(found.end <= Offset(10))
        if call == .fdatasync {
            await #expect(throws: LogError.self) { try await directory.close() }
        } else {
            #expect(log.failure == nil && log.logEndOffset == Offset(10))
            try await log.appendDurably(Batches.batch(tag: 10))
            try log.truncateTail(to: Offset(5))
            #expect(log.logEndOffset == Offset(5))
            try await directory.close()
        }
    }

    @Test("a commit that ends while the tail is being cut does not bring back what the checkpoint promised")
    func commitDuringCut() async throws {
        let root = TemporaryDirectory.current.appending("commit-during-cut")
        let directory = try await LogDirectory.open(root)
        let log = try directory.makeLog()
        for tag in 0..<10 { try await log.appendDurably(Batches.batch(tag: tag)) }
        let (gate, isCutting) = (Gate(), Gate())
        let entries = Lock<[DurableCheckpoint.Entry?]>([])
        let injector = FaultInjector.install(under: root) { call in
            let path = call.path.string
            if call.name == .fdatasync, path.hasSuffix("t-0/00000000000000000000.log") {
                gate.waitUntilOpen()
            } else if call.name == .rename, path.contains(DurableCheckpoint.fileName), isCutting.isOpened {
                // The cut is announced; now the commit under way may end, before anything is cut.
                gate.open()
                while log.durableOffset < Offset(11) { sched_yield() }
            } else if call.name == .rename, path.hasSuffix(".prepared") {
                entries.withLock { $0.append(log.durableEntry) }
            }
            return .proceed
        }
        _ = try log.append(Batches.batch(tag: 10))
        while injector.count(of: .fdatasync) == 0 { await Task.yield() }
        isCutting.open()
        try log.truncateTail(to: Offset(5))
        injector.remove()
        let seen = entries.withLock { $0 }
        #expect(seen.count == 1)
        #expect(seen.allSatisfy { $0?.offset == Offset(5) })
        #expect(log.durableOffset == Offset(5))
        try await directory.close()
    }
}
