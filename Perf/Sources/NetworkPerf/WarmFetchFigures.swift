import Foundation
import Loads
import Measuring
import SystemPackage

/// Answers of 1 MiB from the page cache, one request after the other on each connection, against servers in C that send
/// the same stretches of the same file.
///
/// One of these has a loop for each processor, as the node has; the other one a thread for each connection, which the
/// scheduler puts beside the client's, but of which there cannot be ten thousand. The client throws away what it receives
/// without copying it: what is measured is the server.
struct WarmFetchFigures {
    let workplace: Workplace
    let rounds: InterleavedRounds
    /// How many answers a round has, over all connections.
    let answers: Int

    private static let megabytes = 256

    func run(_ report: (Outcome) -> Void, where isWanted: (String) -> Bool) async throws {
        let names = [1, 8].map { ($0, "warm fetch of 1 MiB, \($0) connection\($0 == 1 ? "" : "s")") }
            .filter { isWanted($0.1) }
        guard !names.isEmpty else { return }
        let log = try await WarmLog("warm", in: workplace, megabytes: Self.megabytes)
        let other = try await WarmLog("warm-epoll", in: workplace, megabytes: Self.megabytes)
        let loops = try log.limit(loops: ProcessInfo.processInfo.activeProcessorCount)
        let threads = try log.limit(loops: 0)
        let ring = try ServerProcess.node(log.directory, .ring)
        let epoll = try ServerProcess.node(other.directory, .epoll)
        let requests = log.requests
        for (connections, name) in names {
            let count = answers / connections
            let costs = try await rounds.run(
                [loops, threads, ring, epoll].map { server in
                    { try server.cost { try requests.exchange(with: server, connections: connections, count: count) } }
                }
            )
            let work = Work(gigabytes: Double(count * connections * WarmLog.answerBytes) / 1e9)
            work.outcomes(name, .limit, costs[2], against: costs[0]).forEach(report)
            work.outcomes("\(name), against threads", .limit, costs[2], against: costs[1]).forEach(report)
            work.outcomes("\(name), epoll against the ring", .backend, costs[3], against: costs[2]).forEach(report)
        }
        for server in [loops, threads, ring, epoll] { server.stop() }
        for made in [log, other] { try workplace.remove(made.directory) }
    }

    /// What rounds have sent.
    private struct Work {
        let gigabytes: Double

        enum Goals {
            case limit, backend

            var speed: Figure.Goal { self == .limit ? .ofLimit(atLeast: 0.9) : .ofLimit(atLeast: 0.77) }
            var processors: Figure.Goal { self == .limit ? .timesLimit(atMost: 1.25) : .timesLimit(atMost: 1.3) }
        }

        func outcomes(_ name: String, _ goals: Goals, _ measured: [Cost], against limit: [Cost]) -> [Outcome] {
            [
                Outcome(
                    Figure(name, .rate(gigabytes, unit: "GB"), goal: goals.speed),
                    measured,
                    against: limit
                ),
                Outcome(
                    processorsOf: name,
                    per: "GB",
                    of: gigabytes,
                    goal: goals.processors,
                    measured,
                    against: limit
                ),
            ]
        }
    }
}
