package import RecordBatch

/// Keeps the topics there are, and brings about what is decided on them.
///
/// Changes are made one after the other, and a change that was answered with success is durable. One that was answered with
/// an error has no effect that requests see until the store is opened again; a crash in between may show it.
///
/// Thread-safe.
package protocol MetadataStore: Sendable {
    /// All topics as they are now. Costs next to nothing.
    var image: MetadataImage { get }

    /// Makes a topic and its partitions.
    /// - Parameter topic: The topic, with an identity that no other has.
    /// - Throws: `TOPIC_ALREADY_EXISTS`; `KAFKA_STORAGE_ERROR`.
    func createTopic(_ topic: TopicMetadata) async throws(APIError)

    /// Makes partitions of a topic.
    /// - Parameters:
    ///   - topic: The topic.
    ///   - count: How many partitions it is to have.
    /// - Throws: `UNKNOWN_TOPIC_ID`; `INVALID_PARTITIONS` if it has as many already; `KAFKA_STORAGE_ERROR`.
    func createPartitions(of topic: TopicID, count: Int32) async throws(APIError)

    /// Changes the configurations that are set for a topic.
    ///
    /// Logs that are open go by them once they are stored.
    /// - Parameters:
    ///   - topic: The topic.
    ///   - change: Decides what is to be set, by name, from what is set when its turn has come: nothing else changes it in
    ///     between.
    /// - Throws: What `change` throws; `UNKNOWN_TOPIC_ID`; `KAFKA_STORAGE_ERROR`.
    func alterConfigs(
        of topic: TopicID,
        _ change: @escaping @Sendable ([String: String]) throws(APIError) -> [String: String]
    ) async throws(APIError)

    /// An id for a producer, which no other has had, and none will have.
    ///
    /// Mostly at hand; every thousandth waits until the next thousand are taken, durably.
    /// - Throws: `KAFKA_STORAGE_ERROR`.
    func nextProducerID() async throws(APIError) -> ProducerID

    /// Deletes a topic and its partitions.
    /// - Throws: `UNKNOWN_TOPIC_ID`; `KAFKA_STORAGE_ERROR`.
    func deleteTopic(_ topic: TopicID) async throws(APIError)
}
