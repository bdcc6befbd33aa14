import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import CommitLog

@Suite("Appends of idempotent producers", .temporaryDirectory)
struct IdempotentAppendTests {
    private var root: FilePath { TemporaryDirectory.current.appending("data") }

    /// The offsets of the snapshots in the log's directory.
    private func snapshots(_ root: FilePath? = nil) throws -> [Int64] {
        try ProducerSnapshots(in: (root ?? self.root).appending("t-0")).all().map(\.rawValue)
    }

    /// The path of a snapshot.
    private func snapshot(at offset: Int64, _ root: FilePath? = nil) -> FilePath {
        let name = SegmentFileName(baseOffset: Offset(offset), kind: .snapshot).description
        return (root ?? self.root).appending("t-0").appending(name)
    }

    /// A log of many segments that two producers have written to, the first of them only at its beginning.
    private func logOfTwoProducers(in directory: LogDirectory) async throws -> PartitionLog {
        let log = try directory.makeLog()
        _ = try append(0..<1, of: 3, to: log)
        _ = try append(0..<100, to: log)
        try await log.flush()
        await directory.services.housekeeper.run {}
        return log
    }

    /// Copies a directory, as a kill leaves it.
    private func killed(_ root: FilePath, as name: String = "copy") throws -> FilePath {
        let copy = TemporaryDirectory.current.appending(name)
        try Fixtures.copy(root, to: copy)
        return copy
    }

    /// Appends batches of two records with the sequence numbers from `first` on.
    private func append(
        _ numbers: Range<Int32>,
        of producer: Int64 = 7,
        to log: PartitionLog
    ) throws -> [AppendResult] {
        try numbers.map { try log.append(Batches.batch(of: producer, $0 * 2, 2)) }
    }

    /// Whether the log knows the batch, and has appended nothing.
    private func expectKnown(
        _ number: Int32,
        of producer: Int64 = 7,
        at offset: Int64? = nil,
        in log: PartitionLog,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let end = log.logEndOffset
        let result = try log.append(Batches.batch(of: producer, number * 2, 2))
        #expect(result.isDuplicate, sourceLocation: sourceLocation)
        #expect(result.baseOffset == Offset(offset ?? Int64(number) * 2), sourceLocation: sourceLocation)
        #expect(result.lastOffset == result.baseOffset + 1, sourceLocation: sourceLocation)
        #expect(log.logEndOffset == end, sourceLocation: sourceLocation)
    }

    // MARK: Judging

    @Test("each of the last five batches is answered with its offsets, and not appended again")
    func duplicates() async throws {
        let directory = try await LogDirectory.open(root)
        let log = try directory.makeLog()
        #expect(try !append(0..<8, to: log).contains { $0.isDuplicate })
        try await log.flush()
        let bytes = log.byteCount
        for number: Int32 in 3..<8 { try expectKnown(number, in: log) }
        let error = await failure(of: { try log.append(Batches.batch(of: 7, 2 * 2, 2)) })
        #expect(error?.code == .outOfOrderSequence)
        #expect(error?.isRetryable == false && error?.isFatal == false)
        #expect(log.byteCount == bytes && directory.bytesAtRisk == 0)
        #expect(try await log.readAll().count == 16)
        try await directory.close()
    }

    @Test("a batch that leaves a gap, or is of an epoch that has ended, is refused, and the log as it was")
    func refusals() async throws {
        let directory = try await LogDirectory.open(root)
        let log = try directory.makeLog()
        _ = try append(0..<2, to: log)
        #expect(await failure(of: { try log.append(Batches.batch(of: 7, 5)) })?.code == .outOfOrderSequence)
        _ = try log.append(Batches.batch(of: 7, 0, epoch: 1))
        #expect(await failure(of: { try log.append(Batches.batch(of: 7, 4)) })?.code == .producerFenced)
        #expect(await failure(of: { try log.append(Batches.batch(of: 7, 1, epoch: 3)) })?.code == .outOfOrderSequence)
        let transactional = try Batches.batch(of: 7, 1, epoch: 1, isTransactional: true)
        #expect(await failure(of: { try log.append(transactional) })?.code == .invalidTransactionState)
        #expect(log.logEndOffset == Offset(5))
        #expect(try log.append(Batches.batch(of: 7, 1, epoch: 1)).baseOffset == Offset(5))
        try await directory.close()
    }

    @Test("a write that failed is not taken for the batch that is sent again")
    func failedWrite() async throws {
        let directory = try await LogDirectory.open(root)
        let log = try directory.makeLog()
        _ = try append(0..<1, to: log)
        let fault = FaultInjector.install(under: root.appending("t-0")) { call in
            call.name == .pwrite ? .fail(.noSpace) : .proceed
        }
        let error = await failure(of: { try self.append(1..<2, to: log) })
        fault.remove()
        #expect(error?.code == .outOfSpace)
        let again = try append(1..<2, to: log)[0]
        #expect(!again.isDuplicate && again.baseOffset == Offset(2))
        try await directory.close()
    }

    @Test("an append with a producer id has one batch, since a duplicate among several could be told of in no answer")
    func severalBatches() async throws {
        let directory = try await LogDirectory.open(root)
        let log = try directory.makeLog()
        _ = try append(0..<1, to: log)
        for batches in [
            try Batches.batch(of: 7, 0, 2) + Batches.batch(of: 7, 2, 2),
            try Batches.batch() + Batches.batch(of: 7, 2, 2),
        ] {
            #expect(await failure(of: { try log.append(batches) })?.code == .invalidRecord)
        }
        #expect(log.logEndOffset == Offset(2))
        #expect(try log.append(Batches.batch() + Batches.batch()).lastOffset == Offset(3))
        try await directory.close()
    }

    @Test("a duplicate counts as durable when the original is, and has the time of its append")
    func durability() async throws {
        var configuration = LogConfiguration()
        configuration.flushMessages = .max
        configuration.timestampType = .logAppendTime
        let directory = try await LogDirectory.open(root, configuration)
        let log = try directory.makeLog()
        let batch = try Batches.batch(of: 7, 0)
        let time = Timestamp(1_800_000_000_000)
        #expect(try log.append(batch, at: time).logAppendTime == time)
        #expect(log.durableOffset == Offset(0))
        let result = try await onOwnThread {
            var batch = batch
            return try batch.withMutableBytes { try log.appendAndCommit(&$0, at: .now) }
        }
        #expect(result.isDuplicate && result.logAppendTime == time)
        #expect(log.durableOffset == Offset(1))
        try await directory.close()
    }

    // MARK: Openings

    @Test("after a clean close the last batch of each is known, from a snapshot alone")
    func cleanClose() async throws {
        var directory = try await LogDirectory.open(root)
        var log = try directory.makeLog()
        _ = try append(0..<8, to: log)
        _ = try append(0..<1, of: 9, to: log)
        let known = log.producers
        try await directory.close()
        #expect(try snapshots() == [0, 18])
        directory = try await LogDirectory.open(root)
        log = try directory.makeLog()
        #expect(log.producers == known)
        try expectKnown(7, in: log)
        try expectKnown(0, of: 9, at: 16, in: log)
        #expect(try append(8..<9, to: log)[0].baseOffset == Offset(18))
        try await directory.close()
        #expect(try snapshots() == [0, 20], "what is in between is of no use")
        directory = try await LogDirectory.open(root)
        try await directory.close()
        #expect(try snapshots() == [0, 20])
    }

    @Test("after a kill the last five batches are known, over rolls too", arguments: [false, true])
    func kill(isSmall: Bool) async throws {
        let directory = try await LogDirectory.open(root, isSmall ? .small : LogConfiguration())
        let log = try directory.makeLog()
        _ = try append(0..<100, to: log)
        try await log.flush()
        await directory.services.housekeeper.run {}
        if isSmall { #expect(try snapshots().last == log.segments.last?.baseOffset.rawValue) }
        let again = try await LogDirectory.open(killed(root), isSmall ? .small : LogConfiguration())
        let recovered = try again.makeLog()
        let inLast = (200 - recovered.segments[recovered.segmentCount - 1].baseOffset.rawValue) / 2
        for number in Int32(max(95, 100 - inLast))..<100 { try expectKnown(number, in: recovered) }
        #expect(recovered.producers.map(\.lastSequence.rawValue) == [199])
        #expect(try append(100..<101, to: recovered)[0].isDuplicate == false)
        try await again.close()
        try await directory.close()
    }

    @Test("a damaged or missing snapshot costs time alone", arguments: ["damaged", "empty", "missing"])
    func damagedSnapshot(damage: String) async throws {
        var directory = try await LogDirectory.open(root, .small)
        var log = try directory.makeLog()
        _ = try append(0..<100, to: log)
        _ = try append(0..<50, of: 3, to: log)
        let known = log.producers.map(\.lastOffset)
        try await directory.close()
        let all = try snapshots()
        // All but the first, which alone tells that there are producers.
        for offset in all.dropFirst() {
            let path = snapshot(at: offset)
            var bytes = try Fixtures.bytes(of: path)
            switch damage {
            case "damaged": bytes[bytes.count / 2] ^= 4
            case "empty": bytes = []
            default: break
            }
            try FileSystem.removeFile(path)
            if damage != "missing" { try FileSystem.replaceFile(path, contents: bytes) }
        }
        directory = try await LogDirectory.open(root, .small)
        log = try directory.makeLog()
        #expect(log.producers.map(\.lastOffset) == known)
        try expectKnown(49, of: 3, at: 298, in: log)
        try await directory.close()
        directory = try await LogDirectory.open(root, .small)
        #expect(try directory.makeLog().producers.map(\.lastOffset) == known)
        try await directory.close()
    }

    @Test("all snapshots damaged: the log is read from its start, and has one again")
    func allDamaged() async throws {
        var directory = try await LogDirectory.open(root)
        _ = try append(0..<9, to: directory.makeLog())
        try await directory.close()
        for offset in try snapshots() { try FileSystem.replaceFile(snapshot(at: offset), contents: [1, 2, 3]) }
        directory = try await LogDirectory.open(root)
        for number: Int32 in 4..<9 { try expectKnown(number, in: try directory.makeLog()) }
        #expect(try snapshots() == [18])
        try await directory.close()
    }

    @Test("a log without producers gets no snapshot")
    func withoutProducers() async throws {
        let directory = try await LogDirectory.open(root, .small)
        let log = try directory.makeLog()
        for _ in 0..<100 { _ = try log.append(Batches.batch()) }
        try await log.flush()
        try await directory.close()
        #expect(try snapshots() == [])
    }

    @Test("a producer that has written nothing for producer.id.expiration.ms is forgotten")
    func expiry() async throws {
        var configuration = LogConfiguration()
        configuration.producerIDExpirationMs = 3_600_000
        configuration.timestampAfterMaxMs = .max
        var directory = try await LogDirectory.open(root, configuration)
        var log = try directory.makeLog()
        let now = Timestamp.now
        _ = try log.append(Batches.batch(of: 1, 0, timestamp: now), at: Timestamp(now.rawValue - 3_600_001))
        // What it writes may be of long ago.
        let old = Timestamp(now.rawValue - 100 * 3_600_000)
        _ = try log.append(Batches.batch(of: 2, 0, timestamp: old), at: now)
        try await log.flush()
        try await directory.close()
        directory = try await LogDirectory.open(root, configuration)
        log = try directory.makeLog()
        #expect(log.producers.map(\.producerID.rawValue) == [2])
        try await directory.close()
    }

    // MARK: Cuts

    @Test("what was cut off at the tail can be sent again, and what was kept is known", arguments: Seed.all)
    func tail(seed: Seed) async throws {
        var random = seed.generator
        let directory = try await LogDirectory.open(root, .small)
        let log = try directory.makeLog()
        _ = try append(0..<100, to: log)
        try await log.flush()
        if Bool.random(using: &random) { await directory.services.housekeeper.run {} }
        let kept = Int32.random(in: 0..<100, using: &random)
        try log.truncateTail(to: Offset(Int64(kept) * 2))
        #expect(log.producers.map(\.lastSequence.rawValue) == (kept > 0 ? [kept * 2 - 1] : []))
        #expect(try snapshots().allSatisfy { $0 <= Int64(kept) * 2 })
        if kept > 0 { try expectKnown(kept - 1, in: log) }
        #expect(try append(kept..<120, to: log).last?.baseOffset == Offset(238))
        for number: Int32 in 115..<120 { try expectKnown(number, in: log) }
        let known = log.producers
        try await directory.close()
        let again = try await LogDirectory.open(root, .small)
        #expect(try again.makeLog().producers == known)
        try await again.close()
    }

    @Test("a cut of the head forgets no producer, and takes the snapshots of segments that are gone")
    func head() async throws {
        let directory = try await LogDirectory.open(root, .small)
        let log = try await logOfTwoProducers(in: directory)
        try await log.truncateHead(to: log.highWatermark)
        #expect(log.producers.map(\.producerID.rawValue) == [3, 7])
        #expect(try snapshots() == log.segments.map(\.baseOffset.rawValue))
        let again = try await LogDirectory.open(killed(root), .small)
        #expect(try again.makeLog().producers.map(\.producerID.rawValue) == [3, 7])
        try await again.close()
        try await directory.close()
    }

    @Test("a kill before the roll's snapshot, and a cut of the head after it, forget no producer")
    func killAndHead() async throws {
        let directory = try await LogDirectory.open(root, .small)
        _ = try await logOfTwoProducers(in: directory)
        let copy = try killed(root)
        let all = try snapshots(copy)
        #expect(all.first == 0)
        for offset in all.dropFirst() { try FileSystem.removeFile(snapshot(at: offset, copy)) }
        let again = try await LogDirectory.open(copy, .small)
        let recovered = try again.makeLog()
        try await recovered.truncateHead(to: recovered.highWatermark)
        let second = try killed(copy, as: "second")
        try await again.close()
        let last = try await LogDirectory.open(second, .small)
        #expect(try last.makeLog().producers.map(\.producerID.rawValue) == [3, 7])
        try await last.close()
        try await directory.close()
    }
}
