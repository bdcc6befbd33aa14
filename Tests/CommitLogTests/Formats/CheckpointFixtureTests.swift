import CommitLog
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@Suite("The small text files that Kafka wrote")
struct CheckpointFixtureTests {
    static let offsetCheckpoints = [
        "recovery-point-offset-checkpoint", "log-start-offset-checkpoint", "replication-offset-checkpoint",
        "cleaner-offset-checkpoint",
    ]

    @Test("an offset checkpoint holds the lines of the file", arguments: Fixtures.State.allCases, offsetCheckpoints)
    func offsetCheckpoint(state: Fixtures.State, name: String) throws {
        let path = try Fixtures.logDirectory(state).appending(name)
        let checkpoint = try OffsetCheckpoint(parsing: Fixtures.bytes(of: path))

        let lines = try Fixtures.lines(of: path)
        let entries = checkpoint.offsets.map { "\($0.topic) \($0.partition) \($1.rawValue)" }
        #expect(entries.sorted() == lines.dropFirst(2).sorted())

        // Kafka's order is that of a hash table; but for the order the files are equal, and ours reads back.
        let encoded = checkpoint.encoded()
        #expect(try OffsetCheckpoint(parsing: encoded) == checkpoint)
        let linesAgain = String(decoding: encoded, as: UTF8.self).split(separator: "\n").map(String.init)
        #expect(linesAgain.sorted() == (lines.isEmpty ? ["0", "0"] : lines.sorted()))
    }

    @Test("a leader epoch checkpoint is written as it was read", arguments: Fixtures.State.allCases)
    func leaderEpochCheckpoint(state: Fixtures.State) throws {
        let paths = try Fixtures.files(below: Fixtures.logDirectory(state), suffix: "leader-epoch-checkpoint")
        #expect(paths.count == 15)
        for path in paths {
            let bytes = try Fixtures.bytes(of: path)
            let cache = try LeaderEpochCache(parsing: bytes)
            #expect(!cache.entries.isEmpty)
            #expect(cache.encoded() == bytes, "\(path)")
            // An empty file is a cache without epochs.
            Mutilation.expectEveryPrefixRefused(bytes, valid: [0]) { (bytes) throws(FormatError) in
                _ = try LeaderEpochCache(parsing: bytes)
            }
        }
    }

    @Test("partition metadata is written as it was read", arguments: Fixtures.State.allCases)
    func partitionMetadata(state: Fixtures.State) throws {
        let paths = try Fixtures.files(below: Fixtures.logDirectory(state), suffix: "partition.metadata")
        #expect(paths.count == 15)
        for path in paths {
            let bytes = try Fixtures.bytes(of: path)
            #expect(try PartitionMetadata(parsing: bytes).encoded() == bytes)
            Mutilation.expectEveryPrefixRefused(bytes) { (bytes) throws(FormatError) in
                _ = try PartitionMetadata(parsing: bytes)
            }
        }
    }

    @Test("the topic of the metadata log has the identity that all clusters share")
    func clusterMetadata() throws {
        let path = try Fixtures.logDirectory(.clean).appending("__cluster_metadata-0/partition.metadata")
        #expect(try PartitionMetadata(parsing: Fixtures.bytes(of: path)).topicID == .clusterMetadata)
    }

    @Test("meta.properties has the values of the file, and reads back", arguments: Fixtures.State.allCases)
    func metaProperties(state: Fixtures.State) throws {
        let bytes = try Fixtures.bytes(of: Fixtures.logDirectory(state).appending("meta.properties"))
        let properties = try MetaProperties(parsing: bytes)
        #expect(properties.clusterID == "v18LUKS2SfuNQVQT_kRHkA")
        #expect(properties.nodeID == 1)
        #expect(properties.directoryID?.description == "56dt9ZNTztKXwWRe0GtzsA")
        #expect(try MetaProperties(parsing: properties.encoded()) == properties)
        Mutilation.expectEveryPrefixRefused(bytes) { (bytes) throws(FormatError) in
            _ = try MetaProperties(parsing: bytes)
        }
    }

    @Test("the clean shutdown file is written as it was read")
    func cleanShutdown() throws {
        let bytes = try Fixtures.bytes(of: Fixtures.logDirectory(.clean).appending(".kafka_cleanshutdown"))
        let file = try CleanShutdownFile(parsing: bytes)
        #expect(file.brokerEpoch == 112)
        #expect(file.encoded() == bytes)
        Mutilation.expectEveryPrefixRefused(bytes, valid: [0]) { (bytes) throws(FormatError) in
            _ = try CleanShutdownFile(parsing: bytes)
        }
    }

    @Test("damaged text files are refused, or are other valid files", arguments: Seed.all)
    func damage(seed: Seed) throws {
        let root = try Fixtures.logDirectory(.clean)
        try Mutilation.expectBorne(
            Fixtures.bytes(of: root.appending("recovery-point-offset-checkpoint")),
            seed: seed,
            parse: OffsetCheckpoint.init(parsing:),
            encode: { $0.encoded() }
        )
        try Mutilation.expectBorne(
            Fixtures.bytes(of: root.appending("txn-0/leader-epoch-checkpoint")),
            seed: seed,
            parse: LeaderEpochCache.init(parsing:),
            encode: { $0.encoded() }
        )
        try Mutilation.expectBorne(
            Fixtures.bytes(of: root.appending("txn-0/partition.metadata")),
            seed: seed,
            parse: PartitionMetadata.init(parsing:),
            encode: { $0.encoded() }
        )
        try Mutilation.expectBorne(
            Fixtures.bytes(of: root.appending("meta.properties")),
            seed: seed,
            parse: MetaProperties.init(parsing:),
            encode: { $0.encoded() }
        )
        try Mutilation.expectBorne(
            Fixtures.bytes(of: root.appending(".kafka_cleanshutdown")),
            seed: seed,
            parse: CleanShutdownFile.init(parsing:),
            encode: { $0.encoded() }
        )
    }
}
