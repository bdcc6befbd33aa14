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
        Scenario.allCases.filter { $0 != .commits && $0 != .resumes }
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
}
