package import CommitLog
import Foundation
package import Logging
package import SystemPackage

/// Where a run keeps its files, and how it opens log directories there.
package struct Workplace: Sendable {
    package let path: FilePath
    package let logger: Logger

    /// Makes the directory if there is none.
    package init(_ path: FilePath) throws {
        self.path = path
        var logger = Logger(label: "perf") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .warning
        self.logger = logger
        try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
    }

    /// A path in the directory at which there is nothing.
    package func fresh(_ name: String) throws -> FilePath {
        let fresh = path.appending(name)
        if FileManager.default.fileExists(atPath: fresh.string) {
            try FileManager.default.removeItem(atPath: fresh.string)
        }
        return fresh
    }

    /// A new, empty directory.
    package func freshDirectory(_ name: String) throws -> FilePath {
        let fresh = try fresh(name)
        try FileManager.default.createDirectory(atPath: fresh.string, withIntermediateDirectories: true)
        return fresh
    }

    package func remove(_ path: FilePath) throws { try FileManager.default.removeItem(atPath: path.string) }

    /// Opens a log directory.
    package func open(_ path: FilePath, _ level: Level) async throws -> LogDirectory {
        var configuration = LogDirectory.Configuration()
        configuration.defaults = level.configuration
        return try await LogDirectory.open(path, configuration: configuration, logger: logger)
    }

    /// The directory of the large log, which is made once and takes long to make.
    package func largeLog() throws -> FilePath {
        let path = path.appending(SparseDirectory.large)
        if !FileManager.default.fileExists(atPath: path.string) {
            let unfinished = try freshDirectory("\(SparseDirectory.large).unfinished")
            try SparseDirectory.makeLarge(unfinished)
            try FileManager.default.moveItem(atPath: unfinished.string, toPath: path.string)
        }
        return path
    }

    /// When an append counts as done.
    package enum Level {
        /// In the page cache; nothing is synced.
        case pageCache
        /// On the disk: the default.
        case durable

        var configuration: LogConfiguration {
            var configuration = LogConfiguration()
            if case .pageCache = self { configuration.flushMessages = .max }
            return configuration
        }
    }
}

extension LogDirectory {
    /// The log of a topic's partition 0, which was made before.
    package func existing(_ topic: String) throws -> PartitionLog {
        guard let log = log(for: try TopicPartition(topic: topic, partition: 0)) else {
            throw LogError(.notFound, "There is no log of \(topic)")
        }
        return log
    }
}

/// A limit that could not be measured.
package struct LimitFailure: Error, CustomStringConvertible {
    package let errno: Errno

    package init(errno: Errno) { self.errno = errno }

    package var description: String { "A limit could not be measured: \(errno)" }

    /// The seconds that a limit returned.
    package static func check(_ result: Double) throws(LimitFailure) -> Double {
        guard result >= 0 else { throw LimitFailure(errno: Errno(rawValue: CInt(-result))) }
        return result
    }
}
