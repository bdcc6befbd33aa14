import KafkaProtocol
import LinuxIO
import RecordBatch

extension Broker {
    /// The requests that have to do with consumer groups.
    static let groupAPIs: [APIKey] = [
        .findCoordinator, .joinGroup, .syncGroup, .heartbeat, .leaveGroup, .offsetCommit, .offsetFetch, .offsetDelete,
        .describeGroups, .listGroups, .deleteGroups,
    ]

    /// Takes one of ``groupAPIs``.
    func takeGroupRequest(_ arrived: Arrived, _ request: RawSpan) throws(ProtocolError) -> Answer {
        let (groups, header) = (groups, arrived.header)
        let version = header.version
        switch header.api {
        case .findCoordinator:
            return try arrived.working(request) { (request: FindCoordinatorRequest) in
                await self.findCoordinator(request, version: version)
            }
        case .joinGroup:
            return try arrived.working(request) { (request: JoinGroupRequest) in
                await groups.join(request, version: version, clientID: header.clientID)
            }
        case .syncGroup:
            return try arrived.working(request) { (request: SyncGroupRequest) in
                await groups.sync(request, version: version)
            }
        case .heartbeat:
            return try arrived.ready(request) { (request: HeartbeatRequest) in groups.heartbeat(request) }
        case .leaveGroup:
            return try arrived.working(request) { (request: LeaveGroupRequest) in
                await groups.leave(request, version: version)
            }
        case .offsetCommit:
            return try arrived.working(request) { (request: OffsetCommitRequest) in
                await groups.commit(request, version: version)
            }
        case .offsetFetch:
            return try arrived.ready(request) { (request: OffsetFetchRequest) in
                groups.fetch(request, version: version)
            }
        case .offsetDelete:
            return try arrived.working(request) { (request: OffsetDeleteRequest) in
                await groups.deleteOffsets(request)
            }
        case .describeGroups:
            return try arrived.ready(request) { (request: DescribeGroupsRequest) in
                groups.describe(request, version: version)
            }
        case .listGroups:
            return try arrived.ready(request) { (request: ListGroupsRequest) in groups.list(request) }
        case .deleteGroups:
            return try arrived.working(request) { (request: DeleteGroupsRequest) in await groups.delete(request) }
        default:
            preconditionFailure("\(header.api) has nothing to do with groups")
        }
    }

    // MARK: FindCoordinator

    private enum CoordinatorType {
        static let group: Int8 = 0
        static let transaction: Int8 = 1
    }

    /// Tells who keeps a group: always this node.
    private func findCoordinator(_ request: FindCoordinatorRequest, version: Int16) async -> FindCoordinatorResponse {
        var refusal: APIError?
        switch request.keyType {
        case CoordinatorType.group:
            do throws(APIError) { try await groups.prepare() } catch { refusal = error }
        case CoordinatorType.transaction:
            refusal = Self.noTransactions
        default:
            refusal = APIError(.invalidRequest, "There are no coordinators of type \(request.keyType)")
        }
        let host = refusal == nil ? configuration.advertised.host : ""
        let port = refusal == nil ? Int32(configuration.advertised.port) : -1
        let nodeID = refusal == nil ? configuration.nodeID : -1
        var response = FindCoordinatorResponse()
        guard version >= 4 else {
            (response.nodeID, response.host, response.port) = (nodeID, host, port)
            response.errorCode = refusal?.code ?? .none
            response.errorMessage = refusal?.message ?? ""
            return response
        }
        response.coordinators = request.coordinatorKeys.map { key in
            var coordinator = FindCoordinatorResponse.Coordinator()
            coordinator.key = key
            (coordinator.nodeID, coordinator.host, coordinator.port) = (nodeID, host, port)
            coordinator.errorCode = refusal?.code ?? .none
            coordinator.errorMessage = refusal?.message ?? ""
            return coordinator
        }
        return response
    }
}
