import Testing

@testable import LinuxIO

@Suite struct HostAndPortTests {
    @Test(
        "names and addresses are parsed, and written as they were",
        arguments: [
            ("broker1.example.org:9092", "broker1.example.org", UInt16(9092)),
            ("localhost:0", "localhost", 0),
            ("127.0.0.1:65535", "127.0.0.1", 65535),
            ("[::1]:9092", "::1", 9092),
            ("[fe80::1%eth0]:1", "fe80::1%eth0", 1),
        ]
    )
    func valid(text: String, host: String, port: UInt16) throws {
        let parsed = try #require(HostAndPort(text))
        #expect(parsed.host == host)
        #expect(parsed.port == port)
        #expect(parsed.description == text)
        #expect(parsed == HostAndPort(host: host, port: port))
    }

    @Test(
        "anything else is not",
        arguments: [
            "", ":", "localhost", "localhost:", ":9092", "localhost:65536", "localhost:-1", "localhost:+1",
            "localhost: 1", "localhost:1a", "localhost:٣", "::1:9092", "[::1]", "[::1]9092", "[]:1", "[localhost]:1",
            "[::1:9092", "::1]:1", "a b:1", "a\u{0}b:1", "a/b:1", String(repeating: "a", count: 256) + ":1",
        ]
    )
    func invalid(text: String) {
        #expect(HostAndPort(text) == nil)
    }
}
