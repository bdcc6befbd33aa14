import Foundation

/// How a process ended that was started to be measured.
struct ChildProcess: Error, CustomStringConvertible {
    var arguments: [String]
    var output: String
    /// `nil` if it was killed.
    var exitCode: Int32?
    /// `nil` if it exited.
    var signal: Int32?

    var description: String {
        "\(arguments.joined(separator: " ")) ended with \(exitCode.map { "code \($0)" } ?? "signal \(signal ?? 0)")"
    }

    /// Runs this program with other arguments, and waits for its end.
    ///
    /// - Parameter wrapper: a program, and its arguments, that is to run this one.
    static func run(_ arguments: [String], under wrapper: [String] = []) async throws -> ChildProcess {
        let process = Process()
        let command = wrapper + ["/proc/self/exe".resolved] + arguments
        process.executableURL = URL(filePath: wrapper.isEmpty ? command[0] : "/usr/bin/env")
        process.arguments = wrapper.isEmpty ? arguments : command
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let exited = process.terminationReason == .exit
        return ChildProcess(
            arguments: command,
            output: output,
            exitCode: exited ? process.terminationStatus : nil,
            signal: exited ? nil : process.terminationStatus
        )
    }
}

extension String {
    fileprivate var resolved: String { (try? FileManager.default.destinationOfSymbolicLink(atPath: self)) ?? self }
}
