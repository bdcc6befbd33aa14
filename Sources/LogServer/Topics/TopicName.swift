import CommitLog
import KafkaProtocol

/// The name of a topic that may be made: 1 to 249 characters of `[a-zA-Z0-9._-]`, neither `.` nor `..`.
///
/// Source: Kafka's `Topic`.
package struct TopicName: Hashable, Sendable, CustomStringConvertible {
    /// The name.
    package let description: String

    /// The topic of Kafka's controllers, whose directory may lie beside the logs and which is nobody's to make or delete.
    private static let metadataTopic = "__cluster_metadata"

    /// - Throws: `INVALID_TOPIC_EXCEPTION` where it is no topic's name; `INVALID_REQUEST` for the one that is reserved.
    package init(_ name: String) throws(APIError) {
        do {
            description = try TopicPartition(topic: name, partition: 0).topic
        } catch {
            throw APIError(.invalidTopicException, "The name cannot be a topic's: \(error.reason)")
        }
        guard name != Self.metadataTopic else {
            throw APIError(.invalidRequest, "\(name) is for the node's own use")
        }
    }

    /// What brokers keep their own state in.
    private static let internalTopics: Set<String> = [OffsetsTopic.name, "__transaction_state"]

    /// Whether a topic is one in which brokers keep their own state.
    static func isInternal(_ name: String) -> Bool { internalTopics.contains(name) }

    /// What two topics may not share.
    ///
    /// Names of metrics have `_` where a topic's name has `.`, so that topics which differ in nothing else could not be told
    /// apart there.
    package var collisionKey: String { Self.collisionKey(of: description) }

    /// The same, of a name that was checked before.
    static func collisionKey(of name: String) -> String {
        String(name.map { $0 == "." ? "_" : $0 })
    }
}
