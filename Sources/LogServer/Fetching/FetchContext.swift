import KafkaProtocol

/// A Fetch request between its arrival and its answer: what is to be read for it, and how it is answered.
package struct FetchContext: Sendable {
    /// The partitions to read, in the order in which they come to their turn, with what was asked for.
    ///
    /// Empty if the request cannot be served.
    package let requests: [RequestedPartition]

    let kind: Kind

    enum Kind: Sendable {
        /// The session is not what the request takes it for.
        case refused(ErrorCode)
        /// All that was found is told, and nothing is kept.
        case sessionless
        /// All that was found is told, and a session is made if there is room for one.
        case full(RotatingTable<FetchPartition, FetchRequest.Topic.Partition>, usesTopicIDs: Bool)
        /// What has changed is told; the session expects that epoch next.
        case incremental(sessionID: Int32, nextEpoch: Int32)
    }
}
