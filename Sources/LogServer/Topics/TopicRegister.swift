package import RecordBatch

/// The topics as they are stored, those that are being made and deleted included.
///
/// What a request does to a topic takes several steps on the disk, and the register says before the first and after the last
/// what is under way: a crash in between leaves a register by which the next opening finishes it.
///
/// ```
/// create   register: 3 partitions, 0 made → three directories → register: 3 made
/// widen    register: 5 partitions, 3 made → two directories   → register: 5 made
/// delete   register: deleted              → the directories go → register: no such topic
/// ```
///
/// What is not made yet nobody sees, so it holds nothing and can be taken back.
package struct TopicRegister: Hashable, Sendable {
    /// A topic, and what is under way.
    package struct Entry: Hashable, Sendable {
        /// The topic as it is to be.
        package var topic: TopicMetadata
        /// How many of its partitions were made, from the first on.
        package var madePartitions: Int32
        /// It is deleted, but for the directories that may still be there.
        package var isDeleted = false

        /// Whether nothing is under way.
        package var isSettled: Bool { !isDeleted && madePartitions == topic.partitionCount }

        /// The topic as requests see it; `nil` if they do not.
        package var visible: TopicMetadata? {
            guard !isDeleted, madePartitions > 0 else { return nil }
            var topic = topic
            topic.partitionCount = madePartitions
            return topic
        }
    }

    /// The entries by the names of their topics.
    package private(set) var entries: [String: Entry] = [:]

    /// The least producer id that was not given out, nor set aside to be.
    package var nextProducerID = ProducerID(0)

    /// There are no topics.
    package init() {}

    /// What requests see.
    package var image: MetadataImage {
        var image = MetadataImage()
        for entry in entries.values { if let topic = entry.visible { image.put(topic) } }
        return image
    }

    /// Sets a topic's entry.
    package mutating func put(_ entry: Entry) { entries[entry.topic.name] = entry }

    /// Takes a topic's entry out.
    package mutating func remove(_ name: String) { entries[name] = nil }
}
