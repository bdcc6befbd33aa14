import LinuxIO

/// Where a node listens and what clients are told, from Kafka's settings for it.
///
/// There is one listener, without encryption. Those of a controller, which a `server.properties` for a node that is both has
/// too, are passed over: there is no controller to listen.
struct ListenerSettings {
    /// A problem of one setting.
    struct Problem: Error, Hashable {
        let name: String
        /// What is allowed.
        let allowed: String
    }

    /// Where to listen; nil if nothing is set.
    let listen: HostAndPort?
    /// What clients are told; nil if it is the same.
    let advertise: HostAndPort?
    /// The names of listeners that were passed over.
    let passedOver: [String]

    /// The settings that are read.
    static let names = [
        "listeners", "advertised.listeners", "controller.listener.names", "listener.security.protocol.map",
    ]

    private static let example = "such as PLAINTEXT://127.0.0.1:9092"

    private struct Entry {
        let name: String
        let host: String
        let port: UInt16
    }

    /// - Parameter value: The value of a setting, nil if it is not set.
    init(_ value: (_ name: String) -> String?) throws(Problem) {
        let controllers = Set(Self.list(value("controller.listener.names") ?? "").map { $0.uppercased() })
        let protocols = try Self.protocols(value("listener.security.protocol.map"))
        var passedOver: Set<String> = []

        func one(_ setting: String) throws(Problem) -> Entry? {
            guard let text = value(setting) else { return nil }
            let problem = Problem(name: setting, allowed: "one listener NAME://HOST:PORT, \(Self.example)")
            var own: [Entry] = []
            for part in Self.list(text) {
                guard let entry = Self.entry(part) else { throw problem }
                if controllers.contains(entry.name) { passedOver.insert(entry.name) } else { own.append(entry) }
            }
            guard own.count == 1 else { throw problem }
            guard protocols[own[0].name] == "PLAINTEXT" else {
                throw Problem(
                    name: setting,
                    allowed: "a listener whose protocol is PLAINTEXT, \(Self.example): there is neither TLS nor SASL"
                )
            }
            return own[0]
        }

        let listening = try one("listeners")
        let advertised = try one("advertised.listeners")
        if let listening, let advertised, listening.name != advertised.name {
            throw Problem(name: "advertised.listeners", allowed: "an address for the listener \(listening.name)")
        }
        if let advertised, advertised.port == 0 || Self.isWildcard(advertised.host) {
            throw Problem(
                name: "advertised.listeners",
                allowed: "an address that clients can connect to: a host, which is not all of them, and a port above 0"
            )
        }
        if let listening, advertised == nil, Self.isWildcard(listening.host) {
            throw Problem(
                name: "listeners",
                allowed: "an address that clients can be told; to listen on all addresses,"
                    + " set advertised.listeners (--advertise) as well"
            )
        }
        listen = listening.map { HostAndPort(host: $0.host.isEmpty ? "0.0.0.0" : $0.host, port: $0.port) }
        advertise = advertised.map { HostAndPort(host: $0.host, port: $0.port) }
        self.passedOver = passedOver.sorted()
    }

    /// Whether a host means all addresses of the machine.
    private static func isWildcard(_ host: String) -> Bool { ["", "0.0.0.0", "::"].contains(host) }

    private static func list(_ text: String) -> [String] {
        ConfigValue(text, type: .list, rule: .any)?.list ?? []
    }

    /// Reads `NAME://HOST:PORT`, where the host may be left out.
    private static func entry(_ text: String) -> Entry? {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let rest = text[colon...]
        guard colon > text.startIndex, rest.hasPrefix("://") else { return nil }
        let name = text[..<colon].uppercased()
        let address = String(rest.dropFirst(3))
        // Without a host, one that stands for it makes the port readable.
        let isBare = address.hasPrefix(":")
        guard let parsed = HostAndPort(isBare ? "bare\(address)" : address) else { return nil }
        return Entry(name: name, host: isBare ? "" : parsed.host, port: parsed.port)
    }

    /// Which protocol each listener speaks; by default those have the name of theirs.
    private static func protocols(_ map: String?) throws(Problem) -> [String: String] {
        var protocols = ["PLAINTEXT": "PLAINTEXT"]
        guard let map else { return protocols }
        protocols = [:]
        for part in list(map) where !part.isEmpty {
            let words = part.split(separator: ":", omittingEmptySubsequences: false)
            guard words.count == 2, words.allSatisfy({ !$0.isEmpty }) else {
                throw Problem(
                    name: "listener.security.protocol.map",
                    allowed: "a list of NAME:PROTOCOL, such as PLAINTEXT:PLAINTEXT"
                )
            }
            protocols[words[0].uppercased()] = words[1].uppercased()
        }
        return protocols
    }
}
