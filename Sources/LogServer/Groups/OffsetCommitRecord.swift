package import KafkaProtocol
package import RecordBatch

/// The key of the records that say which offset a group has committed for a partition.
///
/// Sources: Kafka's `OffsetCommitKey.json` and `LegacyOffsetCommitKey.json`, which are alike.
package struct OffsetCommitKey: WireStructure, Hashable, Sendable {
    package var groupID = ""
    package var topic = ""
    package var partition: Int32 = 0

    package init() {}

    package init(groupID: String, topic: String, partition: Int32) {
        self.groupID = groupID
        self.topic = topic
        self.partition = partition
    }

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("group", &groupID)
        try coder.field("topic", &topic)
        try coder.field("partition", &partition)
    }
}

/// The value of such a record.
///
/// Source: Kafka's `OffsetCommitValue.json`.
package struct OffsetCommitValue: WireStructure, Hashable, Sendable {
    /// The offset of the record that is read next.
    package var offset = Offset(0)
    package var leaderEpoch = LeaderEpoch.none
    /// What the consumer wants to remember.
    package var metadata = ""
    package var commitTimestamp = Timestamp(0)
    /// When the offset expires, where a client older than KIP-211 asked for a time of its own.
    package var expireTimestamp = Timestamp.none

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("offset", &offset)
        try coder.field("leaderEpoch", &leaderEpoch, 3...)
        try coder.field("metadata", &metadata)
        try coder.field("commitTimestamp", &commitTimestamp)
        try coder.field("expireTimestamp", &expireTimestamp, 1...1)
    }
}

/// The key of the records that say of whom a group consists; see ``GroupMetadataValue``.
///
/// Source: Kafka's `GroupMetadataKey.json`.
package struct GroupMetadataKey: WireStructure, Hashable, Sendable {
    package var groupID = ""

    package init() {}

    package init(groupID: String) { self.groupID = groupID }

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("group", &groupID)
    }
}
