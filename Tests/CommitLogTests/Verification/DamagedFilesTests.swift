import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import CommitLog

@Suite("A verifier, over damaged files beside the batches", .temporaryDirectory)
struct DamagedFilesTests {
    @Test(
        "every wrong bit of an index entry is told at that entry",
        arguments: [SegmentFileName.Kind.index, .timeindex]
    )
    func entries(kind: SegmentFileName.Kind) async throws {
        let log = try await VerifiedLog.make()
        let segment = log.segments[1]
        let path = log.path(segment, kind)
        let width = kind == .index ? OffsetIndexEntry.byteCount : TimeIndexEntry.byteCount
        let count = try Fixtures.bytes(of: path).count / width
        #expect(count >= 2)
        for index in 0..<(count * width) {
            // A bit that makes the offset that of another record of the batch would do no harm to a time index.
            let bit = index % width == width - 1 ? 3 : index * 3 % 8
            let found = try log.with(path) {
                $0[index] ^= 1 << UInt8(bit)
            } _: {
                try log.verify(log.directory)
            }
            let place: Comment = "bit \(bit) of byte \(index): \(found)"
            #expect(!found.isEmpty, place)
            #expect(found.allSatisfy { $0.path == path && $0.severity == .fault }, place)
            #expect(found.allSatisfy { $0.kind == (kind == .index ? .offsetIndex : .timeIndex) }, place)
            #expect(found.contains { $0.position == FilePosition(Int64(index / width * width)) }, place)
        }
    }

    @Test("index files that lost or gained something are told")
    func indexSizes() async throws {
        let log = try await VerifiedLog.make()
        let path = log.path(log.segments[0], .index)
        let size = try Fixtures.bytes(of: path).count
        func found(_ change: (inout [UInt8]) -> Void) throws -> [VerificationFault] {
            try log.with(path, changed: change) { try log.verify() }
        }
        // Fewer entries are none the worse: an index is sparse.
        #expect(try found { $0.removeLast(8) } == [])
        #expect(try found { $0.removeLast(3) }.map(\.position) == [FilePosition(Int64(size - 8))])
        #expect(try found { $0.removeLast(size - 5) }.map(\.position) == [.start])
        #expect(try found { $0 += [0, 0, 9, 9, 0, 0, 9, 9] }.map(\.position) == [FilePosition(Int64(size))])
        #expect(try found { $0 += [UInt8](repeating: 0, count: 16) + [0, 0, 9, 9, 0, 0, 9, 9] }.count == 1)
        // However wrong a file is, what is told of it is bounded.
        #expect(try found { $0 += (0..<80_000).map { UInt8(truncatingIfNeeded: $0) } }.count <= 16)
        try FileSystem.removeFile(path)
        #expect(try log.verify().map(\.kind) == [.missing])
    }

    @Test("transaction indexes and producer snapshots are checked against Kafka's")
    func transactions() async throws {
        let root = TemporaryDirectory.current.appending("kafka")
        try Fixtures.copy(Fixtures.logDirectory(.clean), to: root)
        let log = try VerifiedLog(root: root, directory: root.appending("txn-0"))
        let files = try FileSystem.list(log.directory).compactMap { SegmentFileName(parsing: $0.name) }
        let index = try #require(
            try files.first {
                try $0.kind == .txnindex && !Fixtures.bytes(of: log.path($0.baseOffset, .txnindex)).isEmpty
            }
        )
        let path = log.path(index.baseOffset, .txnindex)
        // The version, the producer, and the last offset.
        for byte in [1, 9, 24, 25] {
            let found = try log.with(path) {
                $0[byte] ^= 0x21
            } _: {
                try log.verify(log.directory)
            }
            #expect(found.first?.path == path, "byte \(byte): \(found)")
            #expect(found.first?.kind == .transactionIndex)
            #expect(found.first?.position == .start)
        }
        let snapshot = try #require(files.last { $0.kind == .snapshot })
        let snapshotPath = log.path(snapshot.baseOffset, .snapshot)
        for byte in [0, 3, 9, 20] {
            let found = try log.with(snapshotPath) {
                $0[byte] ^= 0x21
            } _: {
                try log.verify(log.directory)
            }
            #expect(found.map(\.kind) == [.malformed], "byte \(byte): \(found)")
            #expect(found.first?.path == snapshotPath)
        }
    }

    @Test("a segment that is missing in between is told, with or without its indexes")
    func missingSegment() async throws {
        let log = try await VerifiedLog.make()
        let segment = log.segments[1]
        try FileSystem.removeFile(log.path(segment))
        let found = try log.verify().faults
        #expect(found.contains { $0.kind == .missing && $0.offset == segment }, "\(found)")
        #expect(found.contains { $0.kind == .segmentOrder && $0.path == log.path(log.segments[2]) }, "\(found)")
        for kind in [SegmentFileName.Kind.index, .timeindex] { try FileSystem.removeFile(log.path(segment, kind)) }
        let without = try log.verify().faults
        #expect(without.map(\.kind) == [.segmentOrder], "\(without)")
    }

    @Test("a segment under the name of another offset is told", arguments: [-2, -1, 1, 2])
    func renamed(by distance: Int) async throws {
        let log = try await VerifiedLog.make()
        let segment = log.segments[1]
        let wrong = segment + distance
        for kind in [SegmentFileName.Kind.log, .index, .timeindex] {
            try FileSystem.rename(from: log.path(segment, kind), to: log.path(wrong, kind))
        }
        let found = try log.verify().faults
        let isTold = found.contains {
            $0.path == log.path(wrong) && ($0.kind == .segmentOrder || $0.kind == .offsetOrder)
        }
        #expect(isTold, "\(found)")
    }

    @Test("a list of epochs that differs from the batches is told, once for each way")
    func epochs() async throws {
        let log = try await VerifiedLog.make()
        let path = log.directory.appending(LeaderEpochCache.fileName)
        func kinds(_ text: String) throws -> [VerificationFault.Kind] {
            try log.with(path) {
                $0 = Array(text.utf8)
            } _: {
                try log.verify()
            }.map(\.kind)
        }
        #expect(try kinds("0\n2\n0 0\n1 18\n") == [])
        #expect(try kinds("0\n2\n0 0\n1 15\n") == [.leaderEpoch])
        #expect(try kinds("0\n2\n0 0\n2 18\n") == [.leaderEpoch])
        #expect(try kinds("0\n3\n0 0\n1 18\n2 99\n") == [.leaderEpoch])
        #expect(try kinds("0\n2\n0 0\n1 x\n") == [.malformed])
    }

    @Test("checkpoints that name what is not there are told")
    func checkpoints() async throws {
        let log = try await VerifiedLog.make()
        func kinds(_ name: String, _ text: String) throws -> [VerificationFault.Kind] {
            try log.with(log.root.appending(name)) {
                $0 = Array(text.utf8)
            } _: {
                try log.verify()
            }.map(\.kind)
        }
        #expect(try kinds("replication-offset-checkpoint", "0\n1\nt 0 37\n") == [.checkpoint])
        #expect(try kinds("log-start-offset-checkpoint", "0\n1\nt 0 99\n") == [.checkpoint])
        // Our own checkpoint then goes with another file.
        #expect(try kinds("recovery-point-offset-checkpoint", "0\n1\nt 0 40\n") == [.checkpoint, .checkpoint])
        #expect(try kinds("recovery-point-offset-checkpoint", "0\n2\nt 0 36\nu 3 5\n") == [.checkpoint, .checkpoint])
        #expect(try kinds("recovery-point-offset-checkpoint", "0\n2\nt 0 36\n") == [.malformed])
        #expect(try kinds("meta.properties", "version=1\n") == [.malformed])
        #expect(try kinds("t-0/partition.metadata", "version: 1\n") == [.malformed])
        #expect(try kinds(".kafka_cleanshutdown", "{") == [.malformed])
    }

    @Test("a durable position within a batch, or behind the end, is told")
    func durablePosition() async throws {
        let log = try await VerifiedLog.make()
        let path = log.root.appending(DurableCheckpoint.fileName)
        let end = try Fixtures.bytes(of: log.path(log.segments[log.segments.count - 1])).count
        for (position, expected) in [(end - 1, end - 1), (5, 5), (end + 1, end)] {
            let found = try log.with(path) { bytes in
                var checkpoint = try DurableCheckpoint(parsing: bytes)
                checkpoint.entries[.test]?.position = FilePosition(Int64(position))
                bytes = checkpoint.encoded()
            } _: {
                try log.verify()
            }
            #expect(found.map(\.kind) == [.checkpoint], "\(position): \(found)")
            #expect(found.first?.position == FilePosition(Int64(expected)))
        }
    }

    @Test("a file that cannot be read is told, and the rest is checked")
    func unreadable() async throws {
        let log = try await VerifiedLog.make()
        let path = log.path(log.segments[0])
        let fault = FaultInjector.install(under: path) { $0.name == .pread ? .fail(.ioError) : .proceed }
        let found = try log.verify()
        fault.remove()
        #expect(found.first?.kind == .unreadable, "\(found)")
        #expect(found.first?.path == path)
    }
}
