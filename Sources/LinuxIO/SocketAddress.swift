internal import CSystemShims
internal import SystemPackage

/// An IPv4 or IPv6 address, and a port of TCP.
public struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    /// Which version of the Internet Protocol.
    public enum Family: Hashable, Sendable {
        /// IPv4.
        case ipv4
        /// IPv6.
        case ipv6
    }

    /// Which version of the Internet Protocol.
    public let family: Family
    /// The port; 0 lets the kernel choose one.
    public let port: UInt16

    // As in csys_address.
    private let high: UInt64
    private let low: UInt64
    private let scope: UInt32

    init(_ raw: csys_address) {
        family = Int(raw.family) == CSYS_IPV4 ? .ipv4 : .ipv6
        (port, high, low, scope) = (raw.port, raw.high, raw.low, raw.scope)
    }

    var raw: csys_address {
        csys_address(high: high, low: low, scope: scope, port: port, family: rawFamily)
    }

    var rawFamily: UInt16 { UInt16(family == .ipv4 ? CSYS_IPV4 : CSYS_IPV6) }

    /// The address without the port: "127.0.0.1", "fe80::1%2".
    public var host: String {
        var (address, text) = (raw, [CChar](repeating: 0, count: Int(CSYS_ADDRESS_TEXT_BYTES)))
        // Cannot fail: the family is one of the two, and the room is enough for both.
        let result = unsafe csys_address_text(&address, &text)
        precondition(result == 0, "Cannot write an address of the family \(address.family)")
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Address and port, as URLs have it: "127.0.0.1:9092", "[::1]:9092".
    public var description: String { HostAndPort(host: host, port: port).description }
}

extension SocketAddress {
    /// How many addresses of one name are looked at.
    private static let mostPerName = 16

    /// The addresses of a host that is given by its name or its address.
    ///
    /// Blocks the calling thread while name servers are asked, for many seconds where they do not answer; not for the
    /// thread of a reactor.
    /// - Parameter host: The host, and the port that all the addresses get.
    /// - Returns: The addresses in the order in which they should be tried (RFC 6724), at least one and at most 16.
    /// - Throws: `IOError` of getaddrinfo(3): ENXIO where there is no such name, EAGAIN where name servers did not
    ///   answer, EIO where they failed.
    public static func resolve(_ host: HostAndPort) throws(IOError) -> [SocketAddress] {
        var found = [csys_address](repeating: csys_address(), count: mostPerName)
        let path = FilePath("resolver").appending(host.host)
        let count = try Syscalls.uninterrupted(.getaddrinfo, path, socketAttempt: "look up the host \(host.host)") {
            unsafe csys_resolve(host.host, host.port, &found, UInt32(mostPerName))
        }
        guard count > 0 else {
            let attempt = "look up the host \(host.host)"
            throw IOError(call: .getaddrinfo, path: nil, errno: .noSuchAddressOrDevice, attempt: attempt)
        }
        return found.prefix(count).map(SocketAddress.init)
    }
}
