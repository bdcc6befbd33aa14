import LinuxIO
import Testing

@testable import LogServer

@Suite("Where a node listens")
struct ListenerSettingsTests {
    private func decide(_ settings: [String: String]) throws(ListenerSettings.Problem) -> ListenerSettings {
        try ListenerSettings { settings[$0] }
    }

    private func refused(_ settings: [String: String]) -> String? {
        do {
            _ = try decide(settings)
            return nil
        } catch {
            return error.name
        }
    }

    @Test(
        "one listener is accepted whose protocol is PLAINTEXT",
        arguments: [
            ("PLAINTEXT://127.0.0.1:9092", "127.0.0.1:9092"), (" plaintext://h:0 ", "h:0"),
            ("PLAINTEXT://[fe80::1]:1", "[fe80::1]:1"),
        ]
    )
    func accepted(text: String, address: String) throws {
        #expect(try decide(["listeners": text]).listen?.description == address)
    }

    @Test(
        "others are refused",
        arguments: [
            "", " ", ",", "127.0.0.1:9092", "PLAINTEXT", "PLAINTEXT:", "PLAINTEXT://", "PLAINTEXT://h", "://h:1",
            "PLAINTEXT://h:65536", "PLAINTEXT://h:-1", "PLAINTEXT://h:1/", "PLAINTEXT:/h:1", "SSL://h:1",
            "SASL_PLAINTEXT://h:1", "CLIENTS://h:1", "PLAINTEXT://h:1,SSL://h:2", "PLAINTEXT://h:1,PLAINTEXT://h:2",
            "PLAINTEXT://h:1,", "PLAINTEXT://0.0.0.0:1", "PLAINTEXT://[::]:1", "PLAINTEXT://:1",
        ]
    )
    func others(text: String) {
        #expect(refused(["listeners": text]) == "listeners")
    }

    @Test("all addresses can be listened on where clients are told one of them")
    func allAddresses() throws {
        for host in ["", "0.0.0.0"] {
            let listeners = try decide([
                "listeners": "PLAINTEXT://\(host):9", "advertised.listeners": "PLAINTEXT://broker:10",
            ])
            #expect(listeners.listen == HostAndPort(host: "0.0.0.0", port: 9))
            #expect(listeners.advertise == HostAndPort(host: "broker", port: 10))
        }
    }

    @Test("clients are not told what nobody can connect to", arguments: ["0.0.0.0:1", "[::]:1", ":1", "h:0"])
    func advertised(address: String) {
        #expect(refused(["advertised.listeners": "PLAINTEXT://\(address)"]) == "advertised.listeners")
    }

    @Test("a listener may have any name for which the map has PLAINTEXT, and clients are told one of the same name")
    func names() throws {
        let map = ["listener.security.protocol.map": "clients:plaintext, TLS:SSL"]
        func adding(_ settings: [String: String]) -> [String: String] { map.merging(settings) { $1 } }
        #expect(try decide(adding(["listeners": "CLIENTS://h:1"])).listen == HostAndPort(host: "h", port: 1))
        #expect(refused(adding(["listeners": "TLS://h:1"])) == "listeners")
        #expect(refused(adding(["listeners": "PLAINTEXT://h:1"])) == "listeners")
        let other = ["listeners": "PLAINTEXT://h:1", "advertised.listeners": "CLIENTS://h:1"]
        let both = ["listener.security.protocol.map": "CLIENTS:PLAINTEXT,PLAINTEXT:PLAINTEXT"]
        #expect(refused(other.merging(both) { $1 }) == "advertised.listeners")
        for map in ["A", "A:", ":B", "A:B:C"] {
            #expect(refused(["listener.security.protocol.map": map]) == "listener.security.protocol.map")
        }
    }

    @Test("listeners of a controller are passed over")
    func controllers() throws {
        let listeners = try decide([
            "listeners": "C1://:9093,PLAINTEXT://h:1,C2://x:2", "controller.listener.names": "c1, C2",
        ])
        #expect(listeners.listen == HostAndPort(host: "h", port: 1))
        #expect(listeners.passedOver == ["C1", "C2"])
        #expect(refused(["listeners": "C://:1", "controller.listener.names": "C"]) == "listeners")
    }
}

@Suite("What a misspelled name means")
struct SpellingTests {
    @Test(
        "what has to be changed is counted",
        arguments: [
            ("", "", 0), ("a", "", 1), ("", "ab", 2), ("log.dirs", "log.dirs", 0), ("log.dirs", "log.dir", 1),
            ("log.dris", "log.dirs", 1), ("kitten", "sitting", 3), ("ab", "ba", 1), ("abc", "xyz", 3),
        ]
    )
    func distance(first: String, second: String, expected: Int) {
        #expect(Spelling.distance(Array(first.utf8), Array(second.utf8)) == expected)
        #expect(Spelling.distance(Array(second.utf8), Array(first.utf8)) == expected)
    }

    @Test("the nearest name is found, and none where none is near")
    func nearest() {
        let names: Set = ["log.dirs", "log.dir", "listeners"]
        #expect(Spelling.nearest(to: "log.dirs", in: names) == "log.dirs")
        #expect(Spelling.nearest(to: "listner", in: names) == "listeners")
        #expect(Spelling.nearest(to: "x", in: names) == nil)
        #expect(Spelling.nearest(to: String(repeating: "x", count: 100_000), in: names) == nil)
        #expect(Spelling.nearest(to: "log.dirs", in: []) == nil)
    }
}
