import Foundation
import SystemPackage
import TestSupport

/// One run of the built `millrace`.
struct MillraceProcess {
    let standardOutput: [UInt8]
    let standardError: String
    /// The exit status; nil if a signal ended the process, which is never right.
    let status: Int32?

    /// The lines of standard output.
    var lines: [String] { Fixtures.lines(of: standardOutput) }

    /// Runs `millrace` to its end.
    ///
    /// The outputs go to files: pipes would have to be emptied both at once while it runs.
    /// - Parameters:
    ///   - arguments: Its arguments.
    ///   - input: What standard input gives; nothing if not given.
    ///   - outputPath: Where standard output goes, such as a device; a file, whose contents are returned, if not given.
    static func run(
        _ arguments: [String],
        input: [UInt8]? = nil,
        output outputPath: String? = nil
    ) throws -> MillraceProcess {
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("millrace-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: scratch) }
        let outputFile = scratch.appendingPathComponent("out")
        let errorFile = scratch.appendingPathComponent("err")
        try Data().write(to: outputFile)
        try Data().write(to: errorFile)

        let inputFile = scratch.appendingPathComponent("in")
        if let input { try Data(input).write(to: inputFile) }
        let process = try ChildProcess(
            Repository.products.appending("millrace").string,
            arguments,
            // Where a test wants a crash it must not wait for a backtrace to be symbolicated.
            environment: ["SWIFT_BACKTRACE": "enable=no"],
            input: .file(input == nil ? "/dev/null" : inputFile.path),
            output: .file(outputPath ?? outputFile.path),
            errors: .file(errorFile.path)
        )
        let status = process.wait()
        return MillraceProcess(
            standardOutput: [UInt8](try Data(contentsOf: outputFile)),
            standardError: String(decoding: try Data(contentsOf: errorFile), as: UTF8.self),
            status: status >= 0 ? status : nil
        )
    }
}
