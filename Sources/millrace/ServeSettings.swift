import Configuration
import LinuxIO
import LogServer

/// The settings of a node, from the three places where they are written: the command line counts first, then the
/// environment, then a file.
struct ServeSettings {
    /// What the command line sets, each name once.
    private let options: [ServerProperty]
    /// The environment.
    private let environment: [String: String]
    private let file: PropertiesProvider?

    /// Kafka's container images have names like these, with another beginning.
    private static let prefix = "MILLRACE_"

    /// - Throws: `CommandFailure` where the command line sets a name twice.
    init(
        options: [ServerProperty],
        environment: [String: String],
        file: PropertiesProvider?
    ) throws(CommandFailure) {
        var seen: [String: ServerProperty] = [:]
        for option in options {
            if let first = seen.updateValue(option, forKey: option.name) {
                let names = "\(first.origin) \"\(first.value)\" and \(option.origin) \"\(option.value)\""
                throw CommandFailure("\(option.name) is set twice on the command line: by \(names)")
            }
        }
        self.options = options
        self.environment = environment
        self.file = file
    }

    /// All that is set, each name once, from the place that counts.
    func properties() -> [ServerProperty] {
        var origins: [String: ServerProperty.Origin] = [:]
        for name in file?.names ?? [] { origins[name] = .file(file?.providerName ?? "") }
        let variables = environment.keys.filter { $0.hasPrefix(Self.prefix) && $0 != IOBackend.environmentVariable }
        for variable in variables { origins[Self.name(of: variable)] = .variable(variable) }
        for option in options { origins[option.name] = option.origin }
        let reader = ConfigReader(providers: providers)
        return origins.sorted { $0.key < $1.key }.compactMap { name, origin in
            // Of one component, since a name may have empty ones, which keys cannot.
            reader.string(forKey: ConfigKey([name])).map { ServerProperty(name, $0, in: origin) }
        }
    }

    /// The places in the order in which they count.
    private var providers: [any ConfigProvider] {
        let options = InMemoryProvider(
            name: "command line",
            values: Dictionary(
                uniqueKeysWithValues: options.map {
                    (AbsoluteConfigKey([$0.name]), ConfigValue(.string($0.value), isSecret: false))
                }
            )
        )
        let variables = KeyMappingProvider(upstream: EnvironmentVariablesProvider(environmentVariables: environment)) {
            $0.prepending(ConfigKey(["millrace"]))
        }
        return [options, variables] + (file.map { [$0] } ?? [])
    }

    /// The setting that a variable is for: MILLRACE_LOG_DIRS is for log.dirs.
    private static func name(of variable: String) -> String {
        variable.dropFirst(prefix.count).lowercased().split(separator: "_", omittingEmptySubsequences: false)
            .joined(separator: ".")
    }
}
