import ArgumentParser
import CommitLog
import SystemPackage

/// Why a command could not do its work; printed to standard error, with exit status 1.
struct CommandFailure: Error, CustomStringConvertible {
    /// What went wrong, where, and what can be done about it.
    let description: String

    init(_ description: String) { self.description = description }

    init(_ error: LogError) {
        var text = error.message
        if let path = error.location.path, !text.contains(path.string) { text += " (\(path))" }
        description = text
    }

    /// Runs the body of a command, and reports what it throws in the way of all commands.
    static func reporting(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as LogError {
            try report(CommandFailure(error))
        } catch  where !(error is ExitCode) {
            try report(CommandFailure("\(error)"))
        }
    }

    private static func report(_ failure: CommandFailure) throws -> Never {
        StandardError.print("millrace: \(failure)")
        throw ExitCode.failure
    }
}

/// Where messages for people go.
enum StandardError {
    /// Prints a line.
    static func print(_ line: String) {
        // Where standard error is closed there is nobody to tell.
        _ = try? FileDescriptor.standardError.writeAll("\(line)\n".utf8)
    }
}
