import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite("millrace verify", .temporaryDirectory)
struct VerifyCommandTests {
    private struct Fault: Decodable {
        let severity: String
        let kind: String
        let path: String
        let position: Int?
        let offset: Int?
        let message: String
    }

    @Test("sound directories exit with 0 and print a summary only", arguments: Fixtures.State.allCases)
    func sound(state: Fixtures.State) throws {
        let result = try MillraceProcess.run(["verify", try Fixtures.logDirectory(state).string])
        #expect(result.status == 0, "\(String(decoding: result.standardOutput, as: UTF8.self))")
        #expect(result.standardError.contains("0 faults"))
        #expect(result.standardError.contains("15 partitions"))
    }

    @Test("each fault is a line with its place, in words or as JSON, and the exit status is 1")
    func damaged() throws {
        let copy = TemporaryDirectory.current.appending("multi-1")
        try Fixtures.copy(try Fixtures.logDirectory(.clean).appending("multi-1"), to: copy)
        let log = copy.appending("00000000000000000000.log").string
        var bytes = try Fixtures.bytes(of: FilePath(log))
        bytes[80] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: log))
        try Data("0\n1\n0 x\n".utf8).write(
            to: URL(fileURLWithPath: copy.appending("leader-epoch-checkpoint").string)
        )

        let text = try MillraceProcess.run(["verify", copy.string])
        #expect(text.status == 1)
        #expect(text.lines.count == 2)
        #expect(text.lines.last?.hasPrefix("fault: \(log): position 0 (offset 0): batchChecksum: ") == true)
        #expect(text.standardError.contains("2 faults, 0 notes"))

        let json = try MillraceProcess.run(["verify", "--json", copy.string])
        #expect(json.status == 1)
        let faults = try json.lines.map { try JSONDecoder().decode(Fault.self, from: Data($0.utf8)) }
        #expect(faults.map(\.kind) == ["malformed", "batchChecksum"])
        #expect(faults.map(\.severity) == ["fault", "fault"])
        #expect(faults.last?.path == log)
        #expect(faults.last?.position == 0)
        #expect(faults.last?.offset == 0)
        #expect(faults.first?.message.contains("line 3") == true)
    }

    @Test("notes alone are no failure")
    func notes() throws {
        let directory = TemporaryDirectory.current.appending("logs")
        _ = try MillraceProcess.run(["append", directory.string, "t", "--no-durable"], input: Array("a\nb\n".utf8))
        let log = directory.appending("t-0/00000000000000000000.log").string
        try Data(try Fixtures.bytes(of: FilePath(log)) + [1, 2, 3]).write(to: URL(fileURLWithPath: log))
        let result = try MillraceProcess.run(["verify", directory.string])
        #expect(result.status == 0)
        #expect(result.lines.count == 1)
        #expect(result.lines.first?.hasPrefix("note: \(log): position ") == true)
        #expect(result.lines.first?.contains("tornTail") == true)
    }

    @Test("what is no log directory is an error")
    func nothing() throws {
        let result = try MillraceProcess.run(["verify", TemporaryDirectory.current.string])
        #expect(result.status == 1)
        #expect(result.standardError.contains("is no log directory"))
        #expect(result.standardError.contains(TemporaryDirectory.current.string))
    }
}
