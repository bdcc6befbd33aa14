import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite("Several processes", .temporaryDirectory, .timeLimit(.minutes(2)))
struct TwoProcessesTests {
    private var directory: String { TemporaryDirectory.current.appending("logs").string }

    /// Waits until a running `append` has written so many lines of text to the log of topic "t".
    private func waitForLog(toContain text: String) {
        let path = "\(directory)/t-0/00000000000000000000.log"
        waitUntil {
            guard let bytes = FileManager.default.contents(atPath: path) else { return false }
            return bytes.range(of: Data(text.utf8)) != nil
        }
    }

    @Test("a directory that is open elsewhere is refused with the holder's process id")
    func locked() throws {
        let holder = try LiveMillrace(["append", directory, "t"])
        try holder.write(Array("one\n".utf8))
        waitForLog(toContain: "one")
        for arguments in [["read", directory, "t"], ["append", directory, "t"], ["append", directory, "u"]] {
            let result = try MillraceProcess.run(arguments, input: Array("two\n".utf8))
            #expect(result.status == 1)
            #expect(result.standardError.contains("in use by process \(holder.pid)"), "\(result.standardError)")
        }
        // Looking changes nothing, and needs no lock.
        #expect(try MillraceProcess.run(["verify", directory]).status == 0)
        holder.endInput()
        let (status, text) = holder.wait()
        #expect(status == 0)
        #expect(text.contains("1 record appended to t-0: offsets 0 to 0, durable"))
        #expect(try MillraceProcess.run(["read", directory, "t"]).lines == ["one"])
    }

    @Test("an interrupt ends the input: whole lines are appended and durable", arguments: [SIGINT, SIGTERM])
    func interruptedAppend(signal: Int32) throws {
        let append = try LiveMillrace(["append", directory, "t"])
        try append.write(Array("one\ntwo\npart of".utf8))
        waitForLog(toContain: "two")
        append.signal(signal)
        let (status, text) = append.wait()
        #expect(status == 0, "\(text)")
        #expect(text.contains("2 records appended to t-0: offsets 0 to 1, durable"), "\(text)")
        #expect(text.contains("7 bytes"), "\(text)")
        #expect(FileManager.default.fileExists(atPath: "\(directory)/.kafka_cleanshutdown"))
        #expect(try MillraceProcess.run(["read", directory, "t"]).lines == ["one", "two"])
    }

    @Test("a process that is killed loses nothing that it had appended")
    func killed() throws {
        let append = try LiveMillrace(["append", directory, "t"])
        try append.write(Array("one\ntwo\n".utf8))
        waitForLog(toContain: "two")
        append.signal(SIGKILL)
        #expect(append.wait().status == nil)
        let verified = try MillraceProcess.run(["verify", directory])
        #expect(verified.status == 0, "\(String(decoding: verified.standardOutput, as: UTF8.self))")
        #expect(try MillraceProcess.run(["read", directory, "t"]).lines == ["one", "two"])
    }

    @Test(
        "a reader whose output nobody wants any more, or that is interrupted, closes the directory",
        arguments: [0, 1]
    )
    func endedRead(way: Int) throws {
        let line = String(repeating: "x", count: 999) + "\n"
        let input = Array(String(repeating: line, count: 3000).utf8)
        #expect(try MillraceProcess.run(["append", directory, "t"], input: input).status == 0)
        let read = try LiveMillrace(["read", directory, "t"])
        #expect(read.readOutput(1000) == Array(line.utf8))
        if way == 0 {
            read.refuseOutput()
        } else {
            read.signal(SIGINT)
            // It may be in the middle of a write that waits for a reader.
            while !read.readOutput(1 << 20).isEmpty {}
        }
        let (status, text) = read.wait()
        #expect(status == 0)
        #expect(text == "")
        #expect(FileManager.default.fileExists(atPath: "\(directory)/.kafka_cleanshutdown"))
    }
}
