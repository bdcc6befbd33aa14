package import KafkaProtocol
package import LinuxIO

/// What answers the requests of connections.
package protocol RequestHandler: Sendable {
    /// Takes a request.
    ///
    /// Called on the reactor of the connection, which it must not block, for one request of a connection after the other.
    /// - Parameters:
    ///   - header: The request's header.
    ///   - request: The whole request without its length. It may be changed, and is gone afterwards.
    ///   - bodyStart: Where the message begins in it.
    ///   - reactor: That of the connection; the answer is waited for, and sent, on it.
    /// - Throws: Where the request cannot be understood: the connection is closed then, since there is no answer to what
    ///   nobody knows.
    func take(
        _ header: RequestHeader,
        _ request: inout MutableRawSpan,
        bodyStart: Int,
        on reactor: Reactor
    ) throws(ProtocolError) -> Answer
}

/// What becomes of a request that was taken.
package enum Answer: Sendable {
    /// It is answered, or wants no answer.
    case ready(Response?)
    /// All that it asks for was begun, and the answer waits for something, such as the disk or more records. The
    /// connection's next requests are taken meanwhile, and answered after it.
    case waiting(@Sendable () async throws(ProtocolError) -> Response?)
    /// It is still to be carried out, before the connection's next request is taken.
    case working(@Sendable () async throws(ProtocolError) -> Response?)
    /// It wants no answer, but has failed: its client learns of it by the end of the connection.
    case failed(String)
}
