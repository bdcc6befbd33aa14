import LinuxIO
import SystemPackage
import TestSupport
import Testing

@Suite(
    "Unmodified clients",
    .temporaryDirectory,
    .enabled(if: RealClients.areThere, "run Scripts/clients")
)
struct ClientTests {
    private var data: FilePath { TemporaryDirectory.current.appending("data") }

    /// Back-ends in turn, so that each client, and each scenario, has met all of them.
    private func backend(_ client: RealClient, _ turn: Int) throws -> IOBackend {
        let client = try #require(RealClient.allCases.firstIndex(of: client))
        return IOBackend.testable[(client + turn) % IOBackend.testable.count]
    }

    @Test(
        "produce, consume and administer as they do with Kafka",
        arguments: RealClient.allCases,
        Scenario.allCases.filter { ![.survives, .commits, .resumes].contains($0) }
    )
    func scenario(_ client: RealClient, _ scenario: Scenario) async throws {
        let turn = try #require(Scenario.allCases.firstIndex(of: scenario))
        let node = try NodeProcess(data, backend(client, turn))
        try await RealClients.run(client, scenario, node.address)
        node.stop()
    }

    @Test(
        "go on where their group has committed, after the node was stopped, or killed",
        arguments: RealClient.allCases,
        [true, false]
    )
    func commits(_ client: RealClient, isKilled: Bool) async throws {
        let backend = try backend(client, isKilled ? 1 : 0)
        let node = try NodeProcess(data, backend)
        try await RealClients.run(client, .commits, node.address)
        if isKilled { node.kill() } else { node.stop() }
        let again = try NodeProcess(data, backend, at: node.address)
        try await RealClients.run(client, .resumes, again.address)
        again.stop()
    }

    @Test("lose and repeat nothing as idempotent producers, though the node is killed", arguments: RealClient.allCases)
    func survives(_ client: RealClient) async throws {
        let backend = try backend(client, 1)
        var node = try NodeProcess(data, backend)
        let isDone = Lock(false)
        let address = node.address
        let scenario = Task {
            defer { isDone.withLock { $0 = true } }
            try await RealClients.run(client, .survives, address)
        }
        let name = "\(client.rawValue)-survives-0/00000000000000000000.log"
        var seen: Int64 = 0
        var kills = 0
        while kills < 3, !isDone.withLock(\.self) {
            let size = try FileSystem.status(data.appending(name))?.size ?? 0
            if size < seen + 40_000 {
                try await Task.sleep(for: .milliseconds(10))
                continue
            }
            node.kill()
            node = try NodeProcess(data, backend, at: address)
            (seen, kills) = (size, kills + 1)
        }
        try await scenario.value
        #expect(kills == 3)
        node.stop()
    }

    @Test("a file that kcat sends comes back byte by byte, though the node is killed in the middle")
    func file() async throws {
        var generator = Seed.drawn.generator
        let lines = (0..<20_000).map { "\($0) \(UInt64.random(in: 0 ... .max, using: &generator))" }
        let file = lines.map { $0 + "\n" }.joined()
        let backend = IOBackend.testable[0]
        var node = try NodeProcess(data, backend)
        let address = node.address
        let producer = try ChildProcess(
            "kcat",
            [
                "-P", "-E", "-b", address, "-t", "file", "-p", "0", "-X", "enable.idempotence=true", "-X",
                "linger.ms=1",
                "-X", "retries=1000",
            ],
            input: .pipe
        )
        for (index, line) in lines.enumerated() {
            try producer.write(Array("\(line)\n".utf8))
            if index == lines.count / 2 {
                let log = data.appending("file-0/00000000000000000000.log")
                while try FileSystem.status(log)?.size ?? 0 == 0 { try await Task.sleep(for: .milliseconds(1)) }
                node.kill()
                node = try NodeProcess(data, backend, at: address)
            }
        }
        producer.endInput()
        #expect(producer.wait() == 0)
        let consumer = try ChildProcess(
            "kcat",
            ["-C", "-b", address, "-t", "file", "-p", "0", "-o", "beginning", "-e", "-q"],
            output: .pipe
        )
        #expect(String(decoding: consumer.readToEnd(), as: UTF8.self) == file)
        #expect(consumer.wait() == 0)
        node.stop()
    }
}
