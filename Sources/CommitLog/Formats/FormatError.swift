/// A file, or a name, of a log directory does not have the form that it must have.
///
/// The error knows the place within what was parsed, not the path: whoever read the file adds it.
public struct FormatError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of trouble it is.
    ///
    /// More kinds may come.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String {
            case truncated
            case malformed
            case unsupportedVersion
            case checksumMismatch
        }

        private let kind: Kind

        /// The bytes end before the structure does.
        public static let truncated = Code(kind: .truncated)
        /// Something stands where the format has no room for it.
        public static let malformed = Code(kind: .malformed)
        /// A version that this release does not know: written by a later one, or not such a file at all.
        public static let unsupportedVersion = Code(kind: .unsupportedVersion)
        /// The stored checksum is not that of the bytes.
        public static let checksumMismatch = Code(kind: .checksumMismatch)

        /// The name of the code.
        public var description: String { kind.rawValue }
    }

    /// Where in the parsed text or bytes the trouble is.
    public enum Place: Hashable, Sendable, CustomStringConvertible {
        /// A line of a text file, counted from 1.
        case line(Int)
        /// A byte of a binary file, counted from 0.
        case byte(Int)
        /// A whole name, such as that of a directory.
        case name(String)

        /// The place in words.
        public var description: String {
            switch self {
            case .line(let number): "line \(number)"
            case .byte(let position): "byte \(position)"
            case .name(let name): "name \"\(name.prefix(300))\""
            }
        }
    }

    /// What kind of trouble it is.
    public let code: Code
    /// What was being parsed: "offset checkpoint", "producer snapshot".
    public let format: String
    /// Where the trouble is.
    public let place: Place
    /// What was found, and what would have been right.
    public let reason: String

    /// Describes one breach of a format.
    public init(_ code: Code, format: String, at place: Place, reason: String) {
        self.code = code
        self.format = format
        self.place = place
        self.reason = reason
    }

    /// The whole story in one line.
    public var description: String { "Not a valid \(format) (\(code)): \(place): \(reason)" }
}
