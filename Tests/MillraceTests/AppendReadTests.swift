import Foundation
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@Suite("millrace append and millrace read", .temporaryDirectory)
struct AppendReadTests {
    private var directory: String { TemporaryDirectory.current.appending("logs").string }

    /// Lines of any bytes: empty ones, long ones, ones with zeros and carriage returns.
    private func lines(_ generator: inout SplitMix64) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 1...60, using: &generator) {
            let isLong = Int.random(in: 0..<10, using: &generator) == 0
            let length = Int.random(in: 0...(isLong ? 200_000 : 80), using: &generator)
            let isText = Bool.random(using: &generator)
            for _ in 0..<length {
                let byte = UInt8.random(in: isText ? 97...103 : 0...255, using: &generator)
                bytes.append(byte == UInt8(ascii: "\n") ? 0 : byte)
            }
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }

    @Test("what was appended is read back byte for byte, in every codec", arguments: CompressionCodec.allCases)
    func roundTrip(codec: CompressionCodec) throws {
        for seed in Seed.all.prefix(3) {
            var generator = seed.generator
            let input = lines(&generator)
            let topic = "t\(seed.rawValue)"
            let batchBytes = Int.random(in: 1...300_000, using: &generator)
            let batchLines = Int.random(in: 1...40, using: &generator)
            let appended = try MillraceProcess.run(
                [
                    "append", directory, topic, "--codec", codec.name, "--batch-bytes", "\(batchBytes)",
                    "--batch-lines",
                    "\(batchLines)",
                ],
                input: input
            )
            #expect(appended.status == 0, "\(seed): \(appended.standardError)")
            let count = input.count { $0 == UInt8(ascii: "\n") }
            #expect(appended.standardError.contains("offsets 0 to \(count - 1), durable"), "\(seed)")
            let read = try MillraceProcess.run(["read", directory, topic])
            #expect(read.status == 0, "\(seed): \(read.standardError)")
            #expect(read.standardOutput == input, "\(seed)")
        }
        let verified = try MillraceProcess.run(["verify", directory])
        #expect(verified.status == 0, "\(verified.standardError)")
        #expect(verified.standardOutput == [])
    }

    @Test("the last line needs no end, and an empty input appends nothing")
    func lastLine() throws {
        for (input, output) in [("a\nb", "a\nb\n"), ("", "a\nb\n"), ("\n", "a\nb\n\n"), ("c\n", "a\nb\n\nc\n")] {
            #expect(try MillraceProcess.run(["append", directory, "t"], input: Array(input.utf8)).status == 0)
            #expect(try MillraceProcess.run(["read", directory, "t-0"]).standardOutput == Array(output.utf8))
        }
    }

    @Test("keys are parted from values, and put before them again")
    func keys() throws {
        let input = Array("a::1\nb\n::2\nc::::d\n".utf8)
        _ = try MillraceProcess.run(["append", directory, "t-2", "--key-separator", "::"], input: input)
        let read = try MillraceProcess.run(["read", directory, "t-2", "--key-separator", "::"])
        #expect(read.standardOutput == input)
        let values = try MillraceProcess.run(["read", directory, "t-2"])
        #expect(values.lines == ["1", "b", "2", "::d"])
        let json = try MillraceProcess.run(["read", directory, "t-2", "--output", "json"])
        #expect(json.lines.map { $0.contains("\"keyBase64\":null") } == [false, true, false, false])
    }

    @Test("read prints what it is asked for: from an offset, up to one, so many, by time")
    func ranges() throws {
        let text = (0..<100).map { "line \($0)" }
        _ = try MillraceProcess.run(
            ["append", directory, "t", "--batch-lines", "7"],
            input: Array((text.joined(separator: "\n")).utf8)
        )
        func read(_ arguments: String...) throws -> [String] {
            let result = try MillraceProcess.run(["read", directory, "t"] + arguments)
            #expect(result.status == 0, "\(result.standardError)")
            return result.lines.map { String($0) }
        }
        #expect(try read("--from", "95") == Array(text[95...]))
        #expect(try read("--from", "earliest", "--to", "3") == Array(text[..<3]))
        #expect(try read("--from", "50", "--count", "2") == Array(text[50..<52]))
        #expect(try read("--from", "50", "--to", "60", "--count", "20") == Array(text[50..<60]))
        #expect(try read("--from", "50", "--to", "40") == [])
        #expect(try read("--from", "latest") == [])
        #expect(try read("--from", "100") == [])
        #expect(try read("--count", "0") == [])
        #expect(try read("--from", "@0", "--count", "1") == ["line 0"])
        #expect(try read("--from", "@2001-09-09T01:46:40Z", "--count", "1") == ["line 0"])
        #expect(try read("--from", "@9999-12-31") == [])

        let past = try MillraceProcess.run(["read", directory, "t", "--from", "101"])
        #expect(past.status == 1)
        #expect(past.standardError.contains("offsets from 0 up to 100 are available"))
    }

    @Test("JSON shows all that a record has")
    func json() throws {
        _ = try MillraceProcess.run(["append", directory, "t"], input: Array("hello\n".utf8))
        let line = try #require(try MillraceProcess.run(["read", directory, "t", "--output", "json"]).lines.first)
        let record = try #require(
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        )
        #expect(record["offset"] as? Int == 0)
        #expect(record["valueBase64"] as? String == "aGVsbG8=")
        #expect(record["timestampType"] as? String == "CreateTime")
        #expect(record["timestamp"] as? Int ?? 0 > 1_700_000_000_000)
    }

    @Test(
        "a line may be as long as a batch can hold; beyond that the lines before it are kept, and the error says which"
    )
    func longLines() throws {
        // max.message.bytes, less the header of a batch and what a record has beside its value.
        let most = 1_048_588 - 61 - 11
        var generator = Seed(7).generator
        let random = (0..<most).map { _ in UInt8.random(in: 11...255, using: &generator) }
        // Snappy would make more of it than there is.
        for codec in [CompressionCodec.none, .snappy] {
            var line = random
            let fits = try MillraceProcess.run(["append", directory, codec.name, "--codec", codec.name], input: line)
            #expect(fits.status == 0, "\(codec): \(fits.standardError)")
            #expect(try MillraceProcess.run(["read", directory, codec.name]).standardOutput == line + [10])
            line.append(65)
            let input = Array("first\nsecond\n".utf8) + line + Array("\nthird\n".utf8)
            let refused = try MillraceProcess.run(
                ["append", directory, codec.name, "--codec", codec.name],
                input: input
            )
            #expect(refused.status == 1)
            #expect(refused.standardError.contains("offsets 1 to 2, durable"), "\(refused.standardError)")
            #expect(refused.standardError.contains("Line 3 is too long"))
            #expect(refused.standardError.contains("1048588"))
        }
        // No end of the line in sight: given up before memory is.
        let endless = try MillraceProcess.run(
            ["append", directory, "t"],
            input: [UInt8](repeating: 97, count: 3 << 20)
        )
        #expect(endless.status == 1)
        #expect(endless.standardError.contains("Line 1 is too long"))
    }

    @Test("without --durable the log is whole all the same, and what was closed in a hurry is looked over")
    func notDurable() throws {
        let appended = try MillraceProcess.run(["append", directory, "t", "--no-durable"], input: Array("a\nb\n".utf8))
        #expect(appended.status == 0)
        #expect(appended.standardError.contains("not synced"))
        #expect(!FileManager.default.fileExists(atPath: "\(directory)/.kafka_cleanshutdown"))
        #expect(try MillraceProcess.run(["verify", directory]).status == 0)
        #expect(try MillraceProcess.run(["read", directory, "t"]).lines == ["a", "b"])
        #expect(FileManager.default.fileExists(atPath: "\(directory)/.kafka_cleanshutdown"))
    }

    @Test("what makes no sense is refused as a usage error")
    func usage() throws {
        let wrong: [[String]] = [
            ["append", directory], ["append", directory, "t", "--codec", "brotli"],
            ["append", directory, "t", "--batch-bytes", "0"], ["append", directory, "t", "--batch-lines", "-1"],
            ["append", directory, "t", "--key-separator", ""], ["append", directory, "no topic"],
            ["append", directory, ".."], ["read", directory, "t", "--from", "-1"],
            ["read", directory, "t", "--from", "@yesterday"], ["read", directory, "t", "--to", "-5"],
            ["read", directory, "t", "--output", "xml"], ["verify"], ["nonsense"],
        ]
        for arguments in wrong {
            let result = try MillraceProcess.run(arguments)
            #expect(result.status == 64, "\(arguments): \(result.standardError)")
            #expect(result.standardOutput == [])
            #expect(!result.standardError.isEmpty)
        }
        #expect(!FileManager.default.fileExists(atPath: directory))
    }

    @Test("a directory that holds something else is left alone")
    func foreignDirectory() throws {
        let other = TemporaryDirectory.current.appending("other").string
        try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: false)
        try Data("x".utf8).write(to: URL(fileURLWithPath: "\(other)/letter"))
        for command in ["append", "read"] {
            let result = try MillraceProcess.run([command, other, "t"])
            #expect(result.status == 1)
            #expect(result.standardError.contains(other))
            #expect(result.standardError.contains("no log directory"))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: other) == ["letter"])
        let missing = try MillraceProcess.run(["read", "\(other)/missing", "t"])
        #expect(missing.status == 1)
        #expect(missing.standardError.contains("does not exist"))
        #expect(!FileManager.default.fileExists(atPath: "\(other)/missing"))
    }

    @Test("a log that does not exist is told, with those that do")
    func noSuchLog() throws {
        _ = try MillraceProcess.run(["append", directory, "orders-3"], input: Array("a\n".utf8))
        let result = try MillraceProcess.run(["read", directory, "orders"])
        #expect(result.status == 1)
        #expect(result.standardError.contains("no log orders-0"))
        #expect(result.standardError.contains("orders-3"))
    }

    @Test("output that cannot be written is an error")
    func fullOutput() throws {
        _ = try MillraceProcess.run(["append", directory, "t"], input: Array("a\n".utf8))
        let result = try MillraceProcess.run(["read", directory, "t"], output: "/dev/full")
        #expect(result.status == 1)
        #expect(result.standardError.contains("standard output"))
    }
}
