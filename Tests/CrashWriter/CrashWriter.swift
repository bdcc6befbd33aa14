import CommitLog
import Glibc
import Logging
import RecordBatch
import SystemPackage

/// Appends to the logs of a directory until it is killed, and says on standard output what it was promised.
///
/// ```
/// append TOPIC OFFSET VALUE     an append returned
/// durable TOPIC OFFSET          a wait for durability returned
/// read TOPIC BASE CRC           a reader was given this batch
/// start TOPIC OFFSET            the head was cut
/// ```
///
/// A line is one write(2) of fewer bytes than a pipe takes whole, so that a kill cuts none.
@main
struct CrashWriter {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let round = Int(arguments[2]) else {
            exit(64)
        }
        var logger = Logger(label: "crash-writer")
        logger.logLevel = .error
        let directory = try await LogDirectory.open(
            FilePath(arguments[1]),
            configuration: configuration,
            logger: logger
        )
        await withThrowingTaskGroup(of: Void.self) { group in
            for topic in ["durable", "cached"] {
                group.addTask {
                    let partition = try TopicPartition(topic: topic, partition: 0)
                    let log = try directory.log(for: partition) ?? directory.createLog(partition)
                    try await run(log, topic, round)
                }
            }
        }
    }

    /// Small segments, so that rolls and head cuts come often; one topic is durable by default, one is not.
    private static var configuration: LogDirectory.Configuration {
        var configuration = LogDirectory.Configuration()
        configuration.defaults.segmentBytes = 20_000
        configuration.defaults.indexIntervalBytes = 500
        configuration.topics["cached"] = configuration.defaults
        configuration.topics["cached"]?.flushMessages = 50
        return configuration
    }

    private static func run(_ log: PartitionLog, _ topic: String, _ round: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<3 {
                group.addTask {
                    for number in 0... {
                        let value =
                            "\(topic):\(round):\(writer):\(number):" + String(repeating: "x", count: number * 37 % 300)
                        let record = Record(
                            offset: Offset(0),
                            timestamp: .now,
                            timestampType: .createTime,
                            key: nil,
                            value: Array(value.utf8),
                            headers: []
                        )
                        let result = try log.append(records: [record], codec: number % 5 == 0 ? .zstd : .none)
                        say("append \(topic) \(result.baseOffset) \(value)")
                        if number % 3 == 0 {
                            try await log.waitUntilDurable(result.lastOffset)
                            say("durable \(topic) \(result.lastOffset)")
                        }
                    }
                }
            }
            group.addTask {
                var next = log.logStartOffset
                while true {
                    next = max(next, log.logStartOffset)
                    let slice = try await log.slice(from: next, maxBytes: 4096)
                    if slice.isEmpty {
                        await Task.yield()
                        continue
                    }
                    let bytes = try slice.readBytes()
                    var batches = RecordBatchIterator(bytes.span.bytes)
                    while let batch = try batches.next() {
                        try batch.validateCRC()
                        say("read \(topic) \(batch.header.baseOffset) \(batch.header.crc)")
                        next = batch.header.nextOffset
                    }
                    if next.rawValue > log.logStartOffset.rawValue + 600 {
                        try await log.truncateHead(to: next + -300)
                        say("start \(topic) \(log.logStartOffset)")
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private static func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        // Whoever reads has gone: so do we.
        if write(STDOUT_FILENO, bytes, bytes.count) != bytes.count { exit(0) }
    }
}
