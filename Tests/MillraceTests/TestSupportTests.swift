import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite("What tests rely on")
struct TestSupportTests {
    @Test("the unpacked archive holds every file that its sums name")
    func archiveIsComplete() throws {
        let root = try Fixtures.directory
        let named = try Fixtures.lines(of: root.appending("SHA256SUMS")).map { line in
            String(line.split(separator: "  ", maxSplits: 1)[1])
        }
        let prefix = root.string.count + 1
        let found = try Fixtures.files(below: root).map { String($0.string.dropFirst(prefix)) }
        #expect(Set(found) == Set(named).union(["SHA256SUMS"]))
    }

    @Test("each test has a directory of its own, which exists and is empty", .temporaryDirectory, arguments: 1...2)
    func temporaryDirectory(number: Int) throws {
        let directory = TemporaryDirectory.current
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.string) == [])
        try Data([UInt8(number)]).write(to: URL(fileURLWithPath: directory.appending("file").string))
        #expect(try Fixtures.bytes(of: directory.appending("file")) == [UInt8(number)])
    }

    @Test("the generator draws the published sequence of SplitMix64")
    func generator() {
        var generator = SplitMix64(seed: 1_234_567)
        let drawn = (0..<3).map { _ in generator.next() }
        #expect(drawn == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423])
    }

    @Test("a line that is not JSON is reported with its number", .temporaryDirectory)
    func badLine() throws {
        let path = TemporaryDirectory.current.appending("bad.jsonl")
        try Data("{\"a\":1}\n{\n".utf8).write(to: URL(fileURLWithPath: path.string))
        let error = #expect(throws: TestSupportError.self) { try JSONLines.decode([String: Int].self, from: path) }
        #expect(error?.description.contains("bad.jsonl:2") == true)
    }
}
