import CommitLog
import CoreMetrics
import LinuxIO
import Logging
import SystemPackage

/// A node's metrics, and the port on which they and its health are told, if there is one.
final class NodeMetrics: Sendable {
    /// Makes the metrics.
    let factory: any MetricsFactory
    /// Where they are told; nil if they are not.
    let address: HostAndPort?
    private let registry: MetricsRegistry
    private let listener: Socket?

    /// Opens the port.
    /// - Parameters:
    ///   - place: Where to tell the metrics.
    ///   - others: Somebody else who gets them too.
    ///   - logger: Gets a line when the port is not opened.
    /// - Throws: `IOError` where the port cannot be had and has to be.
    init(_ place: LogNode.MetricsListener, others: (any MetricsFactory)?, logger: Logger) throws(IOError) {
        switch place {
        case .none:
            listener = nil
            address = nil
        case .at(let place):
            let socket = try Socket.listen(at: place)
            listener = socket
            address = socket.address(named: place.host)
        case .whereFree(let place):
            do {
                let socket = try Socket.listen(at: place)
                listener = socket
                address = socket.address(named: place.host)
            } catch {
                logger.warning("Metrics are not told, since nothing says where else (metrics.listener): \(error)")
                listener = nil
                address = nil
            }
        }
        let help = (ServerMetrics.descriptions + DirectoryMetrics.descriptions).map { ($0.name, $0.help) }
        registry = MetricsRegistry(help: Dictionary(uniqueKeysWithValues: help))
        switch (listener, others) {
        case (nil, nil): factory = NOOPMetricsHandler.instance
        case (nil, let others?): factory = others
        case (_?, nil): factory = registry
        case (_?, let others?): factory = MultiplexMetricsHandler(factories: [registry, others])
        }
    }

    /// Answers those who ask, on a thread of its own, until the task is cancelled; at once where there is no port.
    func run(_ directory: LogDirectory, logger: Logger) async {
        guard let listener else { return }
        let reactor: Reactor
        do {
            reactor = try Reactor(name: "millrace-stat")
        } catch {
            logger.error("Metrics are not told: \(error)")
            return
        }
        let gauges = DirectoryMetrics(directory, factory: factory)
        let server = MetricsServer(
            listener: listener,
            reactor: reactor,
            pages: [
                "/metrics": { [registry] in
                    gauges.update()
                    return HTTPResponse(.ok, registry.text().bytes, contentType: PrometheusText.contentType)
                },
                "/health": { NodeHealth(directory).response },
            ],
            logger: logger
        )
        await server.run()
        reactor.shutdown()
    }
}

extension Socket {
    /// Listens on the first of a host's addresses on which that is possible.
    static func listen(at place: HostAndPort) throws(IOError) -> Socket {
        var failure: IOError?
        for address in try SocketAddress.resolve(place) {
            do {
                return try Socket.listen(on: address)
            } catch {
                failure = failure ?? error
            }
        }
        guard let failure else { preconditionFailure("A host was resolved to no address") }
        throw failure
    }

    /// Where it listens, with the host as somebody has named it.
    func address(named host: String) -> HostAndPort {
        guard let localAddress else { preconditionFailure("Cannot listen without an address") }
        return HostAndPort(host: host, port: localAddress.port)
    }
}
