import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite("millrace inspect, over damaged files")
struct InspectDamageTests {
    private struct Batch: Decodable {
        let segment: String
        let position: Int
        let size: Int
    }

    /// A segment of the fixtures with the places of its batches.
    private func segment() throws -> (bytes: [UInt8], batches: [Batch], lines: [String]) {
        let name = "00000000000000000068.log"
        let file = try Fixtures.expectedDirectory(.clean).appending("txn-0.batches.jsonl")
        let lines = try Fixtures.lines(of: file).filter { $0.contains(name) }
        let batches = try JSONLines.decode(Batch.self, from: file).filter { $0.segment == name }
        let path = try Fixtures.logDirectory(.clean).appending("txn-0/\(name)")
        return (try Fixtures.bytes(of: path), batches, lines)
    }

    private func inspect(_ bytes: [UInt8], name: String = "00000000000000000068.log") throws -> MillraceProcess {
        let path = TemporaryDirectory.current.appending(name).string
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return try MillraceProcess.run(["inspect", "--json", "--batches", path])
    }

    @Test("a batch with a wrong bit is told with file and position, after the batches before it", .temporaryDirectory)
    func rot() throws {
        let (bytes, batches, lines) = try segment()
        for index in [0, 1, batches.count / 2, batches.count - 1] {
            var damaged = bytes
            damaged[batches[index].position + 40] ^= 0x10
            let result = try inspect(damaged)
            #expect(result.status == 1)
            expectLines(result.lines, Array(lines.prefix(index)), "batch \(index)")
            #expect(result.standardError.contains("00000000000000000068.log: position \(batches[index].position): "))
            #expect(result.standardError.contains("CRC"))
        }
    }

    @Test("a log cut within a batch is told with the batch's position", .temporaryDirectory)
    func tear() throws {
        let (bytes, batches, lines) = try segment()
        for (index, batch) in batches.enumerated().filter({ $0.offset % 5 == 0 }) {
            for kept in [1, 11, 12, 17, 60, 61, 62, batch.size - 1] {
                let result = try inspect(Array(bytes.prefix(batch.position + kept)))
                #expect(result.status == 1, "\(kept) bytes of batch \(index)")
                expectLines(result.lines, Array(lines.prefix(index)), "\(kept) bytes of batch \(index)")
                #expect(result.standardError.contains("position \(batch.position): "))
            }
        }
    }

    @Test("a batch that is said to be larger than the file is not believed", .temporaryDirectory)
    func largeLength() throws {
        var (bytes, batches, lines) = try segment()
        let position = batches[1].position + 8
        bytes.replaceSubrange(position..<position + 4, with: [0x7f, 0xff, 0xff, 0xff])
        let result = try inspect(bytes)
        #expect(result.status == 1)
        expectLines(result.lines, [lines[0]], "large length")
        #expect(result.standardError.contains("2147483659 bytes"))
    }

    @Test("a device is not read, whatever its name", .temporaryDirectory)
    func device() throws {
        let path = TemporaryDirectory.current.appending("00000000000000000000.log").string
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/dev/zero")
        let result = try MillraceProcess.run(["inspect", path])
        #expect(result.status == 1)
        #expect(result.standardError.contains("neither a file nor a directory"))
    }

    @Test("after one bad file the others are shown all the same, and the status is 1", .temporaryDirectory)
    func goesOn() throws {
        let good = try Fixtures.logDirectory(.clean).appending("tiny-0").string
        let bad = TemporaryDirectory.current.appending("partition.metadata").string
        try Data("version: 7\n".utf8).write(to: URL(fileURLWithPath: bad))
        let result = try MillraceProcess.run(["inspect", "--json", good, bad, good])
        #expect(result.status == 1)
        #expect(result.lines.count == 6)
        #expect(result.standardError.contains("partition.metadata: line 1: "))
    }

    @Test(
        "what is not there, or is no file of a log directory, is told",
        .temporaryDirectory,
        arguments: [
            ("missing.log", false, "no such file"), ("notes.txt", true, "the name is none"), ("", false, "no segment"),
            ("7.index", true, "the name is none"),
        ]
    )
    func notAFile(name: String, exists: Bool, message: String) throws {
        let path = name.isEmpty ? TemporaryDirectory.current : TemporaryDirectory.current.appending(name)
        if exists { try Data("x".utf8).write(to: URL(fileURLWithPath: path.string)) }
        let result = try MillraceProcess.run(["inspect", path.string])
        #expect(result.status == 1)
        #expect(result.standardError.contains(path.string))
        #expect(result.standardError.contains(message))
    }

    @Test(
        "an index that was cut, or has something behind its zeros, is told with the position",
        .temporaryDirectory,
        arguments: [
            ([1, 0, 9], 8, "position 0: 3 bytes"),
            ([0, 0, 0, 1, 0, 0, 0, 9, 0, 0], 8, "position 8: 2 bytes"),
            (
                [0, 0, 0, 1, 0, 0, 0, 9] + [UInt8](repeating: 0, count: 8) + [0, 0, 0, 2, 0, 0, 0, 99], 8,
                "position 16: "
            ),
        ]
    )
    func brokenIndex(bytes: [UInt8], width: Int, message: String) throws {
        let result = try inspect(bytes, name: "00000000000000000000.index")
        #expect(result.status == 1)
        #expect(result.lines.count == (bytes.count >= width ? 1 : 0))
        #expect(result.standardError.contains(message))
    }

    @Test("no damage ends the program by a signal", .temporaryDirectory, arguments: Seed.all)
    func noCrash(seed: Seed) throws {
        var generator = seed.generator
        let directory = try Fixtures.logDirectory(.clean)
        let names = [
            "plain-zstd-0/00000000000000000000.log", "plain-lz4-0/00000000000000000000.log",
            "plain-gzip-0/00000000000000000000.log", "plain-snappy-0/00000000000000000000.log",
            "txn-0/00000000000000000068.txnindex", "txn-0/00000000000000000068.timeindex",
            "txn-0/00000000000000000068.snapshot", "txn-0/leader-epoch-checkpoint", "meta.properties",
        ]
        var paths: [String] = []
        for (index, name) in names.enumerated() {
            var bytes = try Fixtures.bytes(of: directory.appending(name))
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let position = Int.random(in: 0..<min(bytes.count, 2000), using: &generator)
                bytes[position] = UInt8.random(in: 0...255, using: &generator)
            }
            let parent = TemporaryDirectory.current.appending("\(index)")
            try FileManager.default.createDirectory(atPath: parent.string, withIntermediateDirectories: true)
            let path = parent.appending(try #require(name.split(separator: "/").last.map(String.init))).string
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            paths.append(path)
        }
        for selection in ["--records", "--batches"] {
            let result = try MillraceProcess.run(["inspect", "--json", selection] + paths)
            #expect(result.status == 0 || result.status == 1, "\(seed): \(result.standardError)")
        }
    }
}
