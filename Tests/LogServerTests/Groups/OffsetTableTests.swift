import KafkaProtocol
import LogServer
import RecordBatch
import TestSupport
import Testing

@Suite("Committed offsets")
struct OffsetTableTests {
    private let day: Int64 = 24 * 3600 * 1000

    private func request(
        _ offsets: [(topic: String, partition: Int32, offset: Int64)],
        _ change: (inout OffsetCommitRequest) -> Void = { _ in }
    ) -> OffsetCommitRequest {
        var request = OffsetCommitRequest()
        request.groupID = "g"
        request.topics = offsets.map { offset in
            var partition = OffsetCommitRequest.Topic.Partition()
            partition.partitionIndex = offset.partition
            partition.committedOffset = Offset(offset.offset)
            var topic = OffsetCommitRequest.Topic()
            topic.name = offset.topic
            topic.partitions = [partition]
            return topic
        }
        change(&request)
        return request
    }

    /// A table with an offset of each partition, committed at the time 0.
    private func table(_ partitions: [(String, Int32)]) -> OffsetTable {
        var table = OffsetTable()
        let (records, _) = table.commit(request(partitions.map { ($0.0, $0.1, 5) }), now: Timestamp(0))
        _ = table.written(records, error: .none)
        return table
    }

    private func key(_ topic: String, _ partition: Int32) -> OffsetCommitKey {
        OffsetCommitKey(groupID: "g", topic: topic, partition: partition)
    }

    private func fetched(_ table: OffsetTable, _ topic: String, _ partition: Int32, group: String = "g") -> Int64? {
        var topics = OffsetFetchRequest.Group.Topics()
        topics.name = topic
        topics.partitionIndexes = [partition]
        var request = OffsetFetchRequest.Group()
        request.groupID = group
        request.topics = [topics]
        let answer = table.fetch(request)
        guard answer.topics.map(\.name) == [topic] else { return nil }
        return answer.topics[0].partitions.first?.committedOffset.rawValue
    }

    @Test("an offset counts when it is stored, and not if it could not be")
    func stored() throws {
        var table = OffsetTable()
        let (records, response) = table.commit(request([("t", 0, 5), ("u", 1, 6)]), now: Timestamp(9))
        #expect(response.topics.map(\.name) == ["t", "u"])
        #expect(response.topics.flatMap(\.partitions).map(\.errorCode) == [.none, .none])
        #expect(fetched(table, "t", 0) == -1)
        #expect(table.written(records, error: .none) == .none)
        #expect(fetched(table, "t", 0) == 5)
        #expect(fetched(table, "u", 1) == 6)
        #expect(fetched(table, "u", 0) == -1)
        #expect(fetched(table, "t", 0, group: "other") == -1)
        let (others, _) = table.commit(request([("t", 0, 7)]), now: Timestamp(9))
        #expect(table.written(others, error: .kafkaStorageError) == .notCoordinator)
        #expect(table.written([], error: .notEnoughReplicas) == .coordinatorNotAvailable)
        #expect(table.written([], error: .messageTooLarge) == .invalidCommitOffsetSize)
        #expect(fetched(table, "t", 0) == 5)
        #expect(Array(table.groupIDs) == ["g"])
    }

    @Test("an offset is stored with what belongs to it; a client before KIP-211 may say how long")
    func value() throws {
        var table = OffsetTable()
        var commit = request([("t", 0, 5)])
        commit.topics[0].partitions[0].committedLeaderEpoch = LeaderEpoch(3)
        commit.topics[0].partitions[0].committedMetadata = nil
        guard case .offset(let key, let value?) = table.commit(commit, now: Timestamp(9)).records.first else {
            Issue.record("nothing to be stored")
            return
        }
        #expect(key == self.key("t", 0))
        #expect(value.leaderEpoch == LeaderEpoch(3))
        #expect(value.metadata == "")
        #expect(value.commitTimestamp == Timestamp(9))
        #expect(value.expireTimestamp == .none)
        for (retention, expiry) in [(100, 109), (.max, .max), (0, 9)] as [(Int64, Int64)] {
            commit.retentionTimeMs = retention
            guard case .offset(_, let value?) = table.commit(commit, now: Timestamp(9)).records.first else { continue }
            #expect(value.expireTimestamp == Timestamp(expiry))
        }
    }

    @Test("metadata that is too long is refused for its partition alone")
    func metadata() {
        var table = OffsetTable()
        var commit = request([("t", 0, 5), ("t", 1, 6)])
        commit.topics[0].partitions[0].committedMetadata = String(repeating: "x", count: 4097)
        commit.topics[1].partitions[0].committedMetadata = String(repeating: "x", count: 4096)
        let (records, response) = table.commit(commit, now: Timestamp(0))
        #expect(response.topics.flatMap(\.partitions).map(\.errorCode) == [.offsetMetadataTooLarge, .none])
        #expect(records.count == 1)
    }

    @Test("all offsets of a group are fetched where no topics are named")
    func fetchAll() {
        let table = table([("u", 1), ("t", 2), ("t", 0)])
        var request = OffsetFetchRequest.Group()
        request.groupID = "g"
        request.topics = nil
        let answer = table.fetch(request)
        #expect(answer.topics.map(\.name) == ["t", "u"])
        #expect(answer.topics.map { $0.partitions.map(\.partitionIndex) } == [[0, 2], [1]])
        request.groupID = "other"
        #expect(table.fetch(request).topics == [])
    }

    private func expired(_ table: OffsetTable, _ group: ConsumerGroup, days: Int64) -> [GroupRecord] {
        table.expiry(of: group, now: Timestamp(days * day))
    }

    @Test(
        "who only commits loses an offset when it has not been committed for the retention, and then the group is gone"
    )
    func expiryWithoutMembers() {
        var table = table([("t", 0), ("t", 1)])
        let group = ConsumerGroup("g", GroupConfiguration(), now: GroupTime(instant: .now, timestamp: Timestamp(0)))
        let (records, _) = table.commit(request([("t", 1, 6)]), now: Timestamp(day))
        #expect(expired(table, group, days: 6) == [])
        // What is being committed anew does not expire meanwhile, nor does the group.
        #expect(expired(table, group, days: 9) == [.offset(key("t", 0), nil)])
        _ = table.written(records, error: .none)
        #expect(expired(table, group, days: 7) == [.offset(key("t", 0), nil)])
        #expect(expired(table, group, days: 8).count == 3)
        #expect(expired(table, group, days: 8).last == .group(GroupMetadataKey(groupID: "g"), nil))
        for record in expired(table, group, days: 8) { table.apply(record) }
        #expect(table.groupIDs.isEmpty)
    }

    /// A group that had members until the given day.
    private func emptied(day number: Int64, type: String = "consumer") throws -> GroupSimulation {
        var group = GroupSimulation()
        let (id, _) = try group.enter { $0.protocolType = type }
        group.advance(by: .seconds(number * 24 * 3600))
        // Its session is over by then, so that it has been empty since soon after it came.
        #expect(group.group.state == .empty)
        _ = id
        return group
    }

    @Test(
        "a group that lost its members keeps its offsets for the retention from then on, and what was committed since"
    )
    func expiryOfEmptyGroup() throws {
        var table = table([("t", 0)])
        let group = try emptied(day: 1).group
        let since = group.stateTimestamp.rawValue
        #expect(since > 0)
        #expect(table.expiry(of: group, now: Timestamp(since + 7 * day - 1)) == [])
        #expect(table.expiry(of: group, now: Timestamp(since + 7 * day)).count == 2)
        let (records, _) = table.commit(request([("t", 1, 6)]), now: Timestamp(since + day))
        _ = table.written(records, error: .none)
        #expect(table.expiry(of: group, now: Timestamp(since + 7 * day)) == [.offset(key("t", 0), nil)])
        #expect(table.expiry(of: group, now: Timestamp(since + 8 * day)).count == 3)
    }

    @Test("consumers lose offsets of topics that they do not read any more, when they are at rest")
    func expiryOfConsumers() throws {
        let table = table([("t", 0), ("other", 0)])
        var (group, leader, _) = try GroupSimulation.stable()
        #expect(expired(table, group.group, days: 6) == [])
        #expect(expired(table, group.group, days: 7) == [.offset(key("other", 0), nil)])
        group.join(leader)
        #expect(expired(table, group.group, days: 7) == [])
    }

    @Test("members of another type lose nothing while there are any")
    func expiryOfOthers() throws {
        let table = table([("t", 0)])
        var group = GroupSimulation()
        let (id, _) = try group.enter { $0.protocolType = "connect" }
        group.advance(by: .seconds(3))
        group.sync(id) { $0.protocolType = "connect" }
        #expect(group.group.state == .stable)
        #expect(expired(table, group.group, days: 70) == [])
    }

    @Test("an offset with an expiry of its own is kept until then, whatever the retention is")
    func ownExpiry() {
        var table = OffsetTable()
        let commit = request([("t", 0, 5)]) { $0.retentionTimeMs = 10 * day }
        let (records, _) = table.commit(commit, now: Timestamp(0))
        _ = table.written(records, error: .none)
        let group = ConsumerGroup("g", GroupConfiguration(), now: GroupTime(instant: .now, timestamp: Timestamp(0)))
        #expect(expired(table, group, days: 9) == [])
        #expect(expired(table, group, days: 10).count == 2)
    }

    @Test("a group without offsets goes when it has no members, and waits for none")
    func unused() throws {
        let table = OffsetTable()
        var group = try emptied(day: 1)
        #expect(table.expiry(of: group.group, now: Timestamp(0)) == [.group(GroupMetadataKey(groupID: "g"), nil)])
        group.join()
        #expect(table.expiry(of: group.group, now: Timestamp(0)) == [])
    }

    @Test("offsets are deleted of topics that the group does not read")
    func delete() throws {
        let table = table([("t", 0), ("other", 0)])
        let group = try GroupSimulation.stable().simulation
        var request = OffsetDeleteRequest()
        request.groupID = "g"
        request.topics = ["t", "other"].map { name in
            var topic = OffsetDeleteRequest.Topic()
            topic.name = name
            topic.partitions = ([0, 1] as [Int32]).map { index in
                var partition = OffsetDeleteRequest.Topic.Partition()
                partition.partitionIndex = index
                return partition
            }
            return topic
        }
        let (records, response) = table.delete(request, of: group.group)
        #expect(records == [.offset(key("other", 0), nil)])
        #expect(response.errorCode == .none)
        let errors = response.topics.map { $0.partitions.map(\.errorCode) }
        #expect(errors == [[.groupSubscribedToTopic, .groupSubscribedToTopic], [.none, .none]])
        var dead = group
        dead.unload()
        let refused = table.delete(request, of: dead.group)
        #expect(refused.records == [])
        #expect(refused.response.errorCode == .groupIDNotFound)
        #expect(refused.response.topics == [])
    }

    @Test("a deleted group loses all offsets, those too that are being committed")
    func deletion() {
        var table = table([("t", 0)])
        _ = table.commit(request([("t", 1, 5)]), now: Timestamp(0))
        let records = table.deletion(of: "g")
        #expect(Set(records.dropLast()) == [.offset(key("t", 0), nil), .offset(key("t", 1), nil)])
        #expect(records.last == .group(GroupMetadataKey(groupID: "g"), nil))
        #expect(table.deletion(of: "other") == [.group(GroupMetadataKey(groupID: "other"), nil)])
    }

    @Test(
        "the offsets of a log that Kafka wrote are those that its consumer committed",
        arguments: Fixtures.State.allCases
    )
    func kafka(state: Fixtures.State) throws {
        var table = OffsetTable()
        for (key, value) in try KafkaGroupRecords.all(state) {
            table.apply(try #require(try GroupRecord(key: key, value: value)))
        }
        #expect((0..<3).map { fetched(table, "multi", $0, group: "fixture-group") } == [136, 183, 181])
        let value = try #require(table[OffsetCommitKey(groupID: "fixture-group", topic: "multi", partition: 1)])
        #expect(value.leaderEpoch == LeaderEpoch(2))
        #expect(value.commitTimestamp == Timestamp(1_795_345_980_511))
    }

    @Test("what was stored, read again, gives the same offsets as before", arguments: Seed.all)
    func replay(seed: Seed) throws {
        var random = seed.generator
        var table = OffsetTable()
        var model: [OffsetCommitKey: Int64] = [:]
        var underWay: [[GroupRecord]] = []
        var log: [(key: [UInt8], value: [UInt8]?)] = []
        for step in 0..<500 {
            let partitions = (0..<3).map { _ in Int32.random(in: 0...5, using: &random) }
            switch Int.random(in: 0..<6, using: &random) {
            case 0..<3:
                let commit = request(Set(partitions).map { ("t", $0, Int64(step)) })
                underWay.append(table.commit(commit, now: Timestamp(0)).records)
            case 3: underWay.append([.offset(key("t", partitions[0]), nil)])
            default:
                guard !underWay.isEmpty else { continue }
                let records = underWay.removeFirst()
                let error = random.chance(oneIn: 4) ? ErrorCode.notEnoughReplicas : .none
                _ = table.written(records, error: error)
                guard error == .none else { continue }
                for record in records {
                    guard case .offset(let key, let value) = record else { continue }
                    model[key] = value?.offset.rawValue
                    log.append(try record.encoded())
                }
            }
        }
        var replayed = OffsetTable()
        for (key, value) in log { replayed.apply(try #require(try GroupRecord(key: key, value: value))) }
        for partition in 0...5 as ClosedRange<Int32> {
            let expected = model[key("t", partition)] ?? -1
            #expect(fetched(table, "t", partition) == expected, "\(seed)")
            #expect(fetched(replayed, "t", partition) == expected, "\(seed)")
        }
    }
}
