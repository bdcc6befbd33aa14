import Foundation
import SystemPackage
import TestSupport
import Testing

/// `millrace serve`, on a port of its own.
struct ServingMillrace {
    let process: LiveMillrace
    /// What it has logged until it served.
    let log: String

    /// Starts it, and waits until it serves, or has ended; without a port for metrics, if none is asked for.
    init(_ arguments: [String], environment: [String: String] = [:]) throws {
        let standard = ["MILLRACE_METRICS_LISTENER": "none"]
        process = try LiveMillrace(["serve"] + arguments, environment: standard.merging(environment) { $1 })
        log = process.readErrors(until: " Serving ")
    }

    /// Where it serves.
    var address: String {
        get throws {
            let line = try #require(log.split(separator: "\n").last { $0.contains(" Serving ") }, "\(log)")
            let words = line.split(separator: " ")
            let on = try #require(words.firstIndex(of: "on"))
            return String(words[on + 1].dropLast())
        }
    }

    /// Ends it as an operator does; it has to end in good order.
    func stop() {
        process.signal(SIGTERM)
        let (status, text) = process.wait()
        #expect(status == 0, "\(text)")
    }
}

@Suite("millrace serve", .temporaryDirectory, .timeLimit(.minutes(2)))
struct ServeTests {
    private var directory: String { TemporaryDirectory.current.appending("logs").string }

    private func file(_ text: String) throws -> String {
        let path = TemporaryDirectory.current.appending("server.properties").string
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func node() throws -> String {
        let path = "\(directory)/meta.properties"
        let properties = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
        return String(try #require(properties.split(separator: "\n").first { $0.hasPrefix("node.id=") }))
    }

    @Test("SIGTERM and SIGINT close the directory in good order", arguments: [SIGTERM, SIGINT])
    func ends(signal: Int32) throws {
        let serving = try ServingMillrace(["--data", directory, "--listen", "127.0.0.1:0"])
        #expect(try serving.address.hasPrefix("127.0.0.1:"))
        serving.process.signal(signal)
        let (status, text) = serving.process.wait()
        #expect(status == 0)
        #expect(text.contains("Closed \(directory)"), "\(text)")
        #expect(FileManager.default.fileExists(atPath: "\(directory)/.kafka_cleanshutdown"))
    }

    @Test("the command line counts before the environment, and that before the file")
    func precedence() throws {
        // A last line without an end, as people write them.
        let file = try file("# A comment\nlisteners=PLAINTEXT://127.0.0.1:0\nnode.id=3\nlog.dirs=\(directory)")
        let arguments = ["--config", file]
        let environment = ["MILLRACE_NODE_ID": "4"]
        try ServingMillrace(arguments).stop()
        #expect(try node() == "node.id=3")
        try FileManager.default.removeItem(atPath: directory)
        try ServingMillrace(arguments, environment: environment).stop()
        #expect(try node() == "node.id=4")
        try FileManager.default.removeItem(atPath: directory)
        try ServingMillrace(arguments + ["--set", "node.id=5"], environment: environment).stop()
        #expect(try node() == "node.id=5")
        let refused = try MillraceProcess.run(["serve"] + arguments)
        #expect(refused.status == 1)
        #expect(refused.standardError.contains("belongs to node 5"), "\(refused.standardError)")
    }

    @Test("what means nothing is told in the log, and the node serves")
    func warnings() throws {
        let serving = try ServingMillrace(
            ["--data", directory, "--listen", "127.0.0.1:0", "--set", "ssl.key.password=hidden"],
            environment: ["MILLRACE_PORT": "tcp://10.0.0.1:9092", "MILLRACE_SERVICE_HOST": "10.0.0.1"]
        )
        #expect(serving.log.contains("ssl.key.password (--set)"))
        #expect(serving.log.contains("port (MILLRACE_PORT in the environment)"))
        #expect(serving.log.contains("MILLRACE_SERVICE_HOST in the environment does not name a setting"))
        #expect(!serving.log.contains("hidden") && !serving.log.contains("10.0.0.1:9092"))
        serving.stop()
    }

    @Test("what is wrong with the settings is told at once, and nothing is made")
    func errors() throws {
        let refused = try MillraceProcess.run([
            "serve", "--data", directory, "--set", "num.partitons=3", "--set", "fetch.max.bytes=many",
        ])
        #expect(refused.status == 1)
        #expect(
            refused.standardError == """
                millrace: fetch.max.bytes is "many" (--set), but it has to be an integer from 1024 to 2147483647
                There is no setting num.partitons (--set); did you mean num.partitions?

                """
        )
        #expect(!FileManager.default.fileExists(atPath: directory))
    }

    @Test(
        "what cannot be read as settings is told",
        arguments: [
            (["--set", "nothing"], 64, "nothing is not NAME=VALUE"),
            (["--listen", "9092"], 64, "9092 is not HOST:PORT"),
            (["--config", "/nonexistent"], 1, "Could not open /nonexistent: No such file or directory"),
            (["--config", "/"], 1, "/"),
            (["--data", "a", "--set", "log.dirs=b"], 1, "log.dirs is set twice on the command line"),
        ]
    )
    func unreadable(arguments: [String], status: Int32, text: String) throws {
        let refused = try MillraceProcess.run(["serve"] + arguments)
        #expect(refused.status == status)
        #expect(refused.standardError.contains(text), "\(refused.standardError)")
    }

    @Test("a malformed file is refused with the line")
    func malformedFile() throws {
        let refused = try MillraceProcess.run(["serve", "--config", try file("node.id=1\nlog.dirs=\\u00\n")])
        #expect(refused.status == 1)
        #expect(
            refused.standardError.contains("server.properties: Not a valid file of settings (malformed): line 2:"),
            "\(refused.standardError)"
        )
    }

    @Test("a directory that is in use, and a port that is taken, end it with a line")
    func taken() throws {
        let serving = try ServingMillrace(["--data", directory, "--listen", "127.0.0.1:0"])
        let address = try serving.address
        let arguments = ["serve", "--metrics", "none"]
        let locked = try MillraceProcess.run(arguments + ["--data", directory, "--listen", "127.0.0.1:0"])
        #expect(locked.status == 1)
        #expect(locked.standardError.contains("in use by process \(serving.process.pid)"), "\(locked.standardError)")
        #expect(locked.standardError.split(separator: "\n").count == 1, "\(locked.standardError)")
        let port = try MillraceProcess.run(arguments + ["--data", "\(directory)-other", "--listen", address])
        #expect(port.status == 1)
        #expect(port.standardError.contains("Could not listen on \(address): Address already in use"))
        #expect(port.standardError.split(separator: "\n").count == 1, "\(port.standardError)")
        serving.stop()
    }
}
