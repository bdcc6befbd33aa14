package import KafkaProtocol
package import LinuxIO
package import Logging
import RecordBatch

/// Answers the requests of clients, on the topics of one directory.
///
/// What each request does is in an extension beside what it works on. Thread-safe.
package final class Broker: RequestHandler {
    let configuration: BrokerConfiguration
    let metadata: EmbeddedMetadataStore
    let decisions: TopicDecisions
    /// The requests that are answered.
    package let apis: ServedAPIs
    let sessions: Lock<FetchSessionCache>
    /// The consumer groups.
    package let groups: GroupCoordinator
    let metrics: ServerMetrics
    let logger: Logger

    /// - Parameters:
    ///   - configuration: What the broker is.
    ///   - metadata: The topics and their logs. To be closed after the last request.
    ///   - clock: The time that groups go by.
    ///   - metrics: What is counted.
    ///   - logger: Gets what those who run the broker should know.
    package init(
        _ configuration: BrokerConfiguration,
        metadata: EmbeddedMetadataStore,
        clock: GroupClock = .system,
        metrics: ServerMetrics = ServerMetrics(),
        logger: Logger
    ) {
        self.configuration = configuration
        self.metadata = metadata
        self.metrics = metrics
        self.logger = logger
        decisions = TopicDecisions(nodeID: configuration.nodeID, defaults: configuration.topicDefaults)
        apis = ServedAPIs(Self.served)
        sessions = Lock(FetchSessionCache(slots: configuration.fetchSessionSlots))
        groups = GroupCoordinator(
            configuration.groups,
            configuration.offsets,
            metadata: metadata,
            clock: clock,
            logger: logger
        )
    }

    /// Reads what is stored of groups.
    ///
    /// Requests may come meanwhile.
    package func start() async { await groups.start() }

    /// Answers whoever waits for others; to be called before the last connection is closed, and the topics.
    package func stop() async { await groups.stop() }

    private static let served: [APIKey] =
        [
            .produce, .fetch, .listOffsets, .metadata, .apiVersions, .createTopics, .deleteTopics, .deleteRecords,
            .offsetForLeaderEpoch, .describeConfigs, .alterConfigs, .describeLogDirs, .createPartitions,
            .incrementalAlterConfigs, .describeCluster, .describeTopicPartitions, .initProducerID,
            .describeProducers,
        ] + groupAPIs

    package func take(
        _ header: RequestHeader,
        _ request: inout MutableRawSpan,
        bodyStart: Int,
        on reactor: Reactor
    ) throws(ProtocolError) -> Answer {
        if header.api == .produce { return try produce(header, &request, bodyStart: bodyStart) }
        let arrived = Arrived(header: header, bodyStart: bodyStart)
        let bytes = request.bytes
        switch header.api {
        case .apiVersions:
            return try arrived.ready(bytes) { (request: APIVersionsRequest) in
                self.apis.answer(request, version: header.version)
            }
        case .fetch:
            let message: FetchRequest = try arrived.message(bytes)
            return .working { () async throws(ProtocolError) in try await self.fetch(message, header, on: reactor) }
        case .listOffsets:
            return try arrived.working(bytes) { await self.listOffsets($0) }
        case .offsetForLeaderEpoch:
            return try arrived.ready(bytes) { self.offsetForLeaderEpoch($0) }
        case .metadata:
            return try arrived.working(bytes) { await self.metadata($0, version: header.version) }
        case .createTopics: return try arrived.working(bytes) { await self.createTopics($0) }
        case .deleteTopics:
            return try arrived.working(bytes) { await self.deleteTopics($0, version: header.version) }
        case .createPartitions: return try arrived.working(bytes) { await self.createPartitions($0) }
        case .describeConfigs: return try arrived.ready(bytes) { self.describeConfigs($0) }
        case .alterConfigs: return try arrived.working(bytes) { await self.alterConfigs($0) }
        case .incrementalAlterConfigs: return try arrived.working(bytes) { await self.incrementalAlterConfigs($0) }
        case .describeCluster: return try arrived.ready(bytes) { self.describeCluster($0) }
        case .describeTopicPartitions: return try arrived.ready(bytes) { self.describeTopicPartitions($0) }
        case .deleteRecords: return try arrived.working(bytes) { await self.deleteRecords($0) }
        case .initProducerID: return try arrived.working(bytes) { await self.initProducerID($0) }
        case .describeProducers: return try arrived.ready(bytes) { self.describeProducers($0) }
        case .describeLogDirs: return try arrived.working(bytes) { await self.describeLogDirs($0) }
        case let api where Self.groupAPIs.contains(api):
            return try takeGroupRequest(arrived, bytes)
        default:
            preconditionFailure("\(header.api) is not among the requests that are served")
        }
    }
}
