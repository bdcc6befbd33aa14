import CommitLog
import KafkaProtocol
import LinuxIO
import Logging
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import LogServer

/// A clock that only the test moves.
final class TestClock: Sendable {
    private let elapsed = Lock(Duration.zero)
    private let start = ContinuousClock.now
    private let sleepers = Lock<[(instant: ContinuousClock.Instant, reply: PendingReply<Bool>)]>([])
    private let wakes: Bool

    /// - Parameter wakes: Whether those who sleep wake up when it is time; else the test says what is due.
    init(wakes: Bool = false) { self.wakes = wakes }

    var clock: GroupClock {
        GroupClock(
            now: {
                let elapsed = self.elapsed.withLock { $0 }
                let milliseconds = Int64(elapsed / .milliseconds(1))
                return GroupTime(
                    instant: self.start.advanced(by: elapsed),
                    timestamp: Timestamp(1_700_000_000_000 + milliseconds)
                )
            },
            sleep: { instant in
                let reply = PendingReply<Bool>()
                self.sleepers.withLock { $0.append((instant, reply)) }
                self.wake()
                guard await reply.value(ifCancelled: false) else { throw CancellationError() }
            }
        )
    }

    func advance(by duration: Duration) {
        elapsed.withLock { $0 += duration }
        wake()
    }

    private func wake() {
        guard wakes else { return }
        let now = start.advanced(by: elapsed.withLock { $0 })
        sleepers.withLock { sleepers in
            for sleeper in sleepers where sleeper.instant <= now { sleeper.reply.give(true) }
            sleepers.removeAll { $0.instant <= now }
        }
    }
}

/// Groups over a directory, with one topic `t` of two partitions.
struct GroupBench: Sendable {
    let store: EmbeddedMetadataStore
    let broker: Broker
    let clock: TestClock

    var groups: GroupCoordinator { broker.groups }
    static var root: FilePath { TemporaryDirectory.current.appending("data") }

    /// Opens a directory, and reads what is stored unless told otherwise.
    init(
        _ root: FilePath = Self.root,
        starts: Bool = true,
        wakes: Bool = false,
        _ change: (inout BrokerConfiguration) -> Void = { _ in }
    ) async throws {
        let store = try await EmbeddedMetadataStore.open(root)
        if store.image.topics["t"] == nil { try await store.createTopic(.new("t", 2)) }
        var configuration = BrokerConfiguration(
            nodeID: 7,
            clusterID: "c",
            advertised: HostAndPort(host: "localhost", port: 9092)
        )
        configuration.offsets.topicPartitions = 4
        change(&configuration)
        clock = TestClock(wakes: wakes)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        broker = Broker(configuration, metadata: store, clock: clock.clock, logger: logger)
        self.store = store
        if starts { await broker.start() }
    }

    func close() async throws {
        await broker.stop()
        try await store.close()
    }

    /// Lets time pass, second by second, and what is due happen.
    func advance(by seconds: Int) {
        for _ in 0..<seconds {
            clock.advance(by: .seconds(1))
            groups.expire()
        }
    }

    // MARK: Requests

    func join(
        _ memberID: String = "",
        instance: String? = nil,
        group: String = "g",
        version: Int16 = 9
    ) async -> JoinGroupResponse {
        await groups.join(Self.joinRequest(memberID, instance: instance, group: group), version: version, clientID: "c")
    }

    static func joinRequest(_ memberID: String, instance: String? = nil, group: String = "g") -> JoinGroupRequest {
        var request = JoinGroupRequest()
        request.groupID = group
        request.memberID = memberID
        request.groupInstanceID = instance
        request.sessionTimeoutMs = 10_000
        request.rebalanceTimeoutMs = 60_000
        request.protocolType = "consumer"
        request.protocols = [.reading(["t"])]
        return request
    }

    func sync(
        _ member: JoinGroupResponse,
        instance: String? = nil,
        assigning assignments: [String: [UInt8]] = [:],
        group: String = "g"
    ) async -> SyncGroupResponse {
        var request = SyncGroupRequest()
        request.groupID = group
        request.generationID = member.generationID
        request.memberID = member.memberID
        request.groupInstanceID = instance
        request.protocolType = "consumer"
        request.protocolName = "range"
        request.assignments = assignments.map { memberID, assigned in
            var assignment = SyncGroupRequest.Assignment()
            assignment.memberID = memberID
            assignment.assignment = assigned
            return assignment
        }
        return await groups.sync(request, version: 5)
    }

    func heartbeat(_ member: JoinGroupResponse, group: String = "g") -> ErrorCode {
        var request = HeartbeatRequest()
        request.groupID = group
        request.generationID = member.generationID
        request.memberID = member.memberID
        return groups.heartbeat(request).errorCode
    }

    func leave(_ memberID: String, instance: String? = nil) async -> LeaveGroupResponse {
        var request = LeaveGroupRequest()
        request.groupID = "g"
        var identity = LeaveGroupRequest.MemberIdentity()
        identity.memberID = memberID
        identity.groupInstanceID = instance
        request.members = [identity]
        return await groups.leave(request, version: 5)
    }

    /// Commits an offset of `t`; as nobody's unless a member is given.
    func commit(
        _ offset: Int64,
        of partition: Int32 = 0,
        topic: String = "t",
        group: String = "g",
        as member: JoinGroupResponse? = nil
    ) async -> ErrorCode {
        let request = Self.commitRequest(offset, of: partition, topic: topic, group: group, as: member)
        let response = await groups.commit(request, version: 9)
        return response.topics[0].partitions[0].errorCode
    }

    static func commitRequest(
        _ offset: Int64,
        of index: Int32 = 0,
        topic name: String = "t",
        group: String = "g",
        as member: JoinGroupResponse? = nil
    ) -> OffsetCommitRequest {
        var request = OffsetCommitRequest()
        request.groupID = group
        if let member {
            request.memberID = member.memberID
            request.generationIDOrMemberEpoch = member.generationID
        }
        var topic = OffsetCommitRequest.Topic()
        topic.name = name
        var partition = OffsetCommitRequest.Topic.Partition()
        partition.partitionIndex = index
        partition.committedOffset = Offset(offset)
        topic.partitions = [partition]
        request.topics = [topic]
        return request
    }

    /// What the group has committed, as `topic-partition=offset`, or the error.
    func fetch(_ group: String = "g") -> String {
        var request = OffsetFetchRequest()
        var wanted = OffsetFetchRequest.Group()
        wanted.groupID = group
        wanted.topics = nil
        request.groups = [wanted]
        let response = groups.fetch(request, version: 9).groups[0]
        if response.errorCode != .none { return "\(response.errorCode)" }
        return response.topics.flatMap { topic in
            topic.partitions.map { "\(topic.name)-\($0.partitionIndex)=\($0.committedOffset.rawValue)" }
        }.joined(separator: " ")
    }

    func describe(_ group: String = "g", version: Int16 = 6) -> DescribeGroupsResponse.DescribedGroup {
        var request = DescribeGroupsRequest()
        request.groups = [group]
        return groups.describe(request, version: version).groups[0]
    }

    func list() -> [String] {
        groups.list(ListGroupsRequest()).groups.map { "\($0.groupID) \($0.groupState)" }.sorted()
    }

    func delete(_ group: String = "g") async -> ErrorCode {
        var request = DeleteGroupsRequest()
        request.groupsNames = [group]
        return await groups.delete(request).results[0].errorCode
    }

    /// The log that keeps a group.
    func log(of group: String = "g") throws -> PartitionLog {
        try groups.partition(of: group).log
    }

    /// The keys of what is stored for a group, and whether there is a value.
    func stored(_ group: String = "g") async throws -> [String] {
        let log = try log(of: group)
        var kinds: [String] = []
        for try await record in log.records(in: log.logStartOffset..<log.highWatermark) {
            switch try GroupRecord(key: #require(record.key), value: record.value) {
            case .offset(let key, let value):
                kinds.append("\(key.topic)-\(key.partition)\(value == nil ? " deleted" : "")")
            case .group(_, let value): kinds.append("group \(value.map { "\($0.members.count)" } ?? "deleted")")
            case nil: kinds.append("?")
            }
        }
        return kinds
    }

    /// Waits until a group has as many members, which requests on their way bring about.
    func waitForMembers(_ count: Int, group: String = "g", waiting: Int? = nil) async throws {
        while true {
            let found = try groups.partition(of: group).withState { state, _ in
                let members = state.groups[group]?.orderedMembers ?? []
                return members.count == count && (waiting ?? count) == members.count(where: { $0.isAwaitingJoin })
            }
            if found { return }
            await Task.yield()
        }
    }

    /// Makes a group of static members, none of whom waits any more; returns what they were told when they joined.
    func stable(_ instances: [String], group: String = "g") async throws -> [JoinGroupResponse] {
        let joins = instances.map { instance in Task { await join(instance: instance, group: group) } }
        try await groups.prepare()
        try await waitForMembers(instances.count, group: group)
        advance(by: 6)
        var members: [JoinGroupResponse] = []
        for join in joins { members.append(await join.value) }
        let assignments = Dictionary(uniqueKeysWithValues: members.enumerated().map { ($1.memberID, [UInt8($0)]) })
        let syncs = zip(members, instances).map { member, instance in
            Task {
                await sync(
                    member,
                    instance: instance,
                    assigning: member.leader == member.memberID ? assignments : [:],
                    group: group
                )
            }
        }
        for (index, sync) in syncs.enumerated() {
            let answer = await sync.value
            try #require(answer.errorCode == .none && answer.assignment == [UInt8(index)])
        }
        return members
    }
}
