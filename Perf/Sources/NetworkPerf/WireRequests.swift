import Limits
import Loads

/// Requests of one kind, which clients send in turn.
struct WireRequests: Sendable {
    private let bytes: [UInt8]
    private let count: Int
    private let answer: (bytes: Int, errorAt: Int)

    /// - Parameters:
    ///   - frames: the requests, all of the same size.
    ///   - answer: the size of each answer, and where in it the error code is.
    init(_ frames: [[UInt8]], answer: (bytes: Int, errorAt: Int)) {
        bytes = frames.flatMap(\.self)
        count = frames.count
        self.answer = answer
    }

    /// Sends so many on each of some connections.
    ///
    /// - Returns: the seconds from the first one to the last answer.
    func exchange(
        with server: ServerProcess,
        connections: Int = 1,
        count: Int,
        window: Int = 1,
        interval: Double = 0
    ) throws -> Double {
        try exchange(on: server.port, connections: connections, count: count, window: window, interval: interval)
    }

    /// The same on a port.
    func exchange(on port: UInt16, connections: Int, count: Int, window: Int, interval: Double) throws -> Double {
        try LimitFailure.check(
            bytes.withUnsafeBufferPointer {
                let requests = wire_requests(
                    bytes: $0.baseAddress,
                    request_bytes: $0.count / self.count,
                    request_count: self.count,
                    answer_bytes: answer.bytes,
                    error_at: answer.errorAt
                )
                return wire_exchange(port, requests, connections, count, window, interval)
            }
        )
    }
}

extension ServerProcess {
    func create(_ topic: String) throws { try ask(Frames.createTopic(topic), about: topic) }

    func delete(_ topic: String) throws { try ask(Frames.deleteTopic(topic), about: topic) }

    private func ask(_ request: [UInt8], about topic: String) throws {
        var answer = [UInt8](repeating: 0, count: 1024)
        let count = wire_ask(port, request, request.count, &answer, answer.count)
        let errorAt = Frames.topicErrorPosition(topic)
        _ = try LimitFailure.check(Double(min(0, count)))
        guard Int(count) >= errorAt + 2, answer[errorAt] == 0, answer[errorAt + 1] == 0 else {
            throw ServerFailure("The server refuses to make or to delete \(topic): \(answer.prefix(Int(count)))")
        }
    }
}
