import CommitLog
import RecordBatch
import TestSupport
import Testing

@Suite("Names of directories and files")
struct NameTests {
    @Test(
        "a directory's name is parted at its last dash",
        arguments: [
            ("orders-0", "orders", 0), ("a-1-2", "a-1", 2), ("a--7", "a-", 7),
            ("__consumer_offsets-49", "__consumer_offsets", 49),
            ("x.y-2147483647", "x.y", Int32.max), ("...-0", "...", 0),
        ]
    )
    func partition(name: String, topic: String, number: Int32) throws {
        let partition = try TopicPartition(directoryName: name)
        #expect(partition.topic == topic)
        #expect(partition.partition == number)
        #expect(partition.directoryName == name)
    }

    @Test(
        "what is not a partition's directory is refused",
        arguments: [
            "", "-", "orders", "orders-", "-0", "orders-x", "orders-00", "orders-+1", "orders--", "orders-2147483648",
            ".-0",
            "..-0", "a/b-0", "a b-0", "\u{e9}-0", "orders-0.log", "orders-0.swap", "orders-\u{661}",
            String(repeating: "t", count: 250) + "-0",
        ]
    )
    func notPartition(name: String) {
        #expect(throws: FormatError.self) { try TopicPartition(directoryName: name) }
    }

    @Test("a topic's name has 249 characters at most")
    func longTopic() throws {
        let longest = String(repeating: "t", count: 249)
        #expect(try TopicPartition(topic: longest, partition: 0).topic == longest)
        #expect(throws: FormatError.self) { try TopicPartition(topic: longest + "t", partition: 0) }
        #expect(throws: FormatError.self) { try TopicPartition(topic: "t", partition: -1) }
    }

    @Test("every partition directory of the fixtures is one", arguments: Fixtures.State.allCases)
    func fixtures(state: Fixtures.State) throws {
        for name in try Fixtures.partitions(state) {
            let directory = try PartitionDirectoryName(parsing: name)
            #expect(directory.role == .current)
            #expect(directory.topicPartition.directoryName == name)
        }
    }

    @Test(
        "the directories that Kafka puts out of use are known by their suffix",
        arguments: [
            ("a-b-3.0123456789abcdef0123456789abcdef-delete", "a-b-3", PartitionDirectoryName.Role.delete),
            ("x.y-0.ffffffffffffffffffffffffffffffff-future", "x.y-0", .future),
            ("t-12.00000000000000000000000000000000-stray", "t-12", .stray),
            ("t-delete-0", "t-delete-0", .current),
        ]
    )
    func roles(name: String, partition: String, role: PartitionDirectoryName.Role) throws {
        let directory = try PartitionDirectoryName(parsing: name)
        #expect(directory.topicPartition.directoryName == partition)
        #expect(directory.role == role)
        #expect(directory.description == name)
    }

    @Test(
        "a suffix without its unique number is no such directory",
        arguments: ["t-0-delete", "t-0.123-delete", "t-0.0123456789ABCDEF0123456789abcdef-delete", "t-0.-stray"]
    )
    func brokenRoles(name: String) {
        #expect(throws: FormatError.self) { try PartitionDirectoryName(parsing: name) }
    }

    @Test("a new name is unique, fits a file system, and parses", arguments: Seed.all)
    func newNames(seed: Seed) throws {
        var generator = seed.generator
        let short = try TopicPartition(topic: "orders", partition: 7)
        let long = try TopicPartition(topic: String(repeating: "t", count: 249), partition: 12_345)
        for role in [PartitionDirectoryName.Role.delete, .future, .stray] {
            let first = PartitionDirectoryName(short, role: role, unique: generator.number())
            let second = PartitionDirectoryName(short, role: role, unique: generator.number())
            #expect(first.description != second.description)
            #expect(try PartitionDirectoryName(parsing: first.description) == first)

            let name = PartitionDirectoryName(long, role: role, unique: generator.number()).description
            #expect(name.utf8.count == PartitionDirectoryName.maximumLength)
            #expect(try PartitionDirectoryName(parsing: name).role == role)
        }
    }

    @Test("every segment file of the fixtures has the name that it would be given", arguments: Fixtures.State.allCases)
    func segmentFiles(state: Fixtures.State) throws {
        var counts: [SegmentFileName.Kind: Int] = [:]
        for path in try Fixtures.files(below: Fixtures.logDirectory(state)) {
            let text = Fixtures.names(of: path).file
            guard text.first?.isNumber == true else {
                #expect(SegmentFileName(parsing: text) == nil, "\(text)")
                continue
            }
            let name = try #require(SegmentFileName(parsing: text), "\(text)")
            #expect(name.description == text)
            #expect(name.suffix == nil)
            counts[name.kind, default: 0] += 1
        }
        for kind in SegmentFileName.Kind.allCases { #expect(counts[kind, default: 0] > 0, "\(kind)") }
    }

    @Test(
        "a suffix says what is being done with a file",
        arguments: SegmentFileName.Kind.allCases,
        SegmentFileName.Suffix.allCases
    )
    func suffixes(kind: SegmentFileName.Kind, suffix: SegmentFileName.Suffix) throws {
        let name = SegmentFileName(baseOffset: Offset(rawValue: .max), kind: kind, suffix: suffix)
        #expect(name.description == "09223372036854775807.\(kind).\(suffix)")
        #expect(SegmentFileName(parsing: name.description) == name)
    }

    @Test(
        "other names are not those of segment files",
        arguments: [
            "", ".", "0.log", "00000000000000000000", "00000000000000000000.", "00000000000000000000.txt",
            "000000000000000000000.log", "09223372036854775808.log", "99999999999999999999.log",
            "-0000000000000000001.log",
            "+0000000000000000001.log", "00000000000000000000.log.", "00000000000000000000.log.old",
            "00000000000000000000.log.swap.swap", "0000000000000000000\u{661}.log",
            "00000000000000000000-0000000001.checkpoint",
        ]
    )
    func notSegmentFiles(name: String) {
        #expect(SegmentFileName(parsing: name) == nil)
    }
}

extension SplitMix64 {
    fileprivate mutating func number() -> UInt128 { .random(in: 0...UInt128.max, using: &self) }
}
