import Foundation
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@Suite("What millrace inspect prints")
struct InspectOutputTests {
    /// A log in the test's directory.
    private func log(_ batches: [UInt8]...) throws -> FilePath {
        let path = TemporaryDirectory.current.appending("00000000000000000000.log")
        try Data(batches.joined()).write(to: URL(fileURLWithPath: path.string))
        return path
    }

    private func batch(_ records: [Record], baseOffset: Int64 = 0, codec: CompressionCodec = .none) throws -> [UInt8] {
        var builder = RecordBatchBuilder(codec: codec, baseOffset: Offset(rawValue: baseOffset))
        var compressor = Compressor()
        for record in records {
            try builder.append(
                key: record.key,
                value: record.value,
                timestamp: record.timestamp,
                headers: record.headers
            )
        }
        return try builder.finish(with: &compressor)
    }

    private func record(key: [UInt8]? = nil, value: [UInt8]? = nil, headers: [RecordHeader] = []) -> Record {
        Record(offset: Offset(rawValue: 0), timestamp: Timestamp(rawValue: 5), key: key, value: value, headers: headers)
    }

    @Test("of a header's name only what JSON demands is escaped", .temporaryDirectory)
    func escapes() throws {
        let name = "\"\\/\u{8}\t\n\u{b}\u{c}\r\u{0}\u{1f}\u{7f}\u{e9}\u{2028}\u{1f600}"
        let path = try log(batch([record(headers: [RecordHeader(key: name, value: nil)])]))
        let result = try MillraceProcess.run(["inspect", "--json", path.string])
        let escaped = #"\"\\/\b\t\n\u000b\f\r\u0000\u001f"# + "\u{7f}\u{e9}\u{2028}\u{1f600}"
        #expect(
            String(decoding: result.standardOutput, as: UTF8.self) == """
                {"offset":0,"timestamp":5,"timestampType":"CreateTime","keyBase64":null,"valueBase64":null,\
                "headers":[["\(escaped)",null]]}

                """
        )
    }

    @Test("null and empty are different everywhere", .temporaryDirectory)
    func nullAndEmpty() throws {
        let headers = [RecordHeader(key: "", value: []), RecordHeader(key: "", value: nil)]
        let path = try log(batch([record(key: [], value: nil), record(key: nil, value: [], headers: headers)]))
        let json = try MillraceProcess.run(["inspect", "--json", path.string])
        #expect(
            json.lines.map { $0.drop { $0 != "k" } } == [
                #"keyBase64":"","valueBase64":null,"headers":[]}"#,
                #"keyBase64":null,"valueBase64":"","headers":[["",""],["",null]]}"#,
            ]
        )
        let table = try MillraceProcess.run(["inspect", path.string])
        #expect(
            table.lines.dropFirst().map { $0.split(separator: " ").dropFirst(3) } == [
                ["\"\"", "null"], ["null", "\"\"", "=\"\"", "=null"],
            ]
        )
    }

    private struct DecodedRecord: Decodable {
        let offset: Int64
        let keyBase64: Data?
        let valueBase64: Data?
        let headers: [[String?]]
    }

    @Test("random records come out of a JSON parser as they were", .temporaryDirectory, arguments: Seed.all)
    func roundTrip(seed: Seed) throws {
        var generator = seed.generator
        func name() -> String {
            let scalars = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
                Unicode.Scalar(UInt32.random(in: 0...0x3000, using: &generator)) ?? " "
            }
            return String(String.UnicodeScalarView(scalars))
        }
        func bytes() -> [UInt8]? { generator.chance(oneIn: 4) ? nil : generator.bytes(count: 0...50) }
        let records = (0..<40).map { _ in
            let headers = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
                RecordHeader(key: name(), value: bytes())
            }
            return record(key: bytes(), value: bytes(), headers: headers)
        }
        let codec = CompressionCodec.allCases[Int.random(in: 0..<CompressionCodec.allCases.count, using: &generator)]
        let path = try log(batch(records, codec: codec))

        let result = try MillraceProcess.run(["inspect", "--json", path.string])
        #expect(result.lines.count == records.count)
        for (index, (line, record)) in zip(result.lines, records).enumerated() {
            let decoded = try JSONDecoder().decode(DecodedRecord.self, from: Data(line.utf8))
            #expect(decoded.offset == Int64(index))
            #expect(decoded.keyBase64.map { [UInt8]($0) } == record.key)
            #expect(decoded.valueBase64.map { [UInt8]($0) } == record.value)
            #expect(decoded.headers.map { $0[0] } == record.headers.map(\.key))
            #expect(
                decoded.headers.map { $0[1].map { [UInt8](Data(base64Encoded: $0) ?? Data("?".utf8)) } }
                    == record.headers.map(\.value)
            )
        }
    }

    @Test("batches larger than what is read at once are read, between small ones", .temporaryDirectory)
    func largeBatches() throws {
        var generator = Seed(1).generator
        let large = generator.bytes(count: 1_000_000...1_000_000)
        let path = try log(
            batch([record(value: [1])]),
            batch([record(value: large)], baseOffset: 1),
            batch([record(value: [2])], baseOffset: 2),
            batch([record(value: large), record(value: large)], baseOffset: 3, codec: .zstd),
            batch([record(value: [3])], baseOffset: 5)
        )
        let result = try MillraceProcess.run(["inspect", "--json", path.string])
        let values = try result.lines.map { line in
            try JSONDecoder().decode(DecodedRecord.self, from: Data(line.utf8)).valueBase64.map { [UInt8]($0) }
        }
        #expect(values == [[1], large, [2], large, large, [3]])
    }

    @Test("a table names its columns and lines them up")
    func table() throws {
        let root = try Fixtures.logDirectory(.clean)
        let result = try MillraceProcess.run(
            ["inspect", root.appending("tiny-0").string, "--batches"]
        )
        expectLines(
            result.lines,
            [
                """
                segment                   position  baseOffset  lastOffset  count  compresscodec  producerId  \
                isTransactional  isControl  partitionLeaderEpoch   maxTimestamp  size
                """,
                """
                00000000000000000000.log         0           0           0      1  none                   -1  \
                no               no                            0  1717200001000    84
                """,
                """
                00000000000000000000.log        84           1           2      2  none                   -1  \
                no               no                            0  1717200002000   101
                """,
            ],
            "tiny-0"
        )
    }

    @Test("names that a terminal would obey are not shown as they are in a table", .temporaryDirectory)
    func controlCharacters() throws {
        let header = RecordHeader(key: "\u{1b}[2J", value: Array("\u{1b}[2J".utf8))
        let path = try log(batch([record(key: [0x1b], headers: [header])]))
        let result = try MillraceProcess.run(["inspect", path.string])
        #expect(!result.standardOutput.contains(0x1b))
        #expect(result.lines.last?.contains("0x1b ") == true)
    }

    @Test("output that cannot be written is an error")
    func fullDevice() throws {
        let path = try Fixtures.logDirectory(.clean).appending("tiny-0").string
        let result = try MillraceProcess.run(["inspect", path], output: "/dev/full")
        #expect(result.status == 1)
        #expect(result.standardError.contains("standard output"))
    }
}
