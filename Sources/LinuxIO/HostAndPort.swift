/// A host, by its name or its address, and a port of TCP, as people write them: `HOST:PORT`.
public struct HostAndPort: Hashable, Sendable, CustomStringConvertible {
    /// A name, or an IPv4 or IPv6 address without brackets; not empty.
    public let host: String
    /// The port.
    public let port: UInt16

    /// A host and a port.
    /// - Parameters:
    ///   - host: A name, or an address without brackets; not empty.
    ///   - port: The port; 0 lets the kernel choose one.
    public init(host: String, port: UInt16) {
        precondition(HostAndPort.isHost(host[...]), "Cannot use \(host) as a host")
        self.host = host
        self.port = port
    }

    /// Parses `HOST:PORT`, with IPv6 addresses in brackets: `broker1:9092`, `127.0.0.1:9092`, `[::1]:9092`.
    ///
    /// Whether there is such a host only ``SocketAddress/resolve(_:)`` tells.
    /// - Parameter text: The text.
    /// - Returns: Nil for anything else: no host, no port or one above 65535, an IPv6 address without brackets.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = UInt16(digits) else {
            return nil
        }
        var host = text[..<colon]
        let isBracketed = host.first == "["
        if isBracketed {
            guard host.count > 2, host.last == "]" else { return nil }
            host = host.dropFirst().dropLast()
        }
        // Only an IPv6 address has colons, and it has to have some.
        guard host.contains(":") == isBracketed, HostAndPort.isHost(host) else { return nil }
        self.host = String(host)
        self.port = port
    }

    /// Whether it can be handed to the resolver, which takes text without NUL, and would split nothing else off.
    private static func isHost(_ host: Substring) -> Bool {
        let isUnfit = { (byte: UInt8) in byte <= 0x20 || byte == 0x7f || "[]/".utf8.contains(byte) }
        return !host.isEmpty && host.utf8.count <= 255 && !host.utf8.contains(where: isUnfit)
    }

    /// `HOST:PORT`, with IPv6 addresses in brackets.
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
