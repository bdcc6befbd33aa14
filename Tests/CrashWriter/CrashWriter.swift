import CommitLog
import Glibc
import Logging
import SystemPackage

/// Works with the logs of a directory until it is killed, and says on standard output what it was promised.
///
/// A line is one write(2) of fewer bytes than a pipe takes whole, so that a kill cuts none.
@main
struct CrashWriter {
    /// The logs, by their topics.
    static let topics = ["durable-a", "durable-b", "cached-a", "cached-b", "renewed"]

    /// Small segments, so that rolls and head cuts come often; some topics are durable by default, some are not.
    static var configuration: LogDirectory.Configuration {
        var configuration = LogDirectory.Configuration()
        configuration.defaults.segmentBytes = 40_000
        configuration.defaults.indexIntervalBytes = 500
        for topic in topics where topic.hasPrefix("cached") {
            configuration.topics[topic] = configuration.defaults
            configuration.topics[topic]?.flushMessages = 50
        }
        return configuration
    }

    static func main() async {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let round = Int(arguments[2]) else { exit(64) }
        do {
            while true { try await live(in: FilePath(arguments[1]), round) }
        } catch {
            fail(error)
        }
    }

    /// Opens the directory, works with its logs, and closes it.
    private static func live(in root: FilePath, _ round: Int) async throws {
        // That a disk is gone is no news.
        let logger = Logger(label: "crash-writer") { _ in SwiftLogNoOpLogHandler() }
        let directory = try await LogDirectory.open(root, configuration: configuration, logger: logger)
        for log in directory.logs { sayOpened(log) }
        let bursts = Int.random(in: 1...8)
        await withTaskGroup(of: Void.self) { group in
            for topic in topics {
                group.addTask {
                    do {
                        let partition = try TopicPartition(topic: topic, partition: 0)
                        var workload = Workload(directory, partition, round)
                        for _ in 0..<bursts { try await workload.burst() }
                    } catch {
                        fail(error)
                    }
                }
            }
        }
        let logs = directory.logs
        try await directory.close()
        for log in logs where log.logEndOffset > log.logStartOffset {
            say(Statement(.durable, log.topicPartition.topic, log.logEndOffset.rawValue - 1))
        }
    }

    static func sayOpened(_ log: PartitionLog) {
        let (start, end) = (log.logStartOffset.rawValue, log.logEndOffset.rawValue)
        say(Statement(.opened, log.topicPartition.topic, end, number: start))
    }

    static func say(_ statement: Statement) { say(statement.line) }

    private static func say(_ line: String) {
        let bytes = Array(line.utf8)
        // Whoever reads has gone: so do we.
        if write(STDOUT_FILENO, bytes, bytes.count) != bytes.count { exit(0) }
    }

    /// Without its disk there is nothing left to do; whether that was to be expected knows the parent.
    static func fail(_ error: any Error) -> Never {
        say("failed: \(error)\n")
        exit(1)
    }
}
