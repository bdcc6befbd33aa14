/// Bytes that are not a message of Kafka's protocol, or a message that cannot be written.
package struct ProtocolError: Error, Hashable, Sendable {
    /// What kind of defect it is; for code to act on.
    package var code: Code
    /// What is wrong, with the values found and expected; for people.
    package var message: String
    /// Where it is, in bytes from the start of what was read; `nil` if the error is not about bytes.
    package var position: Int?

    /// Makes an error.
    package init(_ code: Code, _ message: String, at position: Int? = nil) {
        self.code = code
        self.message = message
        self.position = position
    }

    /// The kinds of defect, of which there may be more in later versions.
    package struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String {
            case truncated, malformed, unknownAPI, unsupportedVersion, notRepresentable
        }
        private var kind: Kind
        private init(_ kind: Kind) { self.kind = kind }

        /// The bytes end before the message does.
        package static let truncated = Code(.truncated)
        /// A length or a null is where it cannot be.
        package static let malformed = Code(.malformed)
        /// There is no such API key, or it is not served.
        package static let unknownAPI = Code(.unknownAPI)
        /// The API exists, but not in this version.
        package static let unsupportedVersion = Code(.unsupportedVersion)
        /// The message has a value that its version cannot express.
        package static let notRepresentable = Code(.notRepresentable)

        /// The name of the code.
        package var description: String { kind.rawValue }
    }
}

extension ProtocolError: CustomStringConvertible {
    /// The code, the message and the place.
    package var description: String {
        "\(code): \(message)" + (position.map { " (at byte \($0))" } ?? "")
    }
}
