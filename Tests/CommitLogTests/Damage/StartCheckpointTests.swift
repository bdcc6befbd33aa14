import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import CommitLog

@Suite("A damaged start checkpoint", .temporaryDirectory)
struct StartCheckpointTests {
    private let root = TemporaryDirectory.current.appending("logs")
    private var file: FilePath { root.appending(Checkpoints.logStartFileName) }

    /// Twenty records in several segments, cut at their head within the third.
    private func make() async throws -> (start: Offset, files: [String]) {
        let directory = try await LogDirectory.open(root, .small)
        let log = try directory.makeLog()
        for tag in 0..<20 { try await log.appendDurably(Batches.batch(valueBytes: 1000, tag: tag)) }
        let start = log.segments[1].baseOffset + 1
        try await log.truncateHead(to: start)
        try await directory.close()
        return (start, try logs())
    }

    private func logs() throws -> [String] {
        try FileSystem.list(root.appending("t-0")).map(\.name).filter { $0.hasSuffix(".log") }.sorted()
    }

    @Test(
        "takes no records away and brings none back, whichever number it has",
        arguments: [nil, 1, 13, 19, 21, 99_999],
        [true, false]
    )
    func wrong(start wrong: Int64?, isClean: Bool) async throws {
        let (start, files) = try await make()
        if !isClean { try FileSystem.removeFile(root.appending(CleanShutdownFile.fileName)) }
        let text = wrong.map { "0\n1\nt 0 \($0)\n" } ?? "0\n0\n"
        try FileSystem.replaceFile(file, contents: Array(text.utf8))
        var verifier = try LogVerifier(root)
        #expect(verifier.findAll().contains { $0.kind == .checkpoint })
        let directory = try await LogDirectory.open(root, .small)
        let log = try directory.makeLog()
        #expect(log.logStartOffset == start)
        #expect(log.logEndOffset == Offset(20))
        #expect(try await log.readAll().map(\.offset) == (start.rawValue..<20).map { Offset($0) })
        #expect(try logs() == files)
        try await directory.close()
        var after = try LogVerifier(root)
        #expect(after.findAll() == [], "it was written anew")
    }

    @Test("without our own checkpoint a start behind the end fences the log, and no file goes")
    func alone() async throws {
        let (start, files) = try await make()
        try FileSystem.removeFile(root.appending(DurableCheckpoint.fileName))
        let sound = try Fixtures.bytes(of: file)
        try FileSystem.replaceFile(file, contents: Array("0\n1\nt 0 99\n".utf8))
        let fenced = try await LogDirectory.open(root, .small)
        #expect(fenced.log(for: .test)?.failure?.code == .fenced)
        await #expect(throws: LogError.self) { try await fenced.close() }
        #expect(try logs() == files)
        try FileSystem.replaceFile(file, contents: sound)
        let directory = try await LogDirectory.open(root, .small)
        #expect(try await directory.makeLog().readAll().map(\.offset) == (start.rawValue..<20).map { Offset($0) })
        try await directory.close()
    }

    @Test("a log whose segments are gone is fenced and not begun anew", arguments: [true, false])
    func gone(isClean: Bool) async throws {
        _ = try await make()
        if !isClean { try FileSystem.removeFile(root.appending(CleanShutdownFile.fileName)) }
        for name in try logs() { try FileSystem.removeFile(root.appending("t-0").appending(name)) }
        let directory = try await LogDirectory.open(root, .small)
        #expect(directory.log(for: .test)?.failure?.code == .fenced)
        await #expect(throws: LogError.self) { try await directory.close() }
    }
}
