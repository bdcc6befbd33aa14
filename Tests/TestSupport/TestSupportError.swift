/// Why something that tests rely on is not there, in a sentence for the person who runs them.
public struct TestSupportError: Error, CustomStringConvertible {
    /// What is missing, and what to do.
    public let description: String

    /// An error that says `description`.
    public init(_ description: String) {
        self.description = description
    }
}
