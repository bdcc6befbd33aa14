/// The identity of a topic, which a topic of the same name created later does not share (KIP-516).
public struct TopicID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The identifier.
    public let rawValue: KafkaUUID

    /// No topic: the all-zero identifier.
    public static let zero = TopicID(rawValue: KafkaUUID(rawValue: 0))
    /// The topic `__cluster_metadata`, the same in every cluster.
    public static let clusterMetadata = TopicID(rawValue: KafkaUUID(rawValue: 1))

    /// The topic with the given identifier.
    public init(rawValue: KafkaUUID) {
        self.rawValue = rawValue
    }

    /// An identity for a new topic.
    public static func random() -> TopicID {
        TopicID(rawValue: .random())
    }

    /// Parses the 22 characters of the printed form; `nil` if they are not one.
    public init?(_ text: some StringProtocol) {
        guard let uuid = KafkaUUID(text) else { return nil }
        rawValue = uuid
    }

    /// The 22 characters, as Kafka prints them.
    public var description: String { rawValue.description }
}
