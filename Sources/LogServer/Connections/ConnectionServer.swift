package import LinuxIO
package import Logging
import SystemPackage

/// Accepts connections and serves them, each on one of the reactors.
package final class ConnectionServer: Sendable {
    private let listener: Socket
    private let reactors: [Reactor]
    private let handler: any RequestHandler
    private let apis: ServedAPIs
    private let limits: ConnectionLimits
    private let buffers: IOBufferPool
    private let requests: RequestMemory
    private let spares = RequestSpares()
    private let transfers: TransferBuffers
    private let metrics: ServerMetrics
    private let logger: Logger

    /// Requests that do not fit are put together from several.
    private static let bufferBytes = 64 << 10
    /// How long nobody is accepted where descriptors have run out.
    private static let pause = Duration.milliseconds(100)

    /// - Parameters:
    ///   - listener: Where clients connect to.
    ///   - reactors: Whose threads serve them; at least one. They have to outlive ``run()``.
    ///   - handler: What answers.
    ///   - apis: The requests that reach it.
    ///   - limits: What each connection may take.
    ///   - buffers: How many connections may be received from at a time; the others wait for a moment.
    ///   - transfers: What records are sent from that are not sent from the page cache.
    ///   - metrics: What is counted.
    ///   - logger: Gets a line when a client breaks the protocol, and when descriptors run out.
    package init(
        listener: Socket,
        reactors: [Reactor],
        handler: any RequestHandler,
        apis: ServedAPIs = ServedAPIs(),
        limits: ConnectionLimits = ConnectionLimits(),
        buffers: Int = 256,
        transfers: TransferBuffers = TransferBuffers(),
        metrics: ServerMetrics = ServerMetrics(),
        logger: Logger
    ) {
        precondition(!reactors.isEmpty, "Cannot serve connections without a reactor")
        self.listener = listener
        self.reactors = reactors
        self.handler = handler
        self.apis = apis
        self.limits = limits
        self.buffers = IOBufferPool(bufferBytes: Self.bufferBytes, limit: buffers)
        requests = RequestMemory(limit: limits.queuedMaxBytes, patience: limits.queuedPatience)
        self.transfers = transfers
        self.metrics = metrics
        self.logger = logger
    }

    /// Serves until the task is cancelled; then closes all connections, and returns when they are closed.
    ///
    /// - Throws: what keeps the listener from accepting for good.
    package func run() async throws(IOError) {
        let failure = await withDiscardingTaskGroup { group -> IOError? in
            defer { group.cancelAll() }
            var accepted = 0
            // Also where there is always one more to accept.
            while !Task.isCancelled {
                do throws(IOError) {
                    let socket = try await reactors[0].accept(listener)
                    let reactor = reactors[accepted % reactors.count]
                    accepted += 1
                    group.addTask(executorPreference: reactor) { await self.serve(socket, reactor) }
                } catch {
                    if error.errno == .canceled { return nil }
                    guard error.isRetryable else { return error }
                    logger.error("No connection can be accepted for a moment: \(error)")
                    do { try await reactors[0].sleep(until: .now + Self.pause) } catch { return nil }
                }
            }
            return nil
        }
        if let failure { throw failure }
    }

    private func serve(_ socket: Socket, _ reactor: Reactor) async {
        metrics.countConnection()
        let connection = Connection(
            socket: socket,
            reactor: reactor,
            handler: handler,
            apis: apis,
            buffers: buffers,
            requests: requests,
            spares: spares,
            limits: limits,
            sender: ResponseSender(socket: socket, reactor: reactor, buffers: transfers, metrics: metrics),
            metrics: metrics
        )
        let end = await connection.serve()
        metrics.countEnd(end)
        if end.isViolation { logger.warning("\(socket) is closed: \(end)") }
    }
}
