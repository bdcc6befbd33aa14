import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import CommitLog

@Suite("Opening a log that was not closed", .temporaryDirectory)
struct RecoveryTests {
    private var root: FilePath { TemporaryDirectory.current.appending("data") }
    private var copy: FilePath { TemporaryDirectory.current.appending("copy") }
    private let valueBytes = 60

    private func name(_ base: Int64, _ kind: SegmentFileName.Kind = .log) -> String {
        "t-0/" + SegmentFileName(baseOffset: Offset(base), kind: kind).description
    }

    /// A log of `durable` batches on disk and in the checkpoints, then `lost` batches that no checkpoint knows of; as a
    /// crash of the process leaves it, in ``copy``.
    private func crashed(durable: Int, lost: Int, _ configuration: LogConfiguration) async throws {
        let directory = try await LogDirectory.open(root, configuration)
        let log = try directory.makeLog()
        for tag in 0..<durable {
            _ = try log.append(Batches.batch(valueBytes: valueBytes, timestamp: timestamp(tag), tag: tag))
        }
        try await log.flush()
        await directory.services.housekeeper.run {}
        try directory.services.checkpoints.writeAll()
        #expect(log.durableOffset == Offset(Int64(durable)))
        // Later checkpoints must not reach the copy.
        let frozen = try FileSystem.readFile(root.appending(DurableCheckpoint.fileName), limit: 1 << 20)
        for tag in durable..<(durable + lost) {
            _ = try log.append(Batches.batch(valueBytes: valueBytes, timestamp: timestamp(tag), tag: tag))
        }
        try await log.flush()
        try Fixtures.copy(root, to: copy)
        try FileSystem.replaceFile(copy.appending(DurableCheckpoint.fileName), contents: frozen)
        try await directory.close()
    }

    /// Out of order, as producers' clocks are.
    private func timestamp(_ tag: Int) -> Int64 { 1_700_000_000_000 + Int64(tag * 7919 % 101) }

    private func values(_ log: PartitionLog) async throws -> [[UInt8]?] { try await log.readAll().map(\.value) }

    private func expected(_ count: Int) -> [[UInt8]] {
        (0..<count).map { Batches.value(tag: $0, index: 0, bytes: valueBytes) }
    }

    @Test(
        "everything in the page cache is there again, with indexes as they would have been",
        arguments: [true, false]
    )
    func killed(isSmall: Bool) async throws {
        let configuration = isSmall ? LogConfiguration.small : LogConfiguration()
        try await crashed(durable: 60, lost: 70, configuration)
        let directory = try await LogDirectory.open(copy, configuration)
        _ = directory.services.cache.sweep()
        #expect(directory.services.cache.sweep() == 0, "a recovered log has no file open")
        let log = try directory.makeLog()
        #expect(try await values(log) == expected(130))
        #expect(log.durableOffset == Offset(130))
        #expect(directory.recovery.tornBytes == 0)
        #expect(directory.recovery.checkedBytes > 0)
        #expect(directory.leaderEpoch == LeaderEpoch(1))
        try await directory.close()
        for file in try Fixtures.files(below: root.appending("t-0"), suffix: "index") {
            let other = copy.appending("t-0").appending(Fixtures.names(of: file).file)
            #expect(try Fixtures.bytes(of: file) == Fixtures.bytes(of: other), "\(file)")
        }
    }

    @Test("blocks behind the end are given up, though nothing is torn: a second crash would bring back what they hold")
    func blocksBehindTheEnd() async throws {
        try await crashed(durable: 10, lost: 3, LogConfiguration())
        let injector = FaultInjector.install(under: copy.appending(name(0)))
        let directory = try await LogDirectory.open(copy)
        let calls = injector.calls.map(\.name)
        injector.remove()
        let cut = try #require(calls.firstIndex(of: .ftruncate))
        #expect(calls[cut...].contains(.fdatasync))
        #expect(try await values(directory.makeLog()) == expected(13))
        try await directory.close()
    }

    @Test("a missing segment of a log that is newer than the checkpoint is a tear, and no gap that compaction left")
    func holeInNewLog() async throws {
        let directory = try await LogDirectory.open(root, .small)
        // As it was written when the directory was opened.
        let frozen = try FileSystem.readFile(root.appending(DurableCheckpoint.fileName), limit: 1 << 20)
        let log = try directory.makeLog()
        for tag in 0..<100 { _ = try log.append(Batches.batch(valueBytes: valueBytes, tag: tag)) }
        let bases = log.segments.map(\.baseOffset.rawValue)
        #expect(bases.count > 3)
        try Fixtures.copy(root, to: copy)
        try FileSystem.replaceFile(copy.appending(DurableCheckpoint.fileName), contents: frozen)
        try FileSystem.removeFile(copy.appending(name(bases[2])))
        let reopened = try await LogDirectory.open(copy, .small)
        let found = try reopened.makeLog()
        #expect(found.failure == nil)
        #expect(found.logEndOffset == Offset(bases[2]))
        #expect(try await values(found) == expected(Int(bases[2])))
        #expect(reopened.recovery.tornBytes > 0)
        try await reopened.close()
        try await directory.close()
    }

    @Test("only the tail is read")
    func tailOnly() async throws {
        try await crashed(durable: 400, lost: 5, .small)
        let injector = FaultInjector.install(under: copy.appending("t-0"))
        let directory = try await LogDirectory.open(copy, .small)
        let opened = Set(injector.calls.filter { $0.name == .pread && $0.path.string.hasSuffix(".log") }.map(\.path))
        injector.remove()
        #expect(opened.count <= 2)
        #expect(try directory.makeLog().segmentCount > 10)
        try await directory.close()
    }

    @Test("a tear is cut off at any length, kept beside the log, and the rest is served")
    func torn() async throws {
        try await crashed(durable: 10, lost: 3, LogConfiguration())
        let whole = try Fixtures.bytes(of: copy.appending(name(0)))
        let batchBytes = whole.count / 13
        for length in (whole.count - 2 * batchBytes)..<whole.count {
            let scene = TemporaryDirectory.current.appending("torn-\(length)")
            try Fixtures.copy(copy, to: scene)
            try FileSystem.replaceFile(scene.appending(name(0)), contents: Array(whole[..<length]))
            let kept = length / batchBytes
            let directory = try await LogDirectory.open(scene)
            let log = try directory.makeLog()
            #expect(log.logEndOffset == Offset(Int64(kept)), "\(length)")
            let rest = length - kept * batchBytes
            #expect(directory.recovery.tornBytes == rest)
            let torn = scene.appending(name(0) + ".torn")
            if rest > 0 {
                #expect(try Fixtures.bytes(of: torn) == Array(whole[(kept * batchBytes)..<length]))
            } else {
                #expect(try FileSystem.status(torn) == nil)
            }
            if length % 16 == 0 {
                #expect(try await values(log) == expected(kept))
                try await log.appendDurably(Batches.batch())
            }
            try await directory.close()
            try FileSystem.removeTree(scene)
        }
    }

    @Test("zeros, stale bytes and permuted pages behind the durable position are a tear")
    func garbage() async throws {
        try await crashed(durable: 10, lost: 3, LogConfiguration())
        let whole = try Fixtures.bytes(of: copy.appending(name(0)))
        let batchBytes = whole.count / 13
        let tail = (10 * batchBytes)..<whole.count
        let scenes: [[UInt8]] = [
            [UInt8](repeating: 0, count: tail.count), Array(whole[..<tail.count]), Array(whole[tail].reversed()),
            Array(whole[(11 * batchBytes)...]) + Array(whole[(10 * batchBytes)..<(11 * batchBytes)]),
        ]
        for (number, bytes) in scenes.enumerated() {
            let scene = TemporaryDirectory.current.appending("garbage-\(number)")
            try Fixtures.copy(copy, to: scene)
            try FileSystem.replaceFile(scene.appending(name(0)), contents: Array(whole[..<tail.lowerBound]) + bytes)
            let directory = try await LogDirectory.open(scene)
            let log = try directory.makeLog()
            #expect(try await values(log) == expected(10), "scene \(number)")
            #expect(directory.recovery.tornBytes == tail.count)
            try await directory.close()
        }
    }

    @Test("a leader epoch that was never used, or is not its offset's, is found out though no CRC covers it")
    func epochs() async throws {
        try await crashed(durable: 10, lost: 3, LogConfiguration())
        let whole = try Fixtures.bytes(of: copy.appending(name(0)))
        let batchBytes = whole.count / 13
        for (batch, bit) in [(10, 0), (10, 6), (11, 0), (12, 6)] {
            let scene = TemporaryDirectory.current.appending("epoch-\(batch)-\(bit)")
            try Fixtures.copy(copy, to: scene)
            var bytes = whole
            bytes[batch * batchBytes + 15] ^= 1 << UInt8(bit)
            try FileSystem.replaceFile(scene.appending(name(0)), contents: bytes)
            let directory = try await LogDirectory.open(scene)
            #expect(try await values(try directory.makeLog()) == expected(batch))
            #expect(directory.recovery.tornBytes == (13 - batch) * batchBytes)
            try await directory.close()
        }
    }

    @Test("damage to what was durable fences the partition, names the place, and changes nothing")
    func corrupt() async throws {
        try await crashed(durable: 40, lost: 5, .small)
        let directory = try await LogDirectory.open(copy, .small)
        let last = try #require(try directory.makeLog().segments.last).baseOffset.rawValue
        try await directory.close()
        try FileSystem.removeTree(copy)
        try await LogDirectory.open(root, .small).close()
        try FileSystem.removeTree(root)
        try await crashed(durable: 40, lost: 5, .small)

        // The last segment loses durable bytes; another partition is not affected.
        let checkpoint = try DurableCheckpoint(parsing: Fixtures.bytes(of: copy.appending(DurableCheckpoint.fileName)))
        let entry = try #require(checkpoint.entries[.test])
        let file = copy.appending(name(entry.segment.rawValue))
        let bytes = try Fixtures.bytes(of: file)
        try FileSystem.replaceFile(file, contents: Array(bytes[..<Int(entry.position.rawValue - 10)]))
        // The next segment's file may have been made or not; it is no part of the log, and goes with every opening.
        let before = try FileSystem.list(copy.appending("t-0")).map(\.name).filter { !$0.hasSuffix(".prepared") }
        let again = try await LogDirectory.open(copy, .small)
        let log = try #require(again.log(for: .test))
        let failure = try #require(log.failure)
        #expect(failure.code == .fenced)
        #expect(failure.location.path == file)
        #expect(failure.message.contains("durable up to \(entry.offset)"))
        #expect(throws: LogError.self) { try log.append(Batches.batch()) }
        await #expect(throws: LogError.self) { try await log.slice(from: Offset(0), maxBytes: 1) }
        try await again.createLog(.named("other")).appendDurably(Batches.batch())
        await #expect(throws: LogError.self) { try await again.close() }
        #expect(try FileSystem.list(copy.appending("t-0")).map(\.name) == before)
        #expect(last >= entry.segment.rawValue)

        // It stays fenced, until the file is restored.
        let still = try await LogDirectory.open(copy, .small)
        #expect(still.log(for: .test)?.failure?.code == .fenced)
        await #expect(throws: LogError.self) { try await still.close() }
        try FileSystem.replaceFile(file, contents: bytes)
        let restored = try await LogDirectory.open(copy, .small)
        #expect(try await values(try restored.makeLog()) == expected(45))
        try await restored.close()
    }

    @Test("a missing segment in the tail is found out, above the durable position as a tear, below as damage")
    func missingSegment() async throws {
        try await crashed(durable: 40, lost: 120, .small)
        let entry = try #require(
            try DurableCheckpoint(parsing: Fixtures.bytes(of: copy.appending(DurableCheckpoint.fileName))).entries[
                .test
            ]
        )
        let bases = try FileSystem.list(copy.appending("t-0")).compactMap { SegmentFileName(parsing: $0.name) }
            .filter { $0.kind == .log && $0.suffix == nil }.map(\.baseOffset.rawValue).sorted()
        let later = bases.filter { $0 > entry.segment.rawValue }
        try #require(later.count > 2)
        let scene = TemporaryDirectory.current.appending("scene")
        try Fixtures.copy(copy, to: scene)
        try FileSystem.removeFile(scene.appending(name(later[0])))
        let torn = try await LogDirectory.open(scene, .small)
        #expect(try await values(try torn.makeLog()) == expected(Int(later[0])))
        try await torn.close()
        for base in later.dropFirst() {
            #expect(try FileSystem.status(scene.appending(name(base) + ".torn")) != nil)
            #expect(try FileSystem.status(scene.appending(name(base))) == nil)
        }
        try FileSystem.removeFile(copy.appending(name(entry.segment.rawValue)))
        let fenced = try await LogDirectory.open(copy, .small)
        #expect(fenced.log(for: .test)?.failure?.code == .fenced)
        await #expect(throws: LogError.self) { try await fenced.close() }
    }

    @Test("indexes that are missing, cut, zeroed or nonsense are made anew", arguments: Seed.all)
    func indexes(seed: Seed) async throws {
        var random = seed.generator
        try await crashed(durable: 60, lost: 20, .small)
        let recoveryPoint = try #require(
            try OffsetCheckpoint(parsing: Fixtures.bytes(of: copy.appending("recovery-point-offset-checkpoint")))
                .offsets[.test]
        )
        for suffix in [".index", ".timeindex"] {
            let files = try Fixtures.files(below: copy.appending("t-0"), suffix: suffix)
            let active = files.filter { file in
                SegmentFileName(parsing: Fixtures.names(of: file).file).map { $0.baseOffset >= recoveryPoint } ?? false
            }
            for file in active {
                var bytes = try Fixtures.bytes(of: file)
                switch Int.random(in: 0..<5, using: &random) {
                case 0:
                    try FileSystem.removeFile(file)
                    continue
                case 1: bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
                case 2: bytes += [UInt8](repeating: 0, count: 800)
                case 3: for index in bytes.indices where random.chance(oneIn: 3) { bytes[index] = 0 }
                default: bytes = random.bytes(count: 0...400)
                }
                try FileSystem.replaceFile(file, contents: bytes)
            }
        }
        let directory = try await LogDirectory.open(copy, .small)
        #expect(try await values(try directory.makeLog()) == expected(80), "\(seed)")
        // Time entries may be fewer than they were; what they lead to is the same.
        let records = try await directory.makeLog().readAll()
        for record in records {
            let expected = records.first { $0.timestamp >= record.timestamp }
            #expect(try await directory.makeLog().offset(for: .timestamp(record.timestamp))?.offset == expected?.offset)
        }
        let largest = records.map(\.timestamp).max()
        #expect(try await directory.makeLog().offset(for: .maxTimestamp)?.timestamp == largest, "\(seed)")
        try await directory.close()
        for file in try Fixtures.files(below: root.appending("t-0"), suffix: ".index") {
            let other = copy.appending("t-0").appending(Fixtures.names(of: file).file)
            #expect(try Fixtures.bytes(of: file) == Fixtures.bytes(of: other), "\(seed) \(file)")
        }
    }

    @Test("without our checkpoint, or with an unreadable one, Kafka's is enough", arguments: [true, false])
    func foreignHands(isRemoved: Bool) async throws {
        try await crashed(durable: 60, lost: 20, .small)
        let file = copy.appending(DurableCheckpoint.fileName)
        if isRemoved {
            try FileSystem.removeFile(file)
        } else {
            try FileSystem.replaceFile(file, contents: Array("nonsense\n".utf8))
        }
        let directory = try await LogDirectory.open(copy, .small)
        #expect(try await values(try directory.makeLog()) == expected(80))
        try await directory.close()
    }

    @Test(
        "a broker's directory, clean or killed, opens with what its broker had made of it",
        arguments: Fixtures.State.allCases
    )
    func brokerDirectory(state: Fixtures.State) async throws {
        try Fixtures.copy(Fixtures.logDirectory(state), to: copy)
        var configuration = LogDirectory.Configuration()
        for (topic, interval) in [
            "plain-none": 256, "plain-snappy": 256, "plain-zstd": 1024, "idem": 256, "txn": 256, "multi": 256,
        ] {
            configuration.topics[topic] = LogConfiguration()
            configuration.topics[topic]?.indexIntervalBytes = interval
        }
        let directory = try await LogDirectory.open(copy, configuration: configuration, logger: quietLogger)
        #expect(directory.leaderEpoch.rawValue > 2)
        struct Summary: Decodable {
            var topicPartition: String
            var logStartOffset: Int64?
            var logEndOffset: Int64?
        }
        let summaries = try JSONLines.decode(
            Summary.self,
            from: Fixtures.expectedDirectory(state).appending("summary.jsonl")
        )
        for summary in summaries {
            guard let end = summary.logEndOffset, let start = summary.logStartOffset else { continue }
            let log = try #require(directory.log(for: TopicPartition(directoryName: summary.topicPartition)))
            #expect(log.failure == nil)
            #expect(log.logStartOffset == Offset(start))
            #expect(log.logEndOffset == Offset(end))
            if end > start { #expect(try await !log.slice(from: Offset(start), maxBytes: 100).isEmpty) }
        }
        try await directory.close()
        // What the broker itself recovered: its indexes, entry by entry.
        guard state == .unclean else { return }
        let recovered = try Fixtures.directory.appending("expected").appending("recovered")
        for file in try Fixtures.files(below: recovered, suffix: "index.txt") {
            let (partition, name) = Fixtures.names(of: file)
            if name.hasSuffix(".txnindex.txt") { continue }
            let index = String(name.dropLast(4))
            let bytes = try Fixtures.bytes(of: copy.appending(partition).appending(index))
            let base = try #require(SegmentFileName(parsing: index)).baseOffset
            let lines = try Fixtures.lines(of: file).filter { $0.hasPrefix("offset:") || $0.hasPrefix("timestamp:") }
            let entries = lines.filter { $0 != "offset: \(base) position: 0" && $0 != "timestamp: 0 offset: \(base)" }
            let ours: [String]
            if index.hasSuffix(".timeindex") {
                let view = IndexEntries<TimeIndexEntry>(bytes.rawSpan)
                ours = try (0..<view.count).map {
                    let entry = try view.entry($0)
                    return "timestamp: \(entry.timestamp) offset: \(base + Int(entry.relativeOffset))"
                }
            } else {
                let view = IndexEntries<OffsetIndexEntry>(bytes.rawSpan)
                ours = try (0..<view.count).map {
                    let entry = try view.entry($0)
                    return "offset: \(base + Int(entry.relativeOffset)) position: \(entry.position)"
                }
            }
            #expect(ours == entries, "\(partition)/\(index)")
        }
    }
}
