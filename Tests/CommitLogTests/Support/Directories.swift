import LinuxIO
import Logging
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import CommitLog

extension TopicPartition {
    /// Partition 0 of the topic "t".
    static var test: TopicPartition { .named("t") }

    /// A partition with a name that is known to be one.
    static func named(_ topic: String, _ partition: Int32 = 0) -> TopicPartition {
        do {
            return try TopicPartition(topic: topic, partition: partition)
        } catch {
            preconditionFailure("\(error)")
        }
    }
}

extension LogDirectory {
    /// Opens a directory with one configuration for all logs, and logs nothing.
    static func open(
        _ path: FilePath,
        _ log: LogConfiguration = LogConfiguration(),
        epoch: Int32? = nil,
        openFiles: Int = 4096
    ) async throws(LogError) -> LogDirectory {
        var configuration = Configuration()
        configuration.defaults = log
        configuration.openFiles = openFiles
        configuration.leaderEpoch = epoch.map { LeaderEpoch($0) }
        return try await open(path, configuration: configuration, logger: quietLogger)
    }

    /// The log, made if there is none.
    func makeLog(_ partition: TopicPartition = .test) throws -> PartitionLog {
        try log(for: partition) ?? createLog(partition)
    }
}

/// Logs only what must not happen.
var quietLogger: Logger {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return logger
}

extension PartitionLog {
    /// Appends a batch and waits until it is durable.
    @discardableResult
    func appendDurably(_ batch: [UInt8]) async throws -> AppendResult {
        let result = try append(batch)
        try await waitUntilDurable(result.lastOffset)
        return result
    }

    /// All records from `offset` to the high watermark.
    func readAll(from offset: Offset? = nil) async throws -> [Record] {
        let end = highWatermark
        var records: [Record] = []
        let start = offset ?? logStartOffset
        guard start < end else { return [] }
        for try await record in self.records(from: start) {
            records.append(record)
            if record.offset + 1 >= end { break }
        }
        return records
    }

    /// The bytes of a slice.
    func bytes(of slice: LogSlice) throws -> [UInt8] { try slice.readBytes() }
}

extension LogConfiguration {
    /// Small segments with dense indexes, so that little data makes many of both.
    static var small: LogConfiguration {
        var configuration = LogConfiguration()
        configuration.segmentBytes = 4096
        configuration.indexIntervalBytes = 200
        return configuration
    }
}

/// The error that `body` throws; `nil`, and an issue, if it throws none.
func failure<Success>(
    of body: () async throws -> Success,
    sourceLocation: SourceLocation = #_sourceLocation
) async -> LogError? {
    do {
        _ = try await body()
        Issue.record("nothing was thrown", sourceLocation: sourceLocation)
        return nil
    } catch {
        return error as? LogError
    }
}
