package import KafkaProtocol
package import LinuxIO

/// Why a connection was closed.
package enum ConnectionEnd: Error, Sendable, CustomStringConvertible {
    /// By the client, between two requests.
    case finished
    /// By the client, in the middle of a request.
    case truncated
    /// It was silent, or did not take its answers, for so long (`connections.max.idle.ms`).
    case idle(Duration)
    /// The server ends.
    case closing
    /// What it sends cannot be cut into requests.
    case frame(FrameError)
    /// It sent a request that cannot be understood.
    case request(ProtocolError)
    /// Its request has not come in full while others waited for memory (`queued.max.request.bytes`).
    case slow(Duration)
    /// A request that wants no answer has failed.
    case unanswered(String)
    /// A call on its socket failed, such as for a client that was killed.
    case failed(IOError)

    /// The reason without its circumstances, as metrics have it.
    package enum Kind: String, CaseIterable, Hashable, Sendable {
        case finished, truncated, idle, closing, frame, request, slow, unanswered, failed
    }

    /// The reason without its circumstances.
    package var kind: Kind {
        switch self {
        case .finished: .finished
        case .truncated: .truncated
        case .idle: .idle
        case .closing: .closing
        case .frame: .frame
        case .request: .request
        case .slow: .slow
        case .unanswered: .unanswered
        case .failed: .failed
        }
    }

    /// Whether the client has broken the protocol, or held up others, so that somebody should know.
    package var isViolation: Bool {
        switch self {
        case .frame, .request, .slow: true
        case .finished, .truncated, .idle, .closing, .unanswered, .failed: false
        }
    }

    /// The reason in words.
    package var description: String {
        switch self {
        case .finished: "closed by the client"
        case .truncated: "closed by the client in the middle of a request"
        case .idle(let limit): "nothing was sent or taken for \(limit)"
        case .closing: "the server ends"
        case .frame(let error): error.description
        case .request(let error): error.description
        case .slow(let limit): "its request did not come in full in \(limit), for which others waited for memory"
        case .unanswered(let reason): "a request failed that wants no answer: \(reason)"
        case .failed(let error): error.description
        }
    }
}
