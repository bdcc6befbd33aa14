import Foundation
import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@Suite("The metrics of millrace serve", .temporaryDirectory, .timeLimit(.minutes(2)))
struct ServeMetricsTests {
    private var directory: String { TemporaryDirectory.current.appending("logs").string }

    private func serve(_ arguments: [String] = ["--metrics", "127.0.0.1:0"]) throws -> ServingMillrace {
        try ServingMillrace(["--data", directory, "--listen", "127.0.0.1:0"] + arguments)
    }

    /// Where it tells its metrics; nil if it does not.
    private func metricsAddress(_ serving: ServingMillrace) -> String? {
        guard let start = serving.log.range(of: "http://")?.upperBound else { return nil }
        return String(serving.log[start...].prefix { $0 != "/" })
    }

    /// What comes for bytes that are sent, until the other side closes the connection.
    private func exchange(_ bytes: [UInt8], _ address: String) async throws -> [UInt8] {
        let reactor = try Reactor(name: "client")
        defer { reactor.shutdown() }
        let place = try #require(HostAndPort(address))
        let socket = try await reactor.connect(to: SocketAddress.resolve(place)[0])
        try await reactor.send([.bytes(bytes[...])], on: socket)
        try socket.shutdown(.sending)
        let buffer = IOBuffer(count: 1 << 16)
        var received: [UInt8] = []
        while true {
            let count = try await reactor.receive(socket, into: buffer, 0..<buffer.count)
            if count == 0 { return received }
            received += buffer.withBytes { $0.withUnsafeBytes { Array($0.prefix(count)) } }
        }
    }

    private func get(_ path: String, _ address: String) async throws -> String {
        while true {
            // A machine with much to do may let a connection's time pass, which closes it.
            let answer = try? await exchange(Array("GET \(path) HTTP/1.1\r\n\r\n".utf8), address)
            if let answer, !answer.isEmpty { return String(decoding: answer, as: UTF8.self) }
        }
    }

    @Test("requests are counted, and logs that take appends are well")
    func metrics() async throws {
        #expect(try MillraceProcess.run(["append", directory, "t"], input: Array("one\ntwo\n".utf8)).status == 0)
        let serving = try serve()
        let address = try #require(metricsAddress(serving), "\(serving.log)")
        // A request for versions, in version 0, without a client's name.
        let request: [UInt8] = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff]
        #expect(try await exchange(request, try serving.address).count > 100)
        // The answer is counted after it was sent, so perhaps a moment later.
        var text = ""
        repeat {
            text = try await get("/metrics", address)
        } while !text.contains(#"millrace_requests_total{api="ApiVersions"} 1"#)
        #expect(text.hasPrefix("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4"))
        #expect(text.contains("\nmillrace_partitions 1\n"))
        #expect(text.contains("\nmillrace_segments 1\n"))
        #expect(text.contains("\nmillrace_received_bytes_total 14\n"))
        #expect(text.contains("\n# TYPE millrace_request_duration_seconds histogram\n"))
        #expect(try await get("/health", address).hasSuffix("\r\n\r\nok: 1 logs take appends\n"))
        serving.stop()
    }

    @Test("a log that is fenced is told by name, with status 503, and the others serve")
    func fenced() async throws {
        for topic in ["good", "bad"] {
            #expect(try MillraceProcess.run(["append", directory, topic], input: Array("one\n".utf8)).status == 0)
        }
        // What was durable is gone.
        let log = "\(directory)/bad-0/00000000000000000000.log"
        try Data().write(to: URL(fileURLWithPath: log))
        let serving = try serve()
        let address = try #require(metricsAddress(serving))
        let health = try await get("/health", address)
        #expect(health.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"), "\(health)")
        #expect(health.contains("\r\n\r\n1 of 2 logs take no appends\nbad-0: "), "\(health)")
        #expect(try await get("/metrics", address).contains("\nmillrace_partitions_failed 1\n"))
        serving.process.signal(SIGTERM)
        _ = serving.process.wait()
    }

    @Test("whatever is sent to the port for metrics, the node serves on")
    func liars() async throws {
        let serving = try serve()
        let address = try #require(metricsAddress(serving))
        var random = SplitMix64(seed: 7)
        for count in [0, 1, 100, 100_000] {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            // The connection may be reset while what nobody reads is still sent.
            _ = try? await exchange(bytes, address)
        }
        #expect(try await get("/health", address).contains("ok: 0 logs"))
        serving.stop()
    }

    @Test("metrics can be turned off, and a port for them that is taken is an error where it was asked for")
    func places() async throws {
        let off = try serve(["--metrics", "none"])
        #expect(metricsAddress(off) == nil)
        let taken = try off.address
        let refused = try MillraceProcess.run(
            ["serve", "--data", "\(directory)-2", "--listen", "127.0.0.1:0", "--metrics", taken]
        )
        #expect(refused.status == 1)
        #expect(refused.standardError.contains("Could not listen on \(taken): Address already in use"))
        #expect(!FileManager.default.fileExists(atPath: "\(directory)-2"))
        off.stop()
    }
}
