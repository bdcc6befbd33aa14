import CommitLog
import RecordBatch
import TestSupport
import Testing

@Suite("Checkpoint files")
struct CheckpointTests {
    @Test("an empty file has no entries: Kafka creates a checkpoint before it writes to it")
    func empty() throws {
        #expect(try OffsetCheckpoint(parsing: []).offsets.isEmpty)
        #expect(try LeaderEpochCache(parsing: []).entries.isEmpty)
    }

    @Test("an offset checkpoint is sorted by topic, then by number")
    func order() throws {
        let checkpoint = OffsetCheckpoint([
            try TopicPartition(topic: "b", partition: 10): Offset(rawValue: 3),
            try TopicPartition(topic: "b", partition: 9): Offset(rawValue: .max),
            try TopicPartition(topic: "a-b", partition: 0): Offset(rawValue: 0),
        ])
        #expect(
            String(decoding: checkpoint.encoded(), as: UTF8.self) == "0\n3\na-b 0 0\nb 9 9223372036854775807\nb 10 3\n"
        )
        #expect(try OffsetCheckpoint(parsing: checkpoint.encoded()) == checkpoint)
    }

    @Test(
        "an offset checkpoint that breaks a rule is refused with the line and the rule",
        arguments: [
            ("1\n0\n", 1, "version"), ("0", 1, "no end"), ("0\n", 2, "missing"), ("0\n1", 2, "no end"),
            ("0\n1\n", 2, "1 entries are announced, 0 lines follow"), ("0\n-1\n", 2, "number of entries"),
            ("0\n0\nt 0 1\n", 2, "0 entries"), ("0\n9999999999999999999\n", 2, "number of entries"),
            ("0\n1\nt 0\n", 3, "2 fields"), ("0\n1\nt  0 1\n", 3, "4 fields"), ("0\n1\nt 0 1 \n", 3, "4 fields"),
            ("0\n1\nt -1 1\n", 3, "partition"), ("0\n1\nt 0 -1\n", 3, "offset"), ("0\n1\nt 0 +1\n", 3, "offset"),
            ("0\n1\nt 0 9223372036854775808\n", 3, "offset"), ("0\n1\nt 2147483648 0\n", 3, "partition"),
            ("0\n1\nt 00 1\n", 3, "partition"), ("0\n1\nt/u 0 1\n", 3, "topic"), ("0\n1\nt 0 1\r\n", 3, "offset"),
            ("0\n2\nt 0 1\nt 0 2\n", 4, "twice"), ("0\n1\n\u{e9} 0 1\n", 3, "topic"),
        ]
    )
    func offsetRules(text: String, line: Int, reason: String) {
        let error = #expect(throws: FormatError.self) { try OffsetCheckpoint(parsing: Array(text.utf8)) }
        #expect(error?.place == .line(line))
        #expect(error?.reason.contains(reason) == true, "\(String(describing: error))")
    }

    @Test("text that is not UTF-8 is refused")
    func notText() {
        #expect(throws: FormatError.self) { try OffsetCheckpoint(parsing: [0x30, 0x0a, 0xff, 0x0a]) }
    }

    @Test(
        "leader epochs that do not rise, in epoch and in offset, are refused",
        arguments: ["1 0\n1 5", "2 0\n1 5", "1 5\n2 5", "1 5\n2 4"]
    )
    func risingEpochs(entries: String) {
        let error = #expect(throws: FormatError.self) {
            try LeaderEpochCache(parsing: Array("0\n2\n\(entries)\n".utf8))
        }
        #expect(error?.place == .line(4))
    }

    @Test("what is encoded parses to the same offsets", arguments: Seed.all)
    func roundTrip(seed: Seed) throws {
        var generator = seed.generator
        var checkpoint = OffsetCheckpoint()
        let letters = Array("abcXYZ019._-")
        for _ in 0..<Int.random(in: 0...50, using: &generator) {
            let topic =
                "t"
                + (0..<Int.random(in: 0...20, using: &generator)).map { _ in
                    letters[Int.random(in: 0..<letters.count, using: &generator)]
                }
            let partition = try TopicPartition(topic: topic, partition: .random(in: 0...Int32.max, using: &generator))
            checkpoint.offsets[partition] = Offset(rawValue: .random(in: 0...Int64.max, using: &generator))
        }
        #expect(try OffsetCheckpoint(parsing: checkpoint.encoded()) == checkpoint)
    }
}
