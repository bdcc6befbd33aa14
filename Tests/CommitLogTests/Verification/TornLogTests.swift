import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import CommitLog

@Suite("A verifier, over logs that were not closed", .temporaryDirectory)
struct TornLogTests {
    /// A log of which a crash may have left anything behind what is durable.
    private func unclean() async throws -> VerifiedLog {
        let log = try await VerifiedLog.make()
        try FileSystem.removeFile(log.root.appending(CleanShutdownFile.fileName))
        return log
    }

    @Test("bytes behind the durable position are a note, whatever they are", arguments: Seed.all)
    func torn(seed: Seed) async throws {
        let log = try await unclean()
        let last = log.segments[log.segments.count - 1]
        let end = try Fixtures.bytes(of: log.path(last)).count
        var generator = seed.generator
        let batch = try Batches.batch(count: 2)
        let tails: [[UInt8]] = [
            Array(repeating: 0, count: Int.random(in: 1..<5000, using: &generator)),
            Array(batch.prefix(Int.random(in: 1..<batch.count, using: &generator))),
            (0..<Int.random(in: 1..<200, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) },
        ]
        let tail = tails[Int.random(in: 0..<tails.count, using: &generator)]
        let found = try log.with(log.path(last)) {
            $0 += tail
        } _: {
            try log.verify()
        }
        #expect(found.map(\.kind) == [.tornTail], "\(tail.prefix(80)): \(found)")
        #expect(found.first?.severity == .note)
        #expect(found.first?.position == FilePosition(Int64(end)))
    }

    @Test("the same bytes are a fault in a log that was closed in good order")
    func cleanTail() async throws {
        let log = try await VerifiedLog.make()
        let last = log.segments[log.segments.count - 1]
        let end = try Fixtures.bytes(of: log.path(last)).count
        let found = try log.with(log.path(last)) {
            $0 += [1, 2, 3]
        } _: {
            try log.verify().faults
        }
        #expect(found.first?.kind == .batchStructure)
        #expect(found.first?.position == FilePosition(Int64(end)))
    }

    @Test("damage below the durable position is a fault all the same")
    func rot() async throws {
        let log = try await unclean()
        for segment in log.segments {
            for batch in try log.batches(segment) {
                let found = try log.with(log.path(segment)) {
                    $0[batch.position + 70] ^= 1
                } _: {
                    try log.verify().faults
                }
                #expect(found.map(\.kind) == [.batchChecksum], "\(found)")
                #expect(found.first?.position == FilePosition(Int64(batch.position)))
            }
        }
    }

    @Test("a log that lost its durable end is a fault")
    func lostEnd() async throws {
        let log = try await unclean()
        let last = log.segments[log.segments.count - 1]
        let batches = try log.batches(last)
        let cut = batches[batches.count - 1].position
        let found = try log.with(log.path(last)) {
            $0.removeLast($0.count - cut)
        } _: {
            try log.verify().faults
        }
        #expect(Set(found.map(\.kind)) == [.checkpoint], "\(found)")
    }

    @Test("indexes that the next opening rebuilds are no fault: preallocated, stale, or missing")
    func indexes() async throws {
        let log = try await unclean()
        let last = log.segments[log.segments.count - 1]
        for kind in [SegmentFileName.Kind.index, .timeindex] {
            let zeros = try log.with(log.path(last, kind)) {
                $0 += Array(repeating: 0, count: 480)
            } _: {
                try log.verify()
            }
            #expect(zeros == [])
            let stale = try log.with(log.path(last, kind)) {
                $0 += [0, 0, 7, 0, 0, 0, 7, 0, 0, 0, 7, 7] + [0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 7, 7]
            } _: {
                try log.verify()
            }
            #expect(stale.faults == [])
            #expect(!stale.notes.isEmpty)
        }
        try FileSystem.removeFile(log.path(last, .index))
        #expect(try log.verify() == [])
    }

    @Test("a mark that an fsync had failed, and an interrupted compaction, are noted")
    func marks() async throws {
        let log = try await unclean()
        try log.write([], to: log.directory.appending(UnsyncedMark.fileName))
        try log.write([], to: log.directory.appending("00000000000000000000.log.swap"))
        let found = try log.verify()
        #expect(found.map(\.kind) == [.interrupted, .interrupted])
        #expect(found.faults == [])
    }
}
