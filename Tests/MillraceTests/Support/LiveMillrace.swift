import Foundation
import SystemPackage
import TestSupport

/// A `millrace` that is running, with a pipe to its standard input.
final class LiveMillrace {
    private let process: ChildProcess

    /// Its process id.
    var pid: Int32 { process.pid }

    /// Starts it.
    /// - Parameters:
    ///   - arguments: Its arguments.
    ///   - environment: What is set in its environment, beside what this process has.
    init(_ arguments: [String], environment: [String: String] = [:]) throws {
        process = try ChildProcess(
            Repository.products.appending("millrace").string,
            arguments,
            environment: ["SWIFT_BACKTRACE": "enable=no"].merging(environment) { $1 },
            errors: .pipe
        )
    }

    /// Gives it something to read; more than a pipe takes would have to wait for it to be read.
    func write(_ bytes: [UInt8]) throws { try process.write(bytes) }

    /// Ends its input.
    func endInput() { process.endInput() }

    /// Closes the end of its output that would be read.
    func refuseOutput() { process.refuseOutput() }

    /// Reads some of its output, up to `count` bytes; waits for it.
    func readOutput(_ count: Int) -> [UInt8] { process.read(count) }

    /// Reads what it writes to standard error, until that has a line with such a text, or the end.
    /// - Returns: All until then.
    func readErrors(until text: String) -> String {
        var read = ""
        while !read.split(separator: "\n", omittingEmptySubsequences: false).dropLast().contains(where: {
            $0.contains(text)
        }) {
            let more = process.readErrors()
            if more.isEmpty { break }
            read += String(decoding: more, as: UTF8.self)
        }
        return read
    }

    /// Sends it a signal.
    func signal(_ number: Int32) { process.signal(number) }

    /// Waits for its end.
    /// - Returns: The exit status, nil if a signal was the end, and what it wrote to standard error.
    func wait() -> (status: Int32?, standardError: String) {
        // Before the wait, lest it waits for the pipe to be emptied; what it writes is short.
        let text = String(decoding: process.readErrorsToEnd(), as: UTF8.self)
        let status = process.wait()
        return (status >= 0 ? status : nil, text)
    }
}

/// Waits until something holds that another process brings about.
///
/// A test that waits in vain is ended by its time limit.
func waitUntil(_ holds: () throws -> Bool) rethrows {
    while try !holds() { usleep(1000) }
}
