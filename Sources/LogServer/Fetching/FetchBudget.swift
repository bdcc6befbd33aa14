package import KafkaProtocol

/// How the bytes that a Fetch request allows are divided among its partitions, which are read one after the other.
///
/// Each gets what is left, at most what was asked for it. The first one that has records gets its first batch even if that
/// is longer, so that a client always comes on (KIP-74).
///
/// Source: Kafka's `ReplicaManager.readFromLog` and `KafkaApis.handleFetchRequest`.
package struct FetchBudget: Sendable {
    /// How many bytes of records the response may still get.
    package private(set) var remaining: Int
    /// Whether it has no records yet.
    package private(set) var isEmpty = true
    /// How many bytes of records a response should have for it not to wait for more.
    package let minBytes: Int

    /// Kafka's default of `fetch.max.bytes`, 55 MiB.
    package static let defaultMaximumBytes = 57_671_680

    /// The budget of a request.
    /// - Parameters:
    ///   - request: What the client allows, and what it waits for.
    ///   - limit: What the server allows: `fetch.max.bytes`.
    package init(_ request: FetchRequest, limit: Int = FetchBudget.defaultMaximumBytes) {
        remaining = max(0, min(Int(request.maxBytes), limit))
        minBytes = max(0, min(Int(request.minBytes), remaining))
    }

    /// How many bytes to ask a log for; nil if nothing would be taken, and the log need not be read.
    /// - Parameter partitionMaxBytes: What the client allows of this partition.
    package func maxBytes(of partitionMaxBytes: Int32) -> Int? {
        let bytes = min(remaining, max(0, Int(partitionMaxBytes)))
        return bytes == 0 && !isEmpty ? nil : bytes
    }

    /// Takes what a log has given.
    /// - Parameters:
    ///   - byteCount: How many bytes there are: more than were asked for where the first batch alone is longer.
    ///   - partitionMaxBytes: What the client allows of this partition.
    /// - Returns: How many of them are sent: all, or none.
    package mutating func take(_ byteCount: Int, of partitionMaxBytes: Int32) -> Int {
        guard let allowed = maxBytes(of: partitionMaxBytes), byteCount > 0 else { return 0 }
        guard byteCount <= allowed || isEmpty else { return 0 }
        remaining = max(0, remaining - byteCount)
        isEmpty = false
        return byteCount
    }
}
