import Glibc
import LinuxIO
import SystemPackage
import TestSupport
import Testing

/// `millrace serve`, as another process, on a port of its own.
final class NodeProcess: Sendable {
    /// Where clients connect to.
    let address: String
    private let process: ChildProcess

    /// Starts a node, and waits until it serves.
    /// - Parameters:
    ///   - data: Its directory.
    ///   - address: Where it is to listen; by default on a port of its own, which is none of those that the system gives out:
    ///     nobody else has it when the node is started again.
    init(
        _ data: FilePath,
        _ backend: IOBackend,
        at address: String = "127.0.0.1:\(nextPort())",
        _ arguments: [String] = []
    ) throws {
        process = try ChildProcess(
            Repository.products.appending("millrace").string,
            ["serve", "--data", data.string, "--listen", address] + arguments,
            environment: [IOBackend.environmentVariable: "\(backend)"],
            input: .file("/dev/null"),
            output: .inherited,
            errors: .pipe
        )
        self.address = try Self.address(in: process)
        // Its log is short; what follows of it has room in the pipe.
    }

    private static let port = Lock(UInt16(10_000 + getpid() % 15_000))

    private static func nextPort() -> UInt16 {
        port.withLock { port in
            port += 1
            return port
        }
    }

    private static func address(in process: ChildProcess) throws -> String {
        var log = ""
        while true {
            let more = process.readErrors()
            log += String(decoding: more, as: UTF8.self)
            for line in log.split(separator: "\n") where line.contains(" Serving ") {
                let words = line.split(separator: " ")
                guard let on = words.lastIndex(of: "on").flatMap({ words[..<$0].lastIndex(of: "on") }) else { break }
                return String(words[on + 1].filter { $0 != "," })
            }
            guard !more.isEmpty else { throw TestSupportError("The node has ended: \(log)") }
        }
    }

    /// Ends it in good order.
    func stop() {
        process.signal(SIGTERM)
        #expect(process.wait() == 0)
    }

    /// Ends it at once.
    func kill() {
        process.kill()
        process.wait()
    }
}
