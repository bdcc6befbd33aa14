package import KafkaProtocol

/// Why a request, or a part of it, is refused: what a client acts on, and a sentence for people.
package struct APIError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Kafka's code.
    package var code: ErrorCode
    /// What is wrong, and what would have been right.
    package var message: String

    /// Makes an error.
    package init(_ code: ErrorCode, _ message: String) {
        self.code = code
        self.message = message
    }

    /// A configuration that topics do not have.
    static func unknownConfig(_ name: String) -> APIError {
        APIError(.invalidConfig, "Topics have no configuration \(name.prefix(100))")
    }

    /// A configuration to which nothing is to be set.
    static func missingValue(_ name: String, _ code: ErrorCode) -> APIError {
        APIError(code, "\(name.prefix(100)) has no value")
    }

    /// The code and the message.
    package var description: String { "error \(code.rawValue): \(message)" }
}
