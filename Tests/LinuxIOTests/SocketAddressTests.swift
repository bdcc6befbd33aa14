import SystemPackage
import Testing

@testable import LinuxIO

@Suite struct SocketAddressTests {
    @Test(
        "a literal is the address that it names",
        arguments: [
            ("127.0.0.1", "127.0.0.1", SocketAddress.Family.ipv4),
            ("255.254.253.252", "255.254.253.252", .ipv4),
            ("0.0.0.0", "0.0.0.0", .ipv4),
            ("::1", "::1", .ipv6),
            ("2001:DB8:0:0:0:0:0:7", "2001:db8::7", .ipv6),
            ("ffff:fffe:fffd:fffc:fffb:fffa:fff9:fff8", "ffff:fffe:fffd:fffc:fffb:fffa:fff9:fff8", .ipv6),
            ("::ffff:10.0.0.1", "::ffff:10.0.0.1", .ipv6),
        ]
    )
    func literals(literal: String, text: String, family: SocketAddress.Family) throws {
        let addresses = try SocketAddress.resolve(HostAndPort(host: literal, port: 9092))
        #expect(addresses.count == 1)
        #expect(addresses[0].host == text)
        #expect(addresses[0].port == 9092)
        #expect(addresses[0].family == family)
        #expect(addresses[0].description == (family == .ipv4 ? "\(text):9092" : "[\(text)]:9092"))
        #expect(addresses == (try SocketAddress.resolve(HostAndPort(host: text, port: 9092))))
        #expect(SocketAddress(addresses[0].raw) == addresses[0])
    }

    @Test("a link-local address keeps its interface, here the first, which is the loopback")
    func scope() throws {
        let address = try SocketAddress.resolve(HostAndPort(host: "fe80::1%lo", port: 1))[0]
        #expect(address.host == "fe80::1%1")
        #expect(try SocketAddress.resolve(HostAndPort(host: address.host, port: 1)) == [address])
    }

    @Test("a name is looked up")
    func name() throws {
        let addresses = try SocketAddress.resolve(HostAndPort(host: "localhost", port: 7))
        #expect(addresses.allSatisfy { ["127.0.0.1", "::1"].contains($0.host) && $0.port == 7 })
    }

    @Test("what is not an address and no name can be is an error that names it")
    func noName() {
        let error = ioError { _ = try SocketAddress.resolve(HostAndPort(host: "127.0.0.1.", port: 1)) }
        #expect(error?.call == .getaddrinfo)
        #expect(error?.description.contains("look up the host 127.0.0.1.") == true)
    }

    @Test("a resolver that fails is reported, and one that was interrupted is asked again")
    func faults() throws {
        let host = HostAndPort(host: "faulty.test", port: 1)
        let injector = FaultInjector.install(under: "resolver/faulty.test") { call in
            call.occurrence == 0 ? .fail(.interrupted) : .fail(.resourceTemporarilyUnavailable)
        }
        defer { injector.remove() }
        let error = try #require(ioError { _ = try SocketAddress.resolve(host) })
        #expect(error.errno == .resourceTemporarilyUnavailable)
        #expect(error.isRetryable)
        #expect(injector.count(of: .getaddrinfo) == 2)
    }
}
