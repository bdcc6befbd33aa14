/// The outcome of a request, or of a part of it.
///
/// Source: Kafka's `Errors`; the names are Kafka's.
package struct ErrorCode: WireNumber, Hashable, Sendable {
    /// 0 for none, -1 for one that has no other code.
    package var rawValue: Int16

    /// Gives a raw value its meaning.
    package init(rawValue: Int16) { self.rawValue = rawValue }

    /// There was no error.
    package static let none = ErrorCode(rawValue: 0)
}
