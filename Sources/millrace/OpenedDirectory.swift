import CommitLog
import LinuxIO
import Logging
import SystemPackage

extension LogDirectory {
    /// Opens the directory that a command was given.
    ///
    /// What is no log directory is refused before anything is written to it: whoever mistypes a path must not find
    /// checkpoints in their home directory.
    /// - Parameters:
    ///   - path: The directory.
    ///   - mayCreate: Whether to make it where there is nothing, or an empty directory.
    ///   - configuration: How to open it.
    static func open(
        _ path: FilePath,
        mayCreate: Bool,
        _ configuration: Configuration = Configuration()
    ) async throws -> LogDirectory {
        guard try isLogDirectory(path) || (mayCreate && isVacant(path)) else {
            let advice = mayCreate ? "; name a directory of logs, an empty one, or one that does not exist yet" : ""
            let found =
                try FileSystem.status(path) == nil ? "does not exist" : "is no log directory (no meta.properties)"
            throw CommandFailure("\(path) \(found)\(advice)")
        }
        var logger = Logger(label: "millrace", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .warning
        return try await open(path, configuration: configuration, logger: logger)
    }

    private static func isLogDirectory(_ path: FilePath) throws -> Bool {
        try FileSystem.status(path.appending("meta.properties")) != nil
    }

    private static func isVacant(_ path: FilePath) throws -> Bool {
        guard let status = try FileSystem.status(path) else { return true }
        // A lock file is what an opening leaves that did not get further.
        return try status.kind == .directory && FileSystem.list(path).allSatisfy { $0.name == ".lock" }
    }
}
