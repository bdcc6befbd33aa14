/// Which partitions one response tells of, where all would be too many.
///
/// Topics go in the order of their names and partitions in that of their numbers. The page says where the next one begins.
///
/// Source: Kafka's `DescribeTopicPartitionsRequestHandler` and `KRaftMetadataCache`.
struct PartitionPage: Hashable, Sendable {
    /// A place in the order.
    struct Cursor: Hashable, Sendable {
        var topic: String
        var partition: Int32
    }

    /// A topic, and which of its partitions are told.
    struct Part: Hashable, Sendable {
        var topic: String
        /// `nil` for a topic that does not exist.
        var partitions: Range<Int32>?
    }

    private(set) var parts: [Part] = []
    /// Where the next page begins; `nil` if there is no more.
    private(set) var next: Cursor?

    /// - Parameters:
    ///   - topics: The names that are asked for, each once, in their order.
    ///   - start: Where the page begins: nothing before it is told.
    ///   - limit: The most partitions that it has; 1 at least, so that who asks for page after page gets to the end. A topic
    ///     that does not exist counts as none.
    ///   - count: How many partitions a topic has; `nil` if it does not exist.
    init(of topics: [String], from start: Cursor?, limit: Int32, count: (String) -> Int32?) {
        var remaining = max(1, limit)
        for topic in topics {
            if let start, topic < start.topic { continue }
            guard remaining > 0 else {
                next = Cursor(topic: topic, partition: 0)
                return
            }
            guard let count = count(topic) else {
                parts.append(Part(topic: topic, partitions: nil))
                continue
            }
            let first = start?.topic == topic ? min(max(0, start?.partition ?? 0), count) : 0
            let end = first + min(count - first, remaining)
            parts.append(Part(topic: topic, partitions: first..<end))
            remaining -= end - first
            if end < count {
                next = Cursor(topic: topic, partition: end)
                return
            }
        }
    }
}
