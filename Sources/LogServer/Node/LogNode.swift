import CommitLog
public import CoreMetrics
public import LinuxIO
public import Logging
public import ServiceLifecycle

/// A broker of one node: a log directory, and the server through which Kafka's clients use it.
///
/// ```swift
/// let node = LogNode(configuration: .init(directory: "/var/lib/logs"), logger: logger)
/// try await node.run()
/// ```
///
/// Runs once. Thread-safe.
public final class LogNode: Service {
    private let configuration: Configuration
    private let logger: Logger
    private let metrics: (any MetricsFactory)?
    private let start = NodeStart()

    /// - Parameters:
    ///   - configuration: Where the data lies, and where to listen.
    ///   - logger: Gets a line for each event in the life of the node, and none for a request.
    ///   - metrics: Gets the node's metrics, such as `MetricsSystem.factory`, also where the configuration has them told
    ///     over HTTP. What is known of the directory it gets whenever somebody asks there.
    public init(configuration: Configuration, logger: Logger, metrics: (any MetricsFactory)? = nil) {
        self.configuration = configuration
        self.logger = logger
        self.metrics = metrics
    }

    /// Serves until the task is cancelled, or the service group shuts down gracefully; then closes all connections and
    /// leaves the directory in good order.
    ///
    /// - Throws: `LogError` where the directory cannot be opened, or closed cleanly; `IOError` where nobody can be listened
    ///   to.
    public func run() async throws {
        do {
            try await serve()
            start.fail(CancellationError())
        } catch {
            start.fail(error)
            throw error
        }
    }

    /// Waits until clients can connect.
    ///
    /// - Returns: Where, with the port that the kernel has chosen if none was given.
    /// - Throws: What kept the node from serving; `CancellationError` when the task is cancelled.
    public func address() async throws -> HostAndPort { try await running().address }

    func running() async throws -> RunningNode { try await start.node() }

    private func serve() async throws {
        for warning in configuration.warnings { logger.warning("\(warning)") }
        // First: where it fails nothing has been touched.
        let listener = try Socket.listen(at: configuration.listen)
        let listening = listener.address(named: configuration.listen.host)
        let metrics = try NodeMetrics(configuration.metrics, others: self.metrics, logger: logger)
        let store = try await EmbeddedMetadataStore.open(
            configuration.directory,
            defaults: configuration.topicDefaults,
            configuration: configuration.opening,
            logger: logger
        )
        do {
            try await serve(listener, listening, store, metrics)
        } catch {
            try? await store.close()
            throw error
        }
        try await store.close()
        logger.info("Closed \(configuration.directory)")
    }

    private func serve(
        _ listener: Socket,
        _ listening: HostAndPort,
        _ store: EmbeddedMetadataStore,
        _ metrics: NodeMetrics
    ) async throws {
        var reactors: [Reactor] = []
        defer { for reactor in reactors { reactor.shutdown() } }
        for index in 0..<configuration.reactors {
            reactors.append(try Reactor(name: "millrace-net-\(index)"))
        }
        let broker = configuration.broker(store.directory.properties, listening: listening)
        let counts = ServerMetrics(factory: metrics.factory)
        let handler = Broker(broker, metadata: store, metrics: counts, logger: logger)
        let server = ConnectionServer(
            listener: listener,
            reactors: reactors,
            handler: handler,
            apis: handler.apis,
            limits: configuration.limits,
            metrics: counts,
            logger: logger
        )
        let backend = reactors.first.map { "\($0.backend)" } ?? ""
        if let address = metrics.address { logger.info("Metrics are on http://\(address)/metrics") }
        logger.info("Serving \(configuration.directory) on \(listening), by \(backend) on \(reactors.count) threads")
        let telling = Task { await metrics.run(store.directory, logger: logger) }
        // Requests of groups are answered that they are loaded, until they are.
        async let loading: Void = handler.start()
        start.succeed(RunningNode(address: listening, broker: handler))
        let result: Result<Void, any Error>
        do {
            result = .success(try await cancelWhenGracefulShutdown { try await server.run() })
        } catch {
            result = .failure(error)
        }
        logger.info("Closing \(configuration.directory)")
        await loading
        await handler.stop()
        telling.cancel()
        await telling.value
        try result.get()
    }
}
