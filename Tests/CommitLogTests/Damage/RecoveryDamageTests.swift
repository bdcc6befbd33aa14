import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import CommitLog

@Suite("Recovering a log of which durable bytes, or what tells of them, are damaged", .memoryDirectory)
struct RecoveryDamageTests {
    /// Opens a log that has to be found damaged, and left as it is.
    private func expectFenced(_ scene: CrashedLog, _ what: String) async throws {
        let before = try Fixtures.files(below: scene.log.directory)
        let directory = try await LogDirectory.open(scene.root)
        #expect(directory.log(for: .test)?.failure?.code == .fenced, "\(what)")
        try? await directory.close()
        #expect(try Fixtures.files(below: scene.log.directory) == before, "\(what)")
    }

    @Test("no bit before a CRC of the last durable batch is believed against the checkpoint")
    func lastDurableBatch() async throws {
        let crashed = try await CrashedLog.make()
        let boundaries = try crashed.log.boundaries(crashed.durable.segment)
        let start = try #require(boundaries.last { $0 < Int(crashed.durable.position.rawValue) })
        for hasSuccessors in [true, false] {
            for bit in 0..<136 where everyBit || bit % 13 == 0 {
                let scene = try crashed.scene()
                if !hasSuccessors {
                    try File.open(scene.path, .readWrite).truncate(to: crashed.durable.position.rawValue)
                }
                try flip(start * 8 + bit, of: scene.path)
                try await expectFenced(scene, "bit \(bit) of the last durable batch")
            }
        }
    }

    @Test("a log of Kafka's is not believed to go on behind a gap beyond the recovery point", arguments: [true, false])
    func kafka(isClean: Bool) async throws {
        let crashed = try await CrashedLog.make(lost: 0)
        try FileSystem.removeFile(crashed.root.appending(DurableCheckpoint.fileName))
        try FileSystem.replaceFile(
            crashed.root.appending(Checkpoints.recoveryPointFileName),
            contents: OffsetCheckpoint([.test: crashed.durable.offset]).encoded()
        )
        let boundaries = try crashed.log.boundaries(crashed.durable.segment)
        let last = try #require(boundaries.dropLast().last)
        for bit in [56, 63, 40] {
            let scene = try crashed.scene()
            if isClean { try FileSystem.replaceFile(scene.root.appending(CleanShutdownFile.fileName), contents: []) }
            try flip(last * 8 + bit, of: scene.path)
            var verifier = try LogVerifier(scene.root)
            #expect(!verifier.findAll().faults.isEmpty, "bit \(bit)")
            try await expectFenced(scene, "bit \(bit) of Kafka's last batch")
        }
    }

    @Test("a log that Kafka has closed opens with its end, whatever its last index entry has become")
    func lastIndexEntry() async throws {
        let original = try await DamagedLog.make()
        try FileSystem.removeFile(original.root.appending(DurableCheckpoint.fileName))
        let last = try #require(try original.segments().last)
        let count = try Fixtures.bytes(of: original.path(last, .index)).count
        for bit in ((count - 8) * 8)..<(count * 8) where everyBit || bit % 5 == 0 {
            let scene = try original.copy(to: TemporaryDirectory.current.appending("scene"))
            try flip(bit, of: scene.path(last, .index))
            let directory = try await LogDirectory.open(scene.root, DamagedLog.configuration)
            let log = try directory.makeLog()
            #expect(log.failure == nil && log.logEndOffset == original.end, "bit \(bit)")
            #expect(await original.wrongReads(of: log, from: [original.start]) == [], "bit \(bit)")
            try await directory.close()
            try FileSystem.removeTree(scene.root)
        }
    }

    @Test("half an index entry at the end of a file is cut off", arguments: [SegmentFileName.Kind.index, .timeindex])
    func halfEntries(kind: SegmentFileName.Kind) async throws {
        let crashed = try await CrashedLog.make(lost: 0)
        let path = crashed.log.path(crashed.durable.segment, kind)
        let before = (try? Fixtures.bytes(of: path)) ?? []
        try FileSystem.replaceFile(path, contents: before + [0, 0, 1])
        try await LogDirectory.open(crashed.root).close()
        let entryBytes = kind == .index ? OffsetIndexEntry.byteCount : TimeIndexEntry.byteCount
        #expect(try Fixtures.bytes(of: path).count % entryBytes == 0)
        var verifier = try LogVerifier(crashed.root)
        #expect(verifier.findAll() == [])
    }

    @Test("a time entry that ends in zeros is made anew, with those that it hides", arguments: [4, 9, 16])
    func zeroedTimeEntry(zeros: Int) async throws {
        var configuration = LogConfiguration()
        configuration.indexIntervalBytes = 100
        let crashed = try await CrashedLog.make(lost: 0, configuration)
        let path = crashed.log.path(crashed.durable.segment, .timeindex)
        let before = try Fixtures.bytes(of: path)
        #expect(before.count >= 24)
        try FileSystem.replaceFile(path, contents: before.dropLast(zeros) + [UInt8](repeating: 0, count: zeros))
        try await LogDirectory.open(crashed.root, configuration).close()
        var verifier = try LogVerifier(crashed.root)
        #expect(verifier.findAll() == [])
    }

    @Test(
        "a list of epochs with a wrong or lost end costs no records, and the checkpoint's epoch is taken",
        arguments: [true, false]
    )
    func epochs(isClean: Bool) async throws {
        let crashed = try await CrashedLog.make(lost: isClean ? 0 : 3)
        if isClean { try await LogDirectory.open(crashed.root).close() }
        let sound = try LeaderEpochCache(
            parsing: Fixtures.bytes(of: crashed.log.directory.appending(LeaderEpochCache.fileName))
        )
        #expect(sound.entries.map(\.startOffset) == [Offset(0), Offset(12)])
        for text in [
            "0\n1\n0 0\n", "0\n2\n0 0\n1 13\n", "0\n2\n0 0\n1 2\n", "0\n2\n0 0\n9 12\n", "0\n2\n0 0\n2147483647 12\n",
            "",
            "0\n2\n0 0\n1 999\n", "nonsense",
        ] {
            let scene = try crashed.scene()
            try FileSystem.replaceFile(
                scene.log.directory.appending(LeaderEpochCache.fileName),
                contents: Array(text.utf8)
            )
            let directory = try await LogDirectory.open(scene.root)
            let log = try directory.makeLog()
            #expect(log.failure == nil && log.logEndOffset == crashed.log.end, "\(text)")
            #expect(directory.leaderEpoch.rawValue < 5, "\(text)")
            #expect(directory.recovery.tornBytes == 0, "\(text)")
            let latest = log.epochs.withLock { $0.latest }
            #expect(latest == sound.latest, "\(text)")
            try await directory.close()
        }
    }

    @Test("batches that an earlier opening has cut off do not come back, though they would fit")
    func resurrected() async throws {
        let crashed = try await CrashedLog.make()
        let bytes = try Fixtures.bytes(of: crashed.path)
        let durableEnd = Int(crashed.durable.position.rawValue)
        // The first batch above is torn, so that all are cut off.
        try flip((durableEnd + 70) * 8, of: crashed.path)
        let second = try await LogDirectory.open(crashed.root)
        let log = try second.makeLog()
        #expect(log.logEndOffset == crashed.durable.offset)
        let checkpoint = try Fixtures.bytes(of: crashed.root.appending(DurableCheckpoint.fileName))
        // The next crash comes before, and after, other records have taken their place.
        for appended in 0..<2 {
            if appended == 1 { try await log.appendDurably(Batches.batch(count: 3, valueBytes: 12, tag: 77)) }
            let scene = TemporaryDirectory.current.appending("second-\(appended)")
            try Fixtures.copy(crashed.root, to: scene)
            let file = scene.appending("t-0").appending(Fixtures.names(of: crashed.path).file)
            // What the file system shows in place of what was not synced: what once was there.
            try FileSystem.replaceFile(file, contents: bytes)
            try FileSystem.replaceFile(scene.appending(DurableCheckpoint.fileName), contents: checkpoint)
            let third = try await LogDirectory.open(scene)
            let found = try third.makeLog()
            #expect(found.failure == nil && found.logEndOffset == crashed.durable.offset)
            #expect(third.recovery.tornBytes == bytes.count - durableEnd)
            try await third.close()
        }
        try await second.close()
    }

    @Test("what a log had reserved ahead of a crash is given back")
    func reserved() async throws {
        let crashed = try await CrashedLog.make()
        do {
            try File.open(crashed.path, .readWrite).reserve(from: Int64(crashed.size), bytes: 1 << 20)
        } catch {
            return  // Where the file system cannot reserve there is nothing to give back.
        }
        try await LogDirectory.open(crashed.root).close()
        let status = try #require(try FileSystem.status(crashed.path))
        #expect(status.size == Int64(crashed.size))
        #expect(status.allocatedBytes < 1 << 19)
    }
}
