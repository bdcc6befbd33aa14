import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite("millrace inspect, over what Kafka wrote")
struct InspectFixtureTests {
    private func inspect(_ arguments: [String]) throws -> MillraceProcess {
        let result = try MillraceProcess.run(["inspect", "--json"] + arguments)
        #expect(result.standardError.isEmpty)
        #expect(result.status == 0)
        return result
    }

    @Test(
        "a partition's records, batches and control records are those that Kafka decodes",
        arguments: Fixtures.State.allCases,
        [("", "jsonl"), ("--batches", "batches.jsonl"), ("--control", "control.jsonl")]
    )
    func partitions(state: Fixtures.State, selection: (option: String, suffix: String)) throws {
        for partition in try Fixtures.partitions(state) {
            let directory = try Fixtures.logDirectory(state).appending(partition)
            let result = try inspect([directory.string] + (selection.option.isEmpty ? [] : [selection.option]))
            let file = try Fixtures.expectedDirectory(state).appending("\(partition).\(selection.suffix)")
            // Only partitions with control records have a file of them.
            let expected = FileManager.default.fileExists(atPath: file.string) ? try Fixtures.bytes(of: file) : []
            expectSame(result.standardOutput, expected, "\(state)/\(partition)")
        }
    }

    @Test("segments one by one give the same as their directory", arguments: Fixtures.State.allCases)
    func segments(state: Fixtures.State) throws {
        let directory = try Fixtures.logDirectory(state).appending("txn-0")
        let logs = try Fixtures.files(below: directory, suffix: ".log").map(\.string)
        #expect(logs.count > 1)
        for option in ["--records", "--batches", "--control"] {
            let together = try inspect(logs + [option])
            let expected = try inspect([directory.string, option])
            #expect(together.standardOutput == expected.standardOutput, "\(option)")
        }
    }

    @Test(
        "indexes and snapshots hold what kafka-dump-log shows",
        arguments: Fixtures.State.allCases,
        ["index", "timeindex", "txnindex", "snapshot"]
    )
    func derivedFiles(state: Fixtures.State, kind: String) throws {
        let root = try Fixtures.expectedDirectory(state).string
        for partition in try Fixtures.partitions(state) {
            let directory = try Fixtures.logDirectory(state).appending(partition)
            var files: [String] = []
            var expected: [String] = []
            for file in try Fixtures.files(below: directory, suffix: ".\(kind)").map(\.string) {
                let name = try #require(file.split(separator: "/").last)
                let dump = "\(root)/\(partition)/\(name).txt"
                // One file that the tool was not run on is left out.
                guard FileManager.default.fileExists(atPath: dump) else { continue }
                files.append(file)
                expected += try rows(inDump: Fixtures.lines(of: FilePath(dump)), base: #require(Int64(name.prefix(20))))
            }
            guard !files.isEmpty else { continue }
            expectLines(try inspect(files).lines, expected, "\(state)/\(partition), .\(kind)")
        }
    }

    /// The lines of kafka-dump-log as JSON: `offset: 7 position: 9` becomes `{"offset":7,"position":9}`.
    private func rows(inDump dump: [String], base: Int64) -> [String] {
        let lines = dump.dropFirst().filter { !$0.isEmpty && !$0.hasSuffix(" is empty.") }
        // What the tool makes of the zeros of an index that was sized ahead and has no entry.
        guard lines != ["offset: \(base) position: 0"], lines != ["timestamp: 0 offset: \(base)"] else { return [] }
        return lines.map { line in
            let words = line.utf8.split(separator: UInt8(ascii: " ")).map { Substring($0) }
            let fields = stride(from: 0, to: words.count, by: 2).map { index in
                var value = words[index + 1]
                if value == "OptionalLong.empty" { value = "null" }
                if value.hasPrefix("OptionalLong[") { value = value.dropFirst("OptionalLong[".count).dropLast() }
                return "\"\(words[index].dropLast())\":\(value)"
            }
            return "{\(fields.joined(separator: ","))}"
        }
    }

    @Test("checkpoints hold the lines of the files", arguments: Fixtures.State.allCases)
    func checkpoints(state: Fixtures.State) throws {
        let root = try Fixtures.logDirectory(state)
        for name in ["recovery-point", "log-start", "replication", "cleaner"] {
            let path = root.appending("\(name)-offset-checkpoint")
            let expected = try Fixtures.lines(of: path).dropFirst(2).map { line in
                let fields = line.split(separator: " ")
                return "{\"topic\":\"\(fields[0])\",\"partition\":\(fields[1]),\"offset\":\(fields[2])}"
            }
            expectLines(try inspect([path.string]).lines.sorted(), expected.sorted(), "\(path)")
        }
        for path in try Fixtures.files(below: root, suffix: "leader-epoch-checkpoint") {
            let expected = try Fixtures.lines(of: path).dropFirst(2).map { line in
                let fields = line.split(separator: " ")
                return "{\"epoch\":\(fields[0]),\"startOffset\":\(fields[1])}"
            }
            expectLines(try inspect([path.string]).lines, expected, "\(path)")
        }
    }

    @Test("the other small files are shown with the names that they use themselves")
    func smallFiles() throws {
        let root = try Fixtures.logDirectory(.clean)
        let result = try inspect(
            ["meta.properties", ".kafka_cleanshutdown", "txn-0/partition.metadata"].map { root.appending($0).string }
        )
        let expected = [
            #"{"version":1,"cluster.id":"v18LUKS2SfuNQVQT_kRHkA","node.id":1,"directory.id":"56dt9ZNTztKXwWRe0GtzsA"}"#,
            #"{"version":0,"brokerEpoch":112}"#,
            #"{"version":0,"topic_id":"DOcyoNZpQuGEOUlOL3YJDA"}"#,
        ]
        expectLines(result.lines, expected, "small files")
    }

    @Test("a snapshot of the Raft layer is a file of batches")
    func checkpointOfBatches() throws {
        let path = try Fixtures.logDirectory(.clean).appending("bootstrap.checkpoint").string
        #expect(try inspect([path]).lines.count == 2)
        let types = try inspect([path, "--control"]).lines.map { $0.contains("SNAPSHOT_HEADER") ? "header" : "footer" }
        #expect(types == ["header", "footer"])
    }
}
