import TestSupport
import Testing

@testable import LogServer

@Suite("Requests of HTTP")
struct HTTPRequestTests {
    private func read(_ text: String) -> HTTPRequest.Reading { HTTPRequest.read(Array(text.utf8)) }

    @Test(
        "a request is read when its head is whole",
        arguments: [
            ("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", "GET", "/metrics"),
            ("GET /metrics?x=1 HTTP/1.0\r\n\r\n", "GET", "/metrics"),
            ("HEAD / HTTP/1.1\n\n", "HEAD", "/"),
            ("POST /health HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", "POST", "/health"),
        ]
    )
    func whole(text: String, method: String, path: String) {
        let request = HTTPRequest.Reading.request(HTTPRequest(method: method, path: path))
        #expect(read(text) == request)
        let end = text.utf8.count - (text.hasSuffix("abc") ? 3 : 0)
        for count in 0..<end { #expect(HTTPRequest.read(text.utf8.prefix(count)) == .incomplete) }
    }

    @Test(
        "what is no request is refused by its first line",
        arguments: [
            ("\n", HTTPResponse.Status.badRequest), ("\r\n\r\n", .badRequest), ("GET\r\n", .badRequest),
            ("GET /metrics\r\n", .badRequest), ("get / HTTP/1.1\r\n", .badRequest), (" / HTTP/1.1\r\n", .badRequest),
            ("GET  / HTTP/1.1\r\n", .badRequest), ("GET http://a/ HTTP/1.1\r\n", .badRequest),
            ("GET / HTTP/1.1 \r\n", .badRequest), ("GET / SPDY/3\r\n", .badRequest),
            ("GET / HTTP/2.0\r\n", .unknownVersion), ("GET / HTTP/1.10\r\n", .unknownVersion),
        ]
    )
    func refused(text: String, status: HTTPResponse.Status) {
        #expect(read(text) == .refused(status))
    }

    @Test("a head that is too long is refused, with and without lines")
    func tooLong() {
        let most = HTTPRequest.mostBytes
        #expect(HTTPRequest.read([UInt8](repeating: 65, count: most - 1)) == .incomplete)
        #expect(HTTPRequest.read([UInt8](repeating: 65, count: most)) == .refused(.tooLarge))
        let start = "GET / HTTP/1.1\r\nA: "
        let filling = String(repeating: "b", count: most - start.utf8.count)
        #expect(read(start + filling.dropLast()) == .incomplete)
        #expect(read(start + filling) == .refused(.tooLarge))
    }

    @Test("any bytes are read as something", arguments: Seed.all)
    func anyBytes(seed: Seed) {
        var random = seed.generator
        for _ in 0..<200 {
            let alphabet = Array("GET /HTTP1.\r\n\u{0}é".utf8)
            let count = Int.random(in: 0...40, using: &random)
            let bytes = (0..<count).map { _ in alphabet.randomElement(using: &random) ?? 0 }
            if case .request(let request) = HTTPRequest.read(bytes) { #expect(request.path.hasPrefix("/")) }
        }
    }

    @Test("an answer says how long it is, and closes the connection")
    func answers() {
        let response = HTTPResponse(.methodNotAllowed)
        let head = """
            HTTP/1.1 405 Method Not Allowed\r
            Content-Type: text/plain; charset=utf-8\r
            Content-Length: 23\r
            Allow: GET, HEAD\r
            Connection: close\r
            \r

            """
        #expect(String(decoding: response.bytes(headOnly: true), as: UTF8.self) == head)
        #expect(
            String(decoding: response.bytes(headOnly: false), as: UTF8.self) == head + "405 Method Not Allowed\n"
        )
    }
}
