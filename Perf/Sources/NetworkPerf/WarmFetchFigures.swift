import Loads
import Measuring
import SystemPackage

/// Answers of 1 MiB from the page cache, one request after the other on each connection, against a server in C that
/// sends the same stretches of the same file.
///
/// The client throws away what it receives without copying it: what is measured is the server.
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
        let limit = try log.limit()
        let ring = try ServerProcess.node(log.directory, .ring)
        let epoll = try ServerProcess.node(other.directory, .epoll)
        let requests = log.requests
        for (connections, name) in names {
            let count = answers / connections
            let costs = try await rounds.run(
                [limit, ring, epoll].map { server in
                    { try server.cost { try requests.exchange(with: server, connections: connections, count: count) } }
                }
            )
            let gigabytes = Double(count * connections * WarmLog.answerBytes) / 1e9
            let speed = Figure.Scale.rate(gigabytes, unit: "GB")
            report(Outcome(Figure(name, speed, goal: .ofLimit(atLeast: 0.9)), costs[1], against: costs[0]))
            report(
                Outcome(
                    processorsOf: name,
                    per: "GB",
                    of: gigabytes,
                    goal: .timesLimit(atMost: 1.25),
                    costs[1],
                    against: costs[0]
                )
            )
            report(
                Outcome(
                    Figure("\(name), epoll, against the ring", speed, goal: .ofLimit(atLeast: 0.77)),
                    costs[2],
                    against: costs[1]
                )
            )
            report(
                Outcome(
                    processorsOf: "\(name), epoll, against the ring",
                    per: "GB",
                    of: gigabytes,
                    goal: .timesLimit(atMost: 1.3),
                    costs[2],
                    against: costs[1]
                )
            )
        }
        ring.stop()
        epoll.stop()
        limit.stop()
        for made in [log, other] { try workplace.remove(made.directory) }
    }
}
