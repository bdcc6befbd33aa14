import KafkaProtocol

/// A request that is to be read, and the ways of answering it.
struct Arrived: Sendable {
    let header: RequestHeader
    let bodyStart: Int

    /// Reads the request's message.
    func message<Request: RequestMessage>(_ request: RawSpan) throws(ProtocolError) -> Request {
        try Request(reading: request, from: bodyStart, version: header.version)
    }

    /// Answers at once.
    func ready<Request: RequestMessage>(
        _ request: RawSpan,
        _ answer: (Request) -> Request.Response
    ) throws(ProtocolError) -> Answer {
        .ready(try Response(answer(try message(request)), to: header))
    }

    /// Answers before the connection's next request is taken, since that may rest on what this one does.
    func working<Request: RequestMessage>(
        _ request: RawSpan,
        _ answer: @escaping @Sendable (Request) async -> Request.Response
    ) throws(ProtocolError) -> Answer {
        let message: Request = try message(request)
        let header = header
        return .working { () async throws(ProtocolError) in try Response(await answer(message), to: header) }
    }
}
