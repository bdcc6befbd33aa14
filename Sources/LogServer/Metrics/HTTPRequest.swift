/// What is read of a request of HTTP/1: its first line, and where its head ends.
///
/// Source: RFC 9112.
struct HTTPRequest: Hashable {
    /// Such as `GET`.
    let method: String
    /// Such as `/metrics`, without what follows a question mark.
    let path: String

    /// How long the head of a request may be, in bytes.
    static let mostBytes = 8 << 10

    /// What becomes of the bytes that have come.
    enum Reading: Hashable {
        /// More has to come.
        case incomplete
        /// The head is there.
        case request(HTTPRequest)
        /// It is refused.
        case refused(HTTPResponse.Status)
    }

    /// Reads the head of a request.
    /// - Parameter bytes: All that has come.
    static func read(_ bytes: some Collection<UInt8>) -> Reading {
        let head = bytes.prefix(mostBytes)
        guard let lineEnd = head.firstIndex(of: UInt8(ascii: "\n")) else {
            return bytes.count < mostBytes ? .incomplete : .refused(.tooLarge)
        }
        let line = head[..<lineEnd]
        let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard words.count == 3, isToken(words[0]), words[1].hasPrefix("/"), words[2].hasPrefix("HTTP/") else {
            return .refused(.badRequest)
        }
        // As text: "\r\n" would be one character of a string.
        guard ["HTTP/1.0", "HTTP/1.1"].contains(String(words[2].unicodeScalars.filter { $0 != "\r" })) else {
            return .refused(.unknownVersion)
        }
        guard isWhole(head[lineEnd...]) else {
            return bytes.count < mostBytes ? .incomplete : .refused(.tooLarge)
        }
        let path = words[1].prefix { $0 != "?" }
        return .request(HTTPRequest(method: words[0], path: String(path)))
    }

    private static func isToken(_ word: String) -> Bool {
        !word.isEmpty && word.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
    }

    /// Whether there is an empty line in what begins with the end of one.
    private static func isWhole(_ rest: some Collection<UInt8>) -> Bool {
        var isAtStart = false
        for byte in rest {
            switch byte {
            case UInt8(ascii: "\n"):
                if isAtStart { return true }
                isAtStart = true
            case UInt8(ascii: "\r"): break
            default: isAtStart = false
            }
        }
        return false
    }
}

/// What is answered, after which the connection is closed.
struct HTTPResponse: Hashable {
    /// Its outcome.
    enum Status: String, Hashable, CaseIterable {
        case ok = "200 OK"
        case badRequest = "400 Bad Request"
        case notFound = "404 Not Found"
        case methodNotAllowed = "405 Method Not Allowed"
        case tooLarge = "431 Request Header Fields Too Large"
        case unavailable = "503 Service Unavailable"
        case unknownVersion = "505 HTTP Version Not Supported"
    }

    let status: Status
    var contentType = "text/plain; charset=utf-8"
    let body: [UInt8]

    /// A line that says what the status does.
    init(_ status: Status) { self.init(status, "\(status.rawValue)\n") }

    init(_ status: Status, _ text: String) {
        self.status = status
        body = Array(text.utf8)
    }

    init(_ status: Status, _ body: [UInt8], contentType: String) {
        self.status = status
        self.body = body
        self.contentType = contentType
    }

    /// As it goes over the wire; without the body for a request that only wants the head.
    func bytes(headOnly: Bool) -> [UInt8] {
        var head = "HTTP/1.1 \(status.rawValue)\r\nContent-Type: \(contentType)\r\nContent-Length: \(body.count)\r\n"
        if status == .methodNotAllowed { head += "Allow: GET, HEAD\r\n" }
        head += "Connection: close\r\n\r\n"
        return Array(head.utf8) + (headOnly ? [] : body)
    }
}
