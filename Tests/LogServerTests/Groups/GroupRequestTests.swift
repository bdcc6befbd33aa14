import CommitLog
import KafkaProtocol
import LinuxIO
import RecordBatch
import TestSupport
import Testing

@testable import LogServer

extension TestClient {
    /// Sends a request, and reads its answer, of which every byte has to be understood.
    func exchange<Request: RequestMessage>(_ request: Request, _ version: Int16) async throws -> Request.Response {
        try await send(frame(request, version, 1))
        return try await answer(to: request, version)
    }

    func answer<Request: RequestMessage>(to request: Request, _ version: Int16) async throws -> Request.Response {
        let bytes = try #require(try await response(), "\(Request.api) \(version) is not answered")
        let start = Request.api.hasFlexibleResponseHeader(version) ? 5 : 4
        let response = try Request.Response(reading: bytes.rawSpan, from: start, version: version)
        #expect(try response.written(version: version).bytes == Array(bytes[start...]), "\(Request.api) \(version)")
        return response
    }
}

@Suite("Requests of groups", .temporaryDirectory)
struct GroupRequestTests {
    @Test("every version of every request is answered", arguments: Broker.groupAPIs)
    func versions(api: APIKey) async throws {
        let bench = try await GroupBench()
        #expect(await bench.commit(1) == .none)
        let server = try TestServer(.epoll, bench.broker)
        let client = try await server.connect()
        for version in api.versions {
            switch api {
            case .findCoordinator:
                var request = FindCoordinatorRequest()
                if version < 4 { request.key = "g" } else { request.coordinatorKeys = ["g", "h"] }
                let response = try await client.exchange(request, version)
                let hosts = version < 4 ? [response.host] : response.coordinators.map(\.host)
                #expect(hosts == Array(repeating: "localhost", count: version < 4 ? 1 : 2))
                let ports = version < 4 ? [response.port] : response.coordinators.map(\.port)
                #expect(ports.allSatisfy { $0 == 9092 })
                if version >= 1 {
                    request.keyType = 1
                    let refused = try await client.exchange(request, version)
                    let codes = version < 4 ? [refused.errorCode] : refused.coordinators.map(\.errorCode)
                    #expect(codes.allSatisfy { $0 == .transactionalIDAuthorizationFailed })
                }
            case .joinGroup:
                var request = GroupBench.joinRequest("")
                request.sessionTimeoutMs = 1
                #expect(try await client.exchange(request, version).errorCode == .invalidSessionTimeout)
            case .syncGroup:
                var request = SyncGroupRequest()
                request.groupID = "g"
                (request.protocolType, request.protocolName) = version < 5 ? (nil, nil) : ("consumer", "range")
                #expect(try await client.exchange(request, version).errorCode == .unknownMemberID)
            case .heartbeat:
                var request = HeartbeatRequest()
                request.groupID = "g"
                #expect(try await client.exchange(request, version).errorCode == .unknownMemberID)
            case .leaveGroup:
                var request = LeaveGroupRequest()
                request.groupID = "g"
                if version >= 3 { request.members = [LeaveGroupRequest.MemberIdentity()] }
                let response = try await client.exchange(request, version)
                #expect((version < 3 ? response.errorCode : response.members[0].errorCode) == .unknownMemberID)
            case .offsetCommit:
                let response = try await client.exchange(GroupBench.commitRequest(2), version)
                #expect(response.topics[0].partitions[0].errorCode == .none)
            case .offsetFetch:
                var request = OffsetFetchRequest()
                var (topic, group) = (OffsetFetchRequest.Topic(), OffsetFetchRequest.Group())
                (topic.name, topic.partitionIndexes) = ("t", [0, 1])
                (request.groupID, group.groupID, group.topics) = (version < 8 ? "g" : "", "g", nil)
                if version < 8 { request.topics = [topic] } else { request.groups = [group, group] }
                let response = try await client.exchange(request, version)
                if version < 8 {
                    #expect(response.topics[0].partitions.map(\.committedOffset) == [Offset(1), Offset(-1)])
                } else {
                    let offsets = response.groups.map { $0.topics[0].partitions.map(\.committedOffset) }
                    #expect(offsets == [[Offset(1)], [Offset(1)]])
                }
            case .offsetDelete:
                var request = OffsetDeleteRequest()
                request.groupID = "none"
                #expect(try await client.exchange(request, version).errorCode == .groupIDNotFound)
            case .describeGroups:
                var request = DescribeGroupsRequest()
                request.groups = ["g", "none"]
                let response = try await client.exchange(request, version)
                #expect(response.groups.map(\.groupState) == ["Empty", "Dead"])
            case .listGroups:
                let response = try await client.exchange(ListGroupsRequest(), version)
                #expect(response.groups.map(\.groupID) == ["g"])
            case .deleteGroups:
                var request = DeleteGroupsRequest()
                request.groupsNames = ["none", "none"]
                #expect(try await client.exchange(request, version).results.map(\.errorCode) == [.groupIDNotFound])
            default: Issue.record("\(api) is not asked")
            }
        }
        try await server.stop()
        try await bench.close()
    }

    @Test(
        "a member's life goes over the wire in old versions and new ones",
        arguments: zip([0, 3, 5, 9], [0, 2, 3, 5])
    )
    func life(joinVersion: Int16, syncVersion: Int16) async throws {
        let bench = try await GroupBench()
        let server = try TestServer(.epoll, bench.broker)
        let client = try await server.connect()
        try await bench.groups.prepare()
        var join = GroupBench.joinRequest("")
        if joinVersion >= 4 { join.memberID = try await client.exchange(join, joinVersion).memberID }
        try await client.send(frame(join, joinVersion, 1))
        try await bench.waitForMembers(1)
        bench.advance(by: 3)
        let joined = try await client.answer(to: join, joinVersion)
        #expect(joined.errorCode == .none && joined.leader == joined.memberID && joined.members.count == 1)

        var sync = SyncGroupRequest()
        (sync.groupID, sync.generationID, sync.memberID) = ("g", joined.generationID, joined.memberID)
        if syncVersion >= 5 { (sync.protocolType, sync.protocolName) = ("consumer", "range") }
        var assignment = SyncGroupRequest.Assignment()
        (assignment.memberID, assignment.assignment) = (joined.memberID, [4, 5])
        sync.assignments = [assignment]
        #expect(try await client.exchange(sync, syncVersion).assignment == [4, 5])

        var heartbeat = HeartbeatRequest()
        (heartbeat.groupID, heartbeat.generationID, heartbeat.memberID) = ("g", joined.generationID, joined.memberID)
        #expect(try await client.exchange(heartbeat, 2).errorCode == .none)
        let committed = try await client.exchange(GroupBench.commitRequest(8, as: joined), 6)
        #expect(committed.topics[0].partitions[0].errorCode == .none)
        #expect(bench.fetch() == "t-0=8")
        var leave = LeaveGroupRequest()
        (leave.groupID, leave.memberID) = ("g", joined.memberID)
        #expect(try await client.exchange(leave, 1).errorCode == .none)
        #expect(bench.list() == ["g Empty"])
        try await server.stop()
        try await bench.close()
    }

    @Test("a server ends although a member waits for others")
    func ending() async throws {
        let bench = try await GroupBench()
        let server = try TestServer(.epoll, bench.broker)
        let client = try await server.connect()
        try await bench.groups.prepare()
        try await client.send(frame(GroupBench.joinRequest(""), 0, 1))
        try await bench.waitForMembers(1)
        try await server.stop()
        try await bench.close()
    }

    @Test("the first request for a coordinator makes the topic that keeps groups")
    func topic() async throws {
        let bench = try await GroupBench { $0.offsets.topicPartitions = 3 }
        #expect(bench.store.image.topics[OffsetsTopic.name] == nil)
        let server = try TestServer(.epoll, bench.broker)
        let client = try await server.connect()
        var request = FindCoordinatorRequest()
        request.key = "g"
        let response = try await client.exchange(request, 3)
        #expect(response.errorCode == .none && response.nodeID == 7)
        let topic = try #require(bench.store.image.topics[OffsetsTopic.name])
        #expect(topic.partitionCount == 3)
        #expect(topic.configs["cleanup.policy"] == "compact" && topic.configs["segment.bytes"] == "104857600")
        #expect(await bench.commit(1) == .none)
        try await server.stop()
        try await bench.close()
    }
}
