/// The identity of a log directory, kept in its `meta.properties` (KIP-858).
public struct DirectoryID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The identifier.
    public let rawValue: KafkaUUID

    /// The directory with the given identifier.
    public init(rawValue: KafkaUUID) {
        self.rawValue = rawValue
    }

    /// An identity for a new directory, none of the 100 lowest, which Kafka keeps for meanings of its own.
    public static func random() -> DirectoryID {
        // The version bits of a random identifier keep it far above the reserved ones.
        DirectoryID(rawValue: .random())
    }

    /// Parses the 22 characters of the printed form; `nil` if they are not one.
    public init?(_ text: some StringProtocol) {
        guard let uuid = KafkaUUID(text) else { return nil }
        rawValue = uuid
    }

    /// The 22 characters, as Kafka prints them.
    public var description: String { rawValue.description }
}
