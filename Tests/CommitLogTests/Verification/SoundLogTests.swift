import Foundation
import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import CommitLog

@Suite("A verifier, over sound logs")
struct SoundLogTests {
    @Test("finds no fault in what Kafka wrote, however it was stopped", arguments: Fixtures.State.allCases)
    func kafka(state: Fixtures.State) throws {
        var verifier = try LogVerifier(Fixtures.logDirectory(state))
        #expect(verifier.findAll().faults == [])
        let partitions = try Fixtures.partitions(state)
        #expect(verifier.counts.partitions == partitions.count)
        #expect(verifier.counts.checkedBytes == verifier.totalBytes)
        let expected = try Fixtures.expectedDirectory(state)
        var batches = 0
        var records = 0
        for partition in partitions {
            batches += try Fixtures.lines(of: expected.appending("\(partition).batches.jsonl")).count
            for kind in ["jsonl", "control.jsonl"] {
                let path = expected.appending("\(partition).\(kind)")
                if try FileSystem.status(path) != nil { records += try Fixtures.lines(of: path).count }
            }
        }
        #expect(verifier.counts.batches == Int64(batches))
        #expect(verifier.counts.records == Int64(records))
    }

    @Test(
        "finds nothing in what Millrace wrote, in any codec",
        .temporaryDirectory,
        arguments: CompressionCodec.allCases
    )
    func millrace(codec: CompressionCodec) async throws {
        let log = try await VerifiedLog.make(codec: codec)
        #expect(log.segments.count >= 2)
        var verifier = try LogVerifier(log.root)
        #expect(verifier.findAll() == [])
        #expect(verifier.counts.records == 36)
        #expect(try log.verify(log.directory) == [])
    }

    @Test("finds no fault in a directory that is in use, and leaves it alone", .temporaryDirectory)
    func running() async throws {
        let root = TemporaryDirectory.current.appending("logs")
        let logs = try await LogDirectory.open(root, .small)
        let log = try logs.makeLog()
        for tag in 0..<40 { try await log.appendDurably(Batches.batch(count: 4, tag: tag)) }
        // What housekeeping has to do is done, so that what changes now is the verifier's doing.
        await logs.services.housekeeper.run {}
        log.quiesce()
        let before = try FileSystem.list(root.appending("t-0")).map(\.name)
        var verifier = try LogVerifier(root)
        #expect(verifier.findAll().faults == [])
        #expect(verifier.counts.records == 160)
        #expect(try FileSystem.list(root.appending("t-0")).map(\.name) == before)
        try await log.appendDurably(Batches.batch())
        try await logs.close()
    }

    @Test("a partition on its own is judged without checkpoints", .temporaryDirectory)
    func partitionAlone() async throws {
        let log = try await VerifiedLog.make()
        let copy = TemporaryDirectory.current.appending("t-0")
        try Fixtures.copy(log.directory, to: copy)
        #expect(try log.verify(copy) == [])
    }

    @Test("a partition's checkpoints are taken from the directory above it", .temporaryDirectory)
    func partitionInPlace() async throws {
        let log = try await VerifiedLog.make()
        try log.with(log.root.appending("replication-offset-checkpoint")) {
            $0 = Array("0\n1\nt 0 37\n".utf8)
        } _: {
            let found = try log.verify(log.directory)
            #expect(found.map(\.kind) == [.checkpoint])
            #expect(found.first?.message.contains("37") == true)
        }
    }

    @Test("what is no log directory is refused", .temporaryDirectory)
    func refused() async throws {
        let directory = TemporaryDirectory.current
        #expect(throws: LogError.self) { _ = try LogVerifier(directory).totalBytes }
        let missing = await failure { _ = try LogVerifier(directory.appending("missing")).totalBytes }
        #expect(missing?.code == .notFound)
        let empty = await failure { _ = try LogVerifier(directory).totalBytes }
        #expect(empty?.code == .invalidDirectory)
    }
}
