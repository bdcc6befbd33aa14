/// What a broker does about committed offsets; names and defaults are Kafka's.
package struct OffsetConfiguration: Hashable, Sendable {
    /// `offsets.topic.num.partitions`: of how many partitions the topic is made that keeps groups; 50.
    package var topicPartitions: Int32 = 50
    /// `offsets.retention.minutes`: how long an offset is kept that nobody uses; 7 days.
    package var retention: Duration = .seconds(7 * 24 * 3600)
    /// `offsets.retention.check.interval.ms`: how often it is looked for offsets that are not kept; 10 minutes.
    package var retentionCheckInterval: Duration = .seconds(600)
    /// `offset.metadata.max.bytes`: how long the metadata of an offset may be; 4 KiB.
    package var maximumMetadataBytes = 4096

    /// The defaults.
    package init() {}
}
