import ArgumentParser
import FoundationEssentials
import LinuxIO
import LogServer
import Logging
import ServiceLifecycle
import SystemPackage
import UnixSignals

/// `millrace serve`: a broker.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve Kafka's clients from a log directory.",
        discussion: """
            Settings have Kafka's names, such as num.partitions. What is given here counts before the environment, where \
            MILLRACE_NUM_PARTITIONS is the same setting, and that before the file.
            """
    )

    @Option(
        help: "The log directory, millrace-data by default; made if there is nothing. The setting log.dirs.",
        completion: .directory
    )
    var data: String?

    @Option(
        help: ArgumentHelp(
            "Where clients connect to, 127.0.0.1:9092 by default. The setting listeners.",
            valueName: "host:port"
        ),
        transform: hostAndPort
    )
    var listen: HostAndPort?

    @Option(
        help: ArgumentHelp(
            "Where clients are told to connect to, if not to the same. The setting advertised.listeners.",
            valueName: "host:port"
        ),
        transform: hostAndPort
    )
    var advertise: HostAndPort?

    @Option(
        help: ArgumentHelp(
            """
            Where /metrics and /health are told over HTTP, or none; 127.0.0.1:9644 by default, if that is free. The \
            setting metrics.listener.
            """,
            valueName: "host:port"
        )
    )
    var metrics: String?

    @Option(help: "A file of settings in the format of Kafka's server.properties.", completion: .file())
    var config: String?

    @Option(
        help: ArgumentHelp("A setting; may be given for any number of them.", valueName: "name=value"),
        transform: setting
    )
    var set: [ServerProperty] = []

    func run() async throws {
        try await CommandFailure.reporting {
            let logger = Logger(label: "millrace", factory: { StreamLogHandler.standardError(label: $0) })
            let node = LogNode(configuration: try properties().configuration, logger: logger)
            let group = ServiceGroup(
                services: [node],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
            try await group.run()
        }
    }

    /// What was set here, in the environment and in the file.
    private func properties() throws -> ServerProperties {
        var options = set
        if let data { options.append(ServerProperty("log.dirs", data, in: .option("--data"))) }
        if let listen { options.append(ServerProperty("listeners", "PLAINTEXT://\(listen)", in: .option("--listen"))) }
        if let advertise {
            options.append(
                ServerProperty("advertised.listeners", "PLAINTEXT://\(advertise)", in: .option("--advertise"))
            )
        }
        if let metrics { options.append(ServerProperty("metrics.listener", metrics, in: .option("--metrics"))) }
        let settings = try ServeSettings(
            options: options,
            environment: ProcessInfo.processInfo.environment,
            file: config.map { path throws(CommandFailure) in try PropertiesProvider(FilePath(path)) }
        )
        var standard = LogNode.Configuration(directory: "millrace-data")
        standard.metrics = .whereFree(HostAndPort(host: "127.0.0.1", port: 9644))
        return try ServerProperties(settings.properties(), over: standard)
    }

    private static func hostAndPort(_ text: String) throws -> HostAndPort {
        guard let host = HostAndPort(text) else {
            throw ValidationError("\(text) is not HOST:PORT, such as 127.0.0.1:9092")
        }
        return host
    }

    private static func setting(_ text: String) throws -> ServerProperty {
        guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
            throw ValidationError("\(text) is not NAME=VALUE, such as num.partitions=3")
        }
        return ServerProperty(String(text[..<equals]), String(text[text.index(after: equals)...]), in: .option("--set"))
    }
}
