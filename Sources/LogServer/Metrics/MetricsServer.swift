import LinuxIO
import Logging
import RecordBatch
import SystemPackage

/// Answers `GET /metrics` and `GET /health` on a port of its own, on a reactor of its own: whatever is sent there, and
/// however long an answer takes, clients of the log do not notice.
///
/// One request a connection. A request may be 8 KiB long; connections have ten seconds, and only so many are served at a
/// time: the others wait in the kernel.
final class MetricsServer: Sendable {
    private let listener: Socket
    private let reactor: Reactor
    private let pages: [String: @Sendable () -> HTTPResponse]
    private let patience: Duration
    private let logger: Logger

    /// How long a client is listened to that has its answer: what it still sends would take the answer back.
    private static let lingering = Duration.seconds(1)
    /// How many connections are served at a time.
    private static let mostConnections = 32
    /// How long nobody is accepted where descriptors have run out.
    private static let pause = Duration.milliseconds(100)

    /// - Parameters:
    ///   - listener: Where to answer.
    ///   - reactor: On whose thread; it has to outlive ``run()``.
    ///   - pages: What there is, by its path. Called on the reactor.
    ///   - patience: How long a connection may take.
    ///   - logger: Gets a line when nobody can be accepted.
    init(
        listener: Socket,
        reactor: Reactor,
        pages: [String: @Sendable () -> HTTPResponse],
        patience: Duration = .seconds(10),
        logger: Logger
    ) {
        self.listener = listener
        self.reactor = reactor
        self.pages = pages
        self.patience = patience
        self.logger = logger
    }

    /// Answers until the task is cancelled, or nobody can be accepted any more, which is logged.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            var served = 0
            while true {
                // Its results are taken here, so that there are never more of them than connections at a time.
                if served == Self.mostConnections {
                    await group.next()
                    served -= 1
                }
                do throws(IOError) {
                    let socket = try await reactor.accept(listener)
                    group.addTask(executorPreference: reactor) { await self.serve(socket) }
                    served += 1
                } catch {
                    if error.errno == .canceled { return }
                    guard error.isRetryable else {
                        logger.error("Metrics are not served any more: \(error)")
                        return
                    }
                    do { try await reactor.sleep(until: .now + Self.pause) } catch { return }
                }
            }
        }
    }

    /// Serves one client; whatever goes wrong with its connection is its own affair.
    private func serve(_ socket: Socket) async {
        let deadline = ContinuousClock.now + patience
        let buffer = IOBuffer(count: HTTPRequest.mostBytes)
        do {
            guard let (response, headOnly) = try await read(socket, buffer, by: deadline) else { return }
            try await reactor.send([.bytes(response.bytes(headOnly: headOnly)[...])], on: socket, deadline: deadline)
            try socket.shutdown(.sending)
            let end = ContinuousClock.now + Self.lingering
            // At most as much again as a request may have: who sends more does not listen.
            for _ in 0..<4 {
                let count = try await reactor.receive(socket, into: buffer, 0..<buffer.count, deadline: end)
                if count == 0 { return }
            }
        } catch {
            // Closed with the last reference.
        }
    }

    /// Reads a request, and decides on the answer; nil if the client goes before.
    private func read(
        _ socket: Socket,
        _ buffer: IOBuffer,
        by deadline: ContinuousClock.Instant
    ) async throws(IOError) -> (HTTPResponse, headOnly: Bool)? {
        var count = 0
        while true {
            let more = try await reactor.receive(socket, into: buffer, count..<buffer.count, deadline: deadline)
            guard more > 0 else { return nil }
            count += more
            let bytes = buffer.withBytes { bytes in (0..<count).map { bytes.integer(at: $0, as: UInt8.self) } }
            switch HTTPRequest.read(bytes) {
            case .incomplete: continue
            case .refused(let status): return (HTTPResponse(status), false)
            case .request(let request): return (answer(request), request.method == "HEAD")
            }
        }
    }

    private func answer(_ request: HTTPRequest) -> HTTPResponse {
        guard let page = pages[request.path] else { return HTTPResponse(.notFound) }
        guard ["GET", "HEAD"].contains(request.method) else { return HTTPResponse(.methodNotAllowed) }
        return page()
    }
}
