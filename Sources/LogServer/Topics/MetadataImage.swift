package import RecordBatch

/// A topic, as requests see it.
package struct TopicMetadata: Hashable, Sendable {
    /// Its name, which was checked.
    package var name: String
    /// Its identity.
    package var id: TopicID
    /// How many partitions it has, numbered from 0; at least 1, at most ``maximumPartitions``.
    package var partitionCount: Int32
    /// The configurations that were set for it, by name.
    package var configs: [String: String]

    /// Whether it has a partition of that number.
    package func hasPartition(_ index: Int32) -> Bool { (0..<partitionCount).contains(index) }

    /// The most partitions that a topic may have.
    package static let maximumPartitions: Int32 = 100_000

    /// How many partitions one request may make.
    package static let maximumNewPartitions = 10_000

    /// Makes a topic's metadata.
    package init(name: String, id: TopicID, partitionCount: Int32, configs: [String: String] = [:]) {
        self.name = name
        self.id = id
        self.partitionCount = partitionCount
        self.configs = configs
    }
}

/// All topics at one moment.
///
/// A value: whoever has one sees nothing of what changes later. Copying it costs nothing, changing a copy as much as there
/// are topics.
package struct MetadataImage: Hashable, Sendable {
    /// The topics by name.
    package private(set) var topics: [String: TopicMetadata] = [:]
    private var names: [TopicID: String] = [:]
    private var collisions: [String: String] = [:]

    /// There are no topics.
    package init() {}

    /// The topic with that identity; `nil` if there is none.
    package func topic(_ id: TopicID) -> TopicMetadata? { names[id].flatMap { topics[$0] } }

    /// The topic whose name differs from this one in nothing but `.` and `_`, if there is one other than itself.
    package func collision(with name: TopicName) -> String? {
        collisions[name.collisionKey].flatMap { $0 == name.description ? nil : $0 }
    }

    /// Adds a topic, or changes the one of that name.
    package mutating func put(_ topic: TopicMetadata) {
        remove(topic.name)
        topics[topic.name] = topic
        names[topic.id] = topic.name
        collisions[TopicName.collisionKey(of: topic.name)] = topic.name
    }

    /// Takes a topic away, if it is there.
    package mutating func remove(_ name: String) {
        guard let old = topics.removeValue(forKey: name) else { return }
        names[old.id] = nil
        let key = TopicName.collisionKey(of: name)
        if collisions[key] == name { collisions[key] = nil }
    }
}
