import Foundation
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import CommitLog

/// A real broker's batches, appended by us, have to give the broker's files.
@Suite("Replaying a broker's log", .temporaryDirectory)
struct FixtureReplayTests {
    private struct Topic: Decodable {
        var segmentBytes: Int?
        var indexIntervalBytes: Int?

        enum CodingKeys: String, CodingKey {
            case segmentBytes = "segment.bytes"
            case indexIntervalBytes = "index.interval.bytes"
        }
    }

    private static let partitions = [
        "plain-none-0", "plain-gzip-0", "plain-snappy-0", "plain-lz4-0", "plain-zstd-0", "tiny-0", "idem-0", "txn-0",
        "multi-0",
        "multi-1", "multi-2",
    ]

    private func configuration(of topic: String) throws -> LogConfiguration {
        let data = try Data(Fixtures.bytes(of: Fixtures.directory.appending("topics.json")))
        let topics = try JSONDecoder().decode([String: Topic].self, from: data)
        var configuration = LogConfiguration()
        configuration.segmentIndexBytes = 102_400  // log.index.size.max.bytes in broker.properties
        configuration.producerIDExpirationMs = .max
        configuration.segmentBytes = topics[topic]?.segmentBytes ?? configuration.segmentBytes
        configuration.indexIntervalBytes = topics[topic]?.indexIntervalBytes ?? configuration.indexIntervalBytes
        return configuration
    }

    @Test("gives byte-equal logs, offset indexes, time indexes, and what is known of producers", arguments: partitions)
    func byteEqual(name: String) async throws {
        let partition = try TopicPartition(directoryName: name)
        let source = try Fixtures.logDirectory(.clean).appending(name)
        let configuration = try configuration(of: partition.topic)
        let root = TemporaryDirectory.current.appending("data")

        var open: (epoch: LeaderEpoch, directory: LogDirectory, log: PartitionLog)?
        for file in try Fixtures.files(below: source, suffix: ".log").sorted(by: { $0.string < $1.string }) {
            let bytes = try Fixtures.bytes(of: file)
            var position = 0
            while position < bytes.count {
                let header = try RecordBatchHeader(parsing: bytes.rawSpan.extracting(position..<bytes.count))
                if open?.epoch != header.partitionLeaderEpoch {
                    try await open?.directory.close()
                    let epoch = header.partitionLeaderEpoch
                    let directory = try await LogDirectory.open(root, configuration, epoch: epoch.rawValue)
                    open = (epoch, directory, try directory.makeLog(partition))
                }
                let log = try #require(open).log
                let batch = Array(bytes[position..<(position + header.byteCount)])
                let result = try log.append(batch, origin: .coordinator, at: header.maxTimestamp)
                #expect(result.baseOffset == header.baseOffset)
                #expect(result.lastOffset == header.lastOffset)
                position += header.byteCount
            }
        }
        try await open?.directory.close()

        let made = root.appending(name)
        // Ours has none where nobody had a producer id.
        if let closing = try Fixtures.files(below: made, suffix: ".snapshot").last {
            let expected = try Fixtures.bytes(of: source.appending(Fixtures.names(of: closing).file))
            #expect(try Fixtures.bytes(of: closing) == expected, "\(closing)")
        }
        for suffix in [".log", ".index", ".timeindex"] {
            let expected = try Fixtures.files(below: source, suffix: suffix).map { Fixtures.names(of: $0).file }
                .sorted()
            let actual = try Fixtures.files(below: made, suffix: suffix).map { Fixtures.names(of: $0).file }.sorted()
            #expect(actual == expected)
            for file in expected {
                let isEqual =
                    try Fixtures.bytes(of: made.appending(file)) == Fixtures.bytes(of: source.appending(file))
                #expect(isEqual, "\(name)/\(file)")
            }
        }
    }
}
