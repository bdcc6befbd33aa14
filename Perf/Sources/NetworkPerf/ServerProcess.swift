import Foundation
import Measuring
import SystemPackage

/// A server that is measured, or the limit for one, as a process of its own.
final class ServerProcess {
    /// Where it listens on 127.0.0.1.
    let port: UInt16
    /// The seconds from its start until it said that it serves.
    let startSeconds: Double

    private let process: Process
    private let errors: Pipe

    /// The node: `millrace serve`, as users run it.
    static func node(_ directory: FilePath, _ backend: Backend = .ring) throws -> ServerProcess {
        let environment = ProcessInfo.processInfo.environment.merging(["MILLRACE_IO": backend.rawValue]) { $1 }
        let millrace = URL(filePath: Self.ownPath).deletingLastPathComponent().appending(path: "millrace")
        let arguments = ["serve", "--data", directory.string, "--listen", "127.0.0.1:0"]
        return try ServerProcess(millrace, arguments, environment)
    }

    /// A limit: this program, with arguments for it.
    static func limit(_ arguments: [String]) throws -> ServerProcess {
        try ServerProcess(URL(filePath: ownPath), arguments, ProcessInfo.processInfo.environment)
    }

    /// What a limit says once it serves; the node says it too.
    static func announcement(_ port: UInt16) -> String { "Serving on 127.0.0.1:\(port)," }

    private init(_ program: URL, _ arguments: [String], _ environment: [String: String]) throws {
        process = Process()
        errors = Pipe()
        process.executableURL = program
        process.arguments = arguments
        process.environment = environment
        process.standardOutput = FileHandle.nullDevice
        process.standardError = errors
        let start = ContinuousClock.now
        try process.run()
        port = try Self.port(in: errors, of: process)
        startSeconds = (ContinuousClock.now - start) / .seconds(1)
    }

    private static let ownPath =
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "/proc/self/exe"

    private static func port(in errors: Pipe, of process: Process) throws -> UInt16 {
        var log = ""
        while true {
            let more = errors.fileHandleForReading.availableData
            guard !more.isEmpty else { throw ServerFailure("\(process.arguments ?? []) has ended: \(log)") }
            log += String(decoding: more, as: UTF8.self)
            for line in log.split(separator: "\n") where line.contains("Serving ") {
                let digits = line.firstRange(of: "127.0.0.1:").map { line[$0.upperBound...].prefix { $0.isNumber } }
                if let port = digits.flatMap({ UInt16($0) }), line.contains("127.0.0.1:\(port),") { return port }
            }
        }
    }

    // MARK: What it takes

    /// The processor's seconds that it has taken, in steps of 10 ms.
    func processorSeconds() throws -> Double {
        let stat = try String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8)
        // The name may have spaces; the fields behind it do not. The 14th and 15th of all are user and system time.
        guard let name = stat.lastIndex(of: ")") else { throw ServerFailure("Cannot read \(stat)") }
        let fields = stat[stat.index(after: name)...].split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
            throw ServerFailure("Cannot read \(stat)")
        }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// How many bytes of memory are its.
    func residentBytes() throws -> Int {
        let pages = try String(contentsOfFile: "/proc/\(process.processIdentifier)/statm", encoding: .utf8)
            .split(separator: " ")
        return (Int(pages[1]) ?? 0) * sysconf(Int32(_SC_PAGESIZE))
    }

    /// Its number, for tools that look at it from outside.
    var identifier: Int32 { process.processIdentifier }

    // MARK: Its end

    /// Ends it, the node in good order.
    func stop() {
        process.terminate()
        process.waitUntilExit()
    }

    deinit {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}

/// What a node does its IO with.
enum Backend: String, CaseIterable {
    case ring
    case epoll
}

/// A server that did not do as it should.
struct ServerFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
