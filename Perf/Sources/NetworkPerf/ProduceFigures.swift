import CommitLog
import Loads
import Measuring
import SystemPackage

/// What a node takes of the processors for records that are produced, against C that receives the same requests, takes
/// the CRC of their batches and writes them to a file.
///
/// Batches are as librdkafka sends them by default when it has much to send: as many records as fit into 1,000,000 bytes
/// (9,082 of 100 bytes). With `acks=1` too the node brings all to the disk as it comes, but answers before. So a round ends
/// on both sides with one request that waits for the disk: what is left of the work is counted.
struct ProduceFigures {
    let workplace: Workplace
    let rounds: InterleavedRounds
    /// How many requests a round has.
    let requests: Int

    /// How many requests the client has under way.
    private static let window = 5
    private static let mostBatchBytes = 1_000_000
    private static let mostRecords = 10_000

    /// Records of one size.
    private struct Load {
        let recordBytes: Int
        let batch: [UInt8]
        let records: Int

        init(recordBytes: Int) throws {
            self.recordBytes = recordBytes
            var builder = RecordBatchBuilder()
            let value = [UInt8](repeating: UInt8(ascii: "v"), count: recordBytes)
            let most = ProduceFigures.mostBatchBytes - recordBytes - 16
            while builder.estimatedByteCount < most, builder.recordCount < ProduceFigures.mostRecords {
                try builder.append(key: nil, value: value, timestamp: Timestamp.now)
            }
            records = Int(builder.recordCount)
            var compressor = Compressor()
            batch = try builder.finish(with: &compressor)
        }

        func requests(acks: Int16) -> WireRequests {
            WireRequests(
                [Frames.produce(Frames.topic, acks: acks, batch)],
                answer: Frames.produceAnswer(Frames.topic)
            )
        }
    }

    func run(_ report: (Outcome) -> Void, where isWanted: (String) -> Bool) async throws {
        for (recordBytes, size) in [(100, "100 bytes"), (1024, "1 KiB")] {
            let load = try Load(recordBytes: recordBytes)
            for (acks, word) in [(Int16(1), "1"), (-1, "all")] {
                let name = "produce, records of \(size), acks=\(word)"
                if isWanted(name) { try await run(name, load, acks: acks, report) }
            }
        }
    }

    private func run(_ name: String, _ load: Load, acks: Int16, _ report: (Outcome) -> Void) async throws {
        let ring = try ServerProcess.node(try workplace.freshDirectory("produce"), .ring)
        let epoll = try ServerProcess.node(try workplace.freshDirectory("produce-epoll"), .epoll)
        let file = workplace.path.appending("limit.log")
        let costs = try await rounds.run([
            {
                let limit = try ServerProcess.limit(["limit-produce", "--file", file.string])
                defer { limit.stop() }
                return try produce(load, acks, to: limit)
            },
            { try onFreshTopic(of: ring) { try produce(load, acks, to: ring) } },
            { try onFreshTopic(of: epoll) { try produce(load, acks, to: epoll) } },
        ])
        try workplace.remove(file)
        ring.stop()
        epoll.stop()
        let bytes = Double((requests + 1) * load.batch.count)
        let isSmall = load.recordBytes < 1024
        let amount = isSmall ? Double((requests + 1) * load.records) / 1e6 : bytes / 1e9
        let unit = isSmall ? "M records" : "GB"
        let pairs = [
            (name, costs[1], costs[0], nil, nil),
            (
                "\(name), epoll against the ring", costs[2], costs[1], Figure.Goal.ofLimit(atLeast: 0.77),
                Figure.Goal.timesLimit(atMost: 1.3)
            ),
        ]
        for (name, measured, limit, speedGoal, processorGoal) in pairs {
            let speed = Figure(name, .rate(bytes / 1e6, unit: "MB"), goal: speedGoal)
            report(Outcome(speed, measured, against: limit))
            report(
                Outcome(processorsOf: name, per: unit, of: amount, goal: processorGoal, measured, against: limit)
            )
        }
    }

    private func produce(_ load: Load, _ acks: Int16, to server: ServerProcess) throws -> Cost {
        try server.cost {
            try load.requests(acks: acks).exchange(with: server, count: requests, window: Self.window)
                + load.requests(acks: -1).exchange(with: server, count: 1)
        }
    }

    private func onFreshTopic(of node: ServerProcess, _ body: () throws -> Cost) throws -> Cost {
        try node.create(Frames.topic)
        let cost = try body()
        try node.delete(Frames.topic)
        return cost
    }
}
