import Foundation
import LinuxIO
import SystemPackage
import TestSupport
import Testing

/// The clients that `Scripts/clients` installs.
enum RealClients {
    /// Where they are.
    static let directory = Repository.root.appending(".build/clients")

    static var python: String { directory.appending("bin/python").string }

    /// Kafka's own client and what it needs, as a class path.
    static let java: String? = {
        let found = FileManager.default.enumerator(atPath: directory.string)?.compactMap { $0 as? String } ?? []
        guard let client = found.first(where: { $0.contains("kafka-clients-") && $0.hasSuffix(".jar") }) else {
            return nil
        }
        return directory.appending(client).removingLastComponent().appending("*").string
    }()

    /// Whether they are there; where the environment variable `MILLRACE_CLIENTS` is `required`, the tests fail otherwise.
    static let areThere =
        ProcessInfo.processInfo.environment["MILLRACE_CLIENTS"] == "required"
        || FileManager.default.fileExists(atPath: directory.appending("installed").string)

    /// Has a client do what a scenario says, in a process of its own.
    ///
    /// Some at a time, since they mostly wait; others come to their turn.
    static func run(_ client: RealClient, _ scenario: Scenario, _ address: String) async throws {
        try await pool.run { Result { try play(client, scenario, address) } }.get()
    }

    private static let pool = ThreadPool(name: "clients", threads: 3)

    private static func play(_ client: RealClient, _ scenario: Scenario, _ address: String) throws {
        let sources = Repository.root.appending("Tests/ClientTests/Scenarios")
        let (program, arguments) =
            switch client {
            case .java:
                (
                    "java",
                    [
                        "-Dscenarios=\(sources.appending("Scenarios.java"))", "-cp", java ?? "",
                        sources.appending("Scenarios.java").string,
                    ]
                )
            default:
                (python, [sources.appending("scenarios.py").string, client.rawValue])
            }
        let process = try ChildProcess(
            "timeout",
            ["-k", "5", "120", program] + arguments + [scenario.rawValue, address],
            input: .file("/dev/null"),
            errors: .pipe
        )
        let errors = String(decoding: process.readErrorsToEnd(), as: UTF8.self)
        let code = process.wait()
        #expect(code == 0, "\(client), \(scenario): \(errors.suffix(4000))")
    }
}

/// An unmodified client of Kafka's.
enum RealClient: String, CaseIterable, Sendable {
    /// librdkafka.
    case confluent
    case kafkaPython = "kafka_python"
    case aiokafka
    /// Apache's own.
    case java
}

/// What clients do: see the comments of `scenarios.py`.
enum Scenario: String, CaseIterable, Sendable {
    case codecs, timestamps, large, thousand, admin, group
    /// Meanwhile the node is killed now and then.
    case survives
    /// Two halves, between which the node is started again.
    case commits, resumes
}
