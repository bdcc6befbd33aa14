extension MetaProperties {
    static let fileName = "meta.properties"
}

extension PartitionMetadata {
    static let fileName = "partition.metadata"
}

extension LeaderEpochCache {
    static let fileName = "leader-epoch-checkpoint"
}

extension CleanShutdownFile {
    static let fileName = ".kafka_cleanshutdown"
}
