import RecordBatch
import TestSupport
import Testing

@testable import millrace

@Suite("What the commands decide")
struct CommandValueTests {
    @Test("lines are the same however the input is cut into chunks", arguments: Seed.all)
    func lines(seed: Seed) throws {
        var generator = seed.generator
        let bytes = (0..<Int.random(in: 0...300, using: &generator)).map { _ in
            UInt8.random(in: 0...3, using: &generator) == 0
                ? UInt8(ascii: "\n") : UInt8.random(in: 97...122, using: &generator)
        }
        var expected = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
        if expected.last == [] { expected.removeLast() }

        var splitter = LineSplitter(limit: 1000)
        var found: [[UInt8]] = []
        var position = 0
        while position < bytes.count {
            let end = min(bytes.count, position + Int.random(in: 1...20, using: &generator))
            splitter.append(bytes[position..<end])
            while let line = try splitter.next() { found.append(Array(line)) }
            position = end
        }
        #expect(splitter.unfinishedCount == (bytes.last == UInt8(ascii: "\n") ? 0 : expected.last?.count ?? 0))
        if let line = try splitter.last() { found.append(Array(line)) }
        #expect(found == expected)
        #expect(splitter.count == expected.count)
        #expect(splitter.unfinishedCount == 0)
    }

    @Test("a line that is too long is told before its end is there")
    func longLine() throws {
        var splitter = LineSplitter(limit: 4)
        splitter.append(Array("abcd\nabc".utf8)[...])
        #expect(try splitter.next().map { Array($0) } == Array("abcd".utf8))
        #expect(try splitter.next() == nil)
        splitter.append(Array("de".utf8)[...])
        #expect(throws: LineSplitter.LineTooLong(number: 2)) { try splitter.next() }
    }

    @Test("dates and times mean what ISO 8601 says")
    func times() {
        let known: [(String, Int64?)] = [
            ("1970-01-01", 0), ("1970-01-01T00:00:00.001Z", 1), ("2001-09-09T01:46:40Z", 1_000_000_000_000),
            ("2024-02-29T12:00Z", 1_709_208_000_000), ("2024-02-29T14:00+02:00", 1_709_208_000_000),
            ("2024-02-29 06:30-0530", 1_709_208_000_000), ("1969-12-31T23:59:59Z", -1000),
            ("0000-01-01", -62_167_219_200_000), ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999),
            ("2016-12-31T23:59:60Z", 1_483_228_800_000), ("2024-02-29T12:00:00.5Z", 1_709_208_000_500),
            ("2023-02-29", nil), ("1900-02-29", nil), ("2000-02-29", 951_782_400_000), ("2024-13-01", nil),
            ("2024-00-01", nil), ("2024-04-31", nil), ("2024-01-01T24:00Z", nil), ("2024-01-01T12:60Z", nil),
            ("2024-01-01T", nil), ("2024-01-01T12", nil), ("2024-1-1", nil), ("", nil), ("2024-01-01Z", nil),
            ("2024-01-01T12:00+1", nil), ("2024-01-01T12:00ZZ", nil), ("2024-01-01T12:00:00.", nil),
        ]
        for (text, milliseconds) in known {
            #expect(CalendarTime.timestamp(text)?.rawValue == milliseconds, "\(text)")
        }
    }

    @Test("a position to read from is an offset, a name, or a time")
    func positions() {
        #expect(StartPosition(argument: "17") == .offset(Offset(17)))
        #expect(StartPosition(argument: "earliest") == .earliest)
        #expect(StartPosition(argument: "latest") == .latest)
        #expect(StartPosition(argument: "@17") == .timestamp(Timestamp(17)))
        #expect(StartPosition(argument: "@1970-01-01T00:00:01Z") == .timestamp(Timestamp(1000)))
        for text in ["", "-1", "@", "@x", "9223372036854775808", "last"] {
            #expect(StartPosition(argument: text) == nil, "\(text)")
        }
    }

    @Test("progress is told of what takes long, and a few times a second")
    func progress() {
        var meter = ProgressMeter("Reading", totalBytes: 4_000_000)
        #expect(meter.line(bytes: 1_000_000, elapsed: .milliseconds(100)) == nil)
        #expect(meter.line(bytes: 1_000_000, elapsed: .milliseconds(500)) == "Reading: 25 % of 4.0 MB, 2.0 MB/s")
        #expect(meter.line(bytes: 1_500_000, elapsed: .milliseconds(650)) == nil)
        #expect(meter.line(bytes: 5_000_000, elapsed: .seconds(1)) == "Reading: 100 % of 4.0 MB, 5.0 MB/s")
        var unknown = ProgressMeter("Reading", totalBytes: nil)
        #expect(unknown.line(bytes: 999, elapsed: .seconds(1)) == "Reading: 999 bytes, 999 bytes/s")
    }

    @Test("bytes are counted in units that people read")
    func byteCounts() {
        let known: [(Int64, String)] = [
            (0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1000, "1.0 kB"), (999_949, "999.9 kB"),
            (999_950, "1.0 MB"), (12_500_000, "12.5 MB"), (1 << 40, "1.1 TB"), (.max, "9223372.0 TB"),
        ]
        for (bytes, text) in known { #expect(ByteCount(bytes).description == text) }
    }
}
