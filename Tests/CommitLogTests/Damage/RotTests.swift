import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import CommitLog

@Suite("A log with one bit that has flipped while nobody had it open", .memoryDirectory)
struct RotTests {
    /// How the log was left.
    enum Shutdown: CaseIterable {
        case clean
        /// As if the machine had lost its power once all was on disk.
        case crash
    }

    @Test(
        "is told by the verifier, and gives out what was written or an error",
        arguments: zip(Shutdown.allCases, [CompressionCodec.none, .lz4])
    )
    func everything(shutdown: Shutdown, codec: CompressionCodec) async throws {
        let seed = Seed.all[0]
        var random = seed.generator
        let original = try await DamagedLog.make(codec: codec)
        let snapshot = ProducerSnapshot([
            .init(
                producerID: ProducerID(7),
                producerEpoch: ProducerEpoch(1),
                lastSequence: SequenceNumber(5),
                lastOffset: Offset(11),
                offsetDelta: 2,
                timestamp: Timestamp(1_700_000_000_000),
                coordinatorEpoch: 0,
                currentTransactionFirstOffset: nil
            )
        ])
        try FileSystem.replaceFile(original.path(Offset(12), .snapshot), contents: snapshot.encoded())
        if shutdown == .crash { try FileSystem.removeFile(original.root.appending(CleanShutdownFile.fileName)) }
        var verifier = try LogVerifier(original.root)
        #expect(verifier.findAll() == [])
        for path in try Fixtures.files(below: original.root) {
            let bytes = try Fixtures.bytes(of: path)
            // By default some four bits of each file.
            let chance = everyBit ? 1 : max(1, bytes.count * 8 / 4)
            for bit in 0..<(bytes.count * 8) where random.chance(oneIn: chance) {
                let scene = try original.copy(to: TemporaryDirectory.current.appending("scene"))
                let suffix = path.string.dropFirst(original.root.string.utf8.count + 1)
                let place = "\(seed) \(shutdown): bit \(bit % 8) of byte \(bit / 8) of \(suffix)"
                let damaged = scene.root.appending(String(suffix))
                try flip(bit, of: damaged)
                let changed = try Fixtures.bytes(of: damaged)
                var verifier = try LogVerifier(scene.root)
                if !isWithoutCopy(damaged, bytes, changed), !isSameList(damaged, bytes, changed, original, shutdown) {
                    #expect(!verifier.findAll().isEmpty, "\(place)")
                }
                try await check(scene, place)
                try FileSystem.removeTree(scene.root)
            }
        }
    }

    /// Opens the log, reads it, and looks at what is left of it.
    private func check(_ scene: DamagedLog, _ place: String) async throws {
        let logs = try Fixtures.files(below: scene.directory, suffix: ".log")
        let directory: LogDirectory
        do {
            directory = try await LogDirectory.open(scene.root, DamagedLog.configuration)
        } catch {
            #expect(error.code == .invalidDirectory, "\(place): \(error)")
            return
        }
        let log = try #require(directory.log(for: .test), "\(place)")
        if let failure = log.failure {
            #expect(failure.code == .fenced, "\(place): \(failure)")
        } else {
            #expect(log.logStartOffset == scene.start, "\(place)")
            #expect(log.logEndOffset == scene.end, "\(place)")
            #expect(await scene.wrongReads(of: log, from: [log.logStartOffset, Offset(20)]) == [], "\(place)")
            let isIndex = place.hasSuffix("index")
            #expect(await scene.wrongLookups(of: log, isExact: isIndex) == [], "\(place)")
        }
        try? await directory.close()
        #expect(try Fixtures.files(below: scene.directory, suffix: ".log") == logs, "\(place)")
        #expect(try Fixtures.files(below: scene.directory, suffix: ".torn") == [], "\(place)")
    }

    /// Whether a list of epochs says what it did: nobody asks where an epoch begins below the log's start, and after a crash
    /// the latest one is taken from our checkpoint.
    private func isSameList(
        _ path: FilePath,
        _ before: [UInt8],
        _ bytes: [UInt8],
        _ original: DamagedLog,
        _ shutdown: Shutdown
    ) -> Bool {
        guard Fixtures.names(of: path).file == LeaderEpochCache.fileName else { return false }
        let durable = try? DurableCheckpoint(
            parsing: Fixtures.bytes(of: original.root.appending(DurableCheckpoint.fileName))
        ).entries[.test]?.latestEpoch
        func meaning(_ bytes: [UInt8]) -> LeaderEpochCache? {
            guard var list = try? LeaderEpochCache(parsing: bytes) else { return nil }
            if shutdown == .crash, let durable { list.setLatest(durable.epoch, startOffset: durable.startOffset) }
            list.truncateFromStart(original.start)
            return list
        }
        return meaning(bytes) == meaning(before) && meaning(before) != nil
    }

    /// Whether a file says, validly, what nothing else tells: the identities of the cluster, the node, the directory and
    /// the topic, a broker's epoch, and a lower high watermark, which nobody reads; or an index entry names another record
    /// of the same batch, as some versions of Kafka do.
    private func isWithoutCopy(_ path: FilePath, _ before: [UInt8], _ bytes: [UInt8]) -> Bool {
        if path.string.hasSuffix(".timeindex") {
            func batches(_ bytes: [UInt8]) -> [[Int64]] {
                (0..<(bytes.count / TimeIndexEntry.byteCount)).map { index in
                    let entry = TimeIndexEntry(decoding: bytes.rawSpan, at: index * TimeIndexEntry.byteCount)
                    return [entry.timestamp.rawValue, Int64(entry.relativeOffset) / 3]
                }
            }
            return batches(before) == batches(bytes)
        }
        return switch Fixtures.names(of: path).file {
        case MetaProperties.fileName: (try? MetaProperties(parsing: bytes)) != nil
        case PartitionMetadata.fileName: (try? PartitionMetadata(parsing: bytes)) != nil
        case CleanShutdownFile.fileName: (try? CleanShutdownFile(parsing: bytes)) != nil
        case Checkpoints.highWatermarkFileName:
            (try? OffsetCheckpoint(parsing: bytes))?.offsets[.test].map { $0 < Offset(36) } == true
        default: false
        }
    }
}
