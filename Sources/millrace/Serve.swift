import ArgumentParser
import LinuxIO
import LogServer
import Logging
import ServiceLifecycle
import SystemPackage
import UnixSignals

/// `millrace serve`: a broker.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve Kafka's clients from a log directory."
    )

    @Option(help: "The log directory; made if there is nothing.", completion: .directory)
    var data = "millrace-data"

    @Option(help: ArgumentHelp("Where clients connect to.", valueName: "host:port"), transform: hostAndPort)
    var listen = HostAndPort(host: "127.0.0.1", port: 9092)

    @Option(
        help: ArgumentHelp("Where clients are told to connect to, if not to the same.", valueName: "host:port"),
        transform: hostAndPort
    )
    var advertise: HostAndPort?

    func run() async throws {
        try await CommandFailure.reporting {
            var configuration = LogNode.Configuration(directory: FilePath(data))
            configuration.listen = listen
            configuration.advertise = advertise
            let logger = Logger(label: "millrace", factory: { StreamLogHandler.standardError(label: $0) })
            let node = LogNode(configuration: configuration, logger: logger)
            let group = ServiceGroup(
                services: [node],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
            try await group.run()
        }
    }

    private static func hostAndPort(_ text: String) throws -> HostAndPort {
        guard let host = HostAndPort(text) else {
            throw ValidationError("\(text) is not HOST:PORT, such as 127.0.0.1:9092")
        }
        return host
    }
}
