import Foundation
import Limits
import Loads
import Measuring
import SystemPackage

/// What a node takes for what does nothing: connections that wait for records, and partitions.
struct IdleFigures {
    let workplace: Workplace
    let rounds: InterleavedRounds
    let connections: Int
    let partitions: Int

    private static let idleSeconds = 5.0
    /// Descriptors of a process besides those of its connections.
    private static let otherDescriptors = 200

    func run(_ report: (Outcome) -> Void, where isWanted: (String) -> Bool) async throws {
        for backend in Backend.allCases {
            let name = "idle connections that fetch, \(backend.rawValue)"
            if isWanted(name) { try await connect(name, backend, report) }
        }
        let name = "\(partitions) partitions of 64 KiB"
        if isWanted(name) { try await hold(name, report) }
    }

    private func connect(_ name: String, _ backend: Backend, _ report: (Outcome) -> Void) async throws {
        let count = min(connections, try Self.raisedDescriptorLimit() - Self.otherDescriptors)
        let node = try ServerProcess.node(try workplace.freshDirectory("idle"), backend)
        try node.create(Frames.topic)
        let before = try node.residentBytes()
        var descriptors = [CInt](repeating: -1, count: count)
        defer { for descriptor in descriptors where descriptor >= 0 { close(descriptor) } }
        let (versions, fetch) = (
            Frames.apiVersions(), Frames.fetch(Frames.topic, from: 0, most: 1 << 20, waiting: 600_000)
        )
        let opening = try LimitFailure.check(
            wire_open_idle(node.port, count, versions, versions.count, fetch, fetch.count, &descriptors)
        )
        // What was sent last is taken meanwhile.
        try await Task.sleep(for: .seconds(1))
        let processors = try node.processorSeconds()
        try await Task.sleep(for: .seconds(Self.idleSeconds))
        let taken = try node.processorSeconds() - processors
        let resident = try node.residentBytes()
        let name = "\(count) \(name)"
        report(Outcome(Figure("\(name): opening", .seconds), measured: [opening]))
        report(
            Outcome(
                Figure("\(name): RSS", .amount(unit: "MB"), goal: .below(100)),
                measured: [Double(resident) / 1e6]
            )
        )
        report(
            Outcome(
                Figure("\(name): RSS before", .amount(unit: "MB")),
                measured: [Double(before) / 1e6]
            )
        )
        // Less than the clock can tell.
        report(
            Outcome(
                Figure("\(name): processors in \(Int(Self.idleSeconds)) s", .amount(unit: "s"), goal: .below(0.02)),
                measured: [taken]
            )
        )
        node.stop()
    }

    private func hold(_ name: String, _ report: (Outcome) -> Void) async throws {
        let path = try workplace.freshDirectory("partitions")
        try SparseDirectory.makeMany(path, logs: partitions, batches: 1, of: 64 << 10)
        // From now on it is as a node closes it.
        try ServerProcess.node(path).stop()
        var (starts, resident): ([Double], [Double]) = ([], [])
        for _ in 0..<rounds.count {
            let node = try ServerProcess.node(path)
            starts.append(node.startSeconds)
            resident.append(Double(try node.residentBytes()) / 1e6)
            node.stop()
        }
        report(Outcome(Figure("\(name): start", .seconds, goal: .below(2)), measured: starts))
        report(Outcome(Figure("\(name): RSS", .amount(unit: "MB"), goal: .below(150)), measured: resident))
        try workplace.remove(path)
    }

    /// Raises the limit of descriptors as far as it goes, for this process and those that it starts.
    private static func raisedDescriptorLimit() throws -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(7), &limit) == 0 else { throw ServerFailure("There is no RLIMIT_NOFILE") }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(7), &limit)
        return Int(clamping: limit.rlim_cur)
    }
}
