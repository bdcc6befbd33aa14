import Foundation
import SystemPackage
import TestSupport

/// A `millrace` that is running, with a pipe to its standard input.
final class LiveMillrace {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private let errors = Pipe()

    /// Its process id.
    var pid: Int32 { process.processIdentifier }

    /// Starts it.
    init(_ arguments: [String]) throws {
        process.executableURL = URL(fileURLWithPath: Repository.products.appending("millrace").string)
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        process.standardError = errors
        process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
        try process.run()
    }

    /// Gives it something to read; more than a pipe takes would have to wait for it to be read.
    func write(_ bytes: [UInt8]) throws { try input.fileHandleForWriting.write(contentsOf: Data(bytes)) }

    /// Ends its input.
    func endInput() throws { try input.fileHandleForWriting.close() }

    /// Closes the end of its output that would be read.
    func refuseOutput() throws { try output.fileHandleForReading.close() }

    /// Reads some of its output; waits for it.
    func readOutput(_ count: Int) throws -> [UInt8] {
        [UInt8](try output.fileHandleForReading.read(upToCount: count) ?? Data())
    }

    /// Sends it a signal.
    func signal(_ number: Int32) { kill(pid, number) }

    /// Waits for its end.
    /// - Returns: The exit status, nil if a signal was the end, and what it wrote to standard error.
    func wait() throws -> (status: Int32?, standardError: String) {
        // Before the wait, lest it waits for the pipe to be emptied; what it writes is short.
        let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationReason == .exit ? process.terminationStatus : nil, text)
    }

    deinit {
        if process.isRunning { signal(SIGKILL) }
    }
}

/// Waits until something holds that another process brings about.
///
/// A test that waits in vain is ended by its time limit.
func waitUntil(_ holds: () throws -> Bool) rethrows {
    while try !holds() { usleep(1000) }
}
