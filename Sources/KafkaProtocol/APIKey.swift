/// What a request asks for, with the versions that are served: Apache Kafka 4.0's (KIP-896).
///
/// Sources: the `validVersions` and `flexibleVersions` of Kafka's message definitions.
package enum APIKey: Int16, CaseIterable, Hashable, Sendable {
    case produce = 0
    case fetch = 1
    case listOffsets = 2
    case metadata = 3
    case offsetCommit = 8
    case offsetFetch = 9
    case findCoordinator = 10
    case joinGroup = 11
    case heartbeat = 12
    case leaveGroup = 13
    case syncGroup = 14
    case describeGroups = 15
    case listGroups = 16
    case apiVersions = 18
    case createTopics = 19
    case deleteTopics = 20
    case deleteRecords = 21
    case initProducerID = 22
    case offsetForLeaderEpoch = 23
    case describeConfigs = 32
    case alterConfigs = 33
    case describeLogDirs = 35
    case createPartitions = 37
    case deleteGroups = 42
    case incrementalAlterConfigs = 44
    case offsetDelete = 47
    case describeCluster = 60
    case describeProducers = 61
    case describeTopicPartitions = 75

    /// The versions that can be read and written.
    package var versions: ClosedRange<Int16> {
        switch self {
        case .produce: 3...12
        case .fetch: 4...17
        case .listOffsets: 1...10
        case .metadata: 0...13
        case .offsetCommit: 2...9
        case .offsetFetch: 1...9
        case .findCoordinator: 0...6
        case .joinGroup: 0...9
        case .heartbeat: 0...4
        case .leaveGroup: 0...5
        case .syncGroup: 0...5
        case .describeGroups: 0...6
        case .listGroups: 0...5
        case .apiVersions: 0...4
        case .createTopics: 2...7
        case .deleteTopics: 1...6
        case .deleteRecords: 0...2
        case .initProducerID: 0...5
        case .offsetForLeaderEpoch: 2...4
        case .describeConfigs: 1...4
        case .alterConfigs: 0...2
        case .describeLogDirs: 1...4
        case .createPartitions: 0...3
        case .deleteGroups: 0...2
        case .incrementalAlterConfigs: 0...1
        case .offsetDelete: 0...0
        case .describeCluster: 0...2
        case .describeProducers: 0...0
        case .describeTopicPartitions: 0...0
        }
    }

    /// The first version with compact lengths and tagged fields; past the last one if there is none.
    package var firstFlexibleVersion: Int16 {
        switch self {
        case .produce: 9
        case .fetch: 12
        case .listOffsets: 6
        case .metadata: 9
        case .offsetCommit: 8
        case .offsetFetch: 6
        case .findCoordinator: 3
        case .joinGroup: 6
        case .heartbeat: 4
        case .leaveGroup: 4
        case .syncGroup: 4
        case .describeGroups: 5
        case .listGroups: 3
        case .apiVersions: 3
        case .createTopics: 5
        case .deleteTopics: 4
        case .deleteRecords: 2
        case .initProducerID: 2
        case .offsetForLeaderEpoch: 4
        case .describeConfigs: 4
        case .alterConfigs: 2
        case .describeLogDirs: 2
        case .createPartitions: 2
        case .deleteGroups: 2
        case .incrementalAlterConfigs: 1
        case .offsetDelete: 1
        case .describeCluster: 0
        case .describeProducers: 0
        case .describeTopicPartitions: 0
        }
    }

    /// Whether a version is a flexible one.
    package func isFlexible(_ version: Int16) -> Bool { version >= firstFlexibleVersion }

    /// Whether the header of a response of this version ends with tagged fields.
    ///
    /// That of ApiVersions never does, so that a client that does not know the versions yet can read it (KIP-511).
    package func hasFlexibleResponseHeader(_ version: Int16) -> Bool { self != .apiVersions && isFlexible(version) }
}
