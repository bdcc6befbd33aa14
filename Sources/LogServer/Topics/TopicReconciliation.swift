package import CommitLog
package import RecordBatch

/// What an opening makes of the register of topics and the directories of partitions, of which a crash, or Kafka, may have
/// left the one without the other.
///
/// What was under way is finished: directories that a topic lacks because it was being made are made, those of a deleted
/// topic are deleted. Nothing else is deleted, and nothing that had existed is made anew: an empty log in place of a lost one
/// would hide the loss. Directories that the register does not know, as Kafka leaves them, become topics.
package struct TopicReconciliation: Hashable, Sendable {
    /// The register when all this is done.
    package private(set) var register = TopicRegister()
    /// Directories to make, with the identity of their topic.
    package private(set) var creations: [Creation] = []
    /// Directories to delete.
    package private(set) var deletions: [TopicPartition] = []
    /// What is not as it should be, and stays so.
    package private(set) var findings: [Finding] = []

    /// A directory to make.
    package struct Creation: Hashable, Sendable {
        /// Its partition.
        package var partition: TopicPartition
        /// Its topic's identity.
        package var topicID: TopicID
    }

    /// What is not as it should be.
    package enum Finding: Hashable, Sendable {
        /// A partition that had been made has no directory.
        case missing(TopicPartition)
        /// A directory belongs to another topic that had the same name.
        case foreign(TopicPartition, TopicID)
        /// A directory's number is higher than a partition's may be.
        case beyondLimit(TopicPartition)
        /// The directories of a topic are those of another, made later under its name; its configurations are gone with it.
        case replaced(name: String, by: TopicID)
    }

    /// Decides.
    /// - Parameters:
    ///   - stored: The register as it was found; `nil` if there was none.
    ///   - found: The directories, with the identities that their `partition.metadata` give; `nil` where that is missing.
    ///   - makeID: Gives a topic an identity of which no directory has one.
    package init(
        stored: TopicRegister?,
        found: [TopicPartition: TopicID?],
        makeID: () -> TopicID = { .random() }
    ) {
        var directories: [String: [Int32: TopicID?]] = [:]
        for (partition, id) in found {
            guard partition.partition < TopicMetadata.maximumPartitions else {
                findings.append(.beyondLimit(partition))
                continue
            }
            directories[partition.topic, default: [:]][partition.partition] = id
        }
        let names = Set(directories.keys).union((stored ?? TopicRegister()).entries.keys)
        for name in names.sorted() {
            var directories = directories[name] ?? [:]
            var entry = stored?.entries[name]
            if let deleted = entry, deleted.isDeleted {
                let own = directories.filter { $0.value == deleted.topic.id }.keys.sorted()
                deletions += own.map { Self.partition(name, $0) }
                for index in own { directories[index] = nil }
                entry = nil
            }
            reconcile(name, entry, directories, makeID)
        }
    }

    /// A topic that is not deleted, or of which only directories are known.
    private mutating func reconcile(
        _ name: String,
        _ stored: TopicRegister.Entry?,
        _ directories: [Int32: TopicID?],
        _ makeID: () -> TopicID
    ) {
        let firstID = directories.sorted { $0.key < $1.key }.compactMap(\.value).first
        var entry = stored
        if let known = entry, let firstID, !directories.values.contains(where: { $0 == nil || $0 == known.topic.id }) {
            findings.append(.replaced(name: name, by: firstID))
            entry = nil
        }
        let id = entry?.topic.id ?? firstID ?? makeID()
        let own = directories.filter { $0.value == nil || $0.value == id }
        for (index, other) in directories.sorted(by: { $0.key < $1.key }) {
            if let other, other != id { findings.append(.foreign(Self.partition(name, index), other)) }
        }
        let wanted = entry?.topic.partitionCount ?? 0
        let made = entry?.madePartitions ?? 0
        let count = max(wanted, (own.keys.max() ?? -1) + 1)
        guard count > 0 else { return }
        for index in 0..<count where directories[index] == nil {
            let partition = Self.partition(name, index)
            if (made..<wanted).contains(index) {
                creations.append(Creation(partition: partition, topicID: id))
            } else {
                findings.append(.missing(partition))
            }
        }
        let topic = TopicMetadata(name: name, id: id, partitionCount: count, configs: entry?.topic.configs ?? [:])
        register.put(.init(topic: topic, madePartitions: count))
    }

    /// A partition of a topic whose name was checked when it was read.
    static func partition(_ name: String, _ index: Int32) -> TopicPartition {
        do {
            return try TopicPartition(topic: name, partition: index)
        } catch {
            preconditionFailure("Cannot name partition \(index) of the topic \(name): \(error)")
        }
    }
}

extension TopicReconciliation.Finding: CustomStringConvertible {
    /// What was found, and what becomes of it.
    package var description: String {
        switch self {
        case .missing(let partition):
            "the directory of \(partition) is missing; the partition cannot be used until it is back"
        case .foreign(let partition, let id):
            "\(partition) belongs to another topic, with the identity \(id), and is left alone"
        case .beyondLimit(let partition):
            "\(partition) has too high a number to be a partition's, and is left alone"
        case .replaced(let name, let id):
            "the topic \(name) was made anew, with the identity \(id); it has no configuration of its own"
        }
    }
}
