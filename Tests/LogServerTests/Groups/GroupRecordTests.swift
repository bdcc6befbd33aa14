import KafkaProtocol
import RecordBatch
import TestSupport
import Testing

@testable import LogServer

@Suite("Records of groups")
struct GroupRecordTests {
    @Test("those that Kafka wrote are read, and written again to the byte", arguments: Fixtures.State.allCases)
    func kafka(state: Fixtures.State) throws {
        let records = try KafkaGroupRecords.all(state)
        #expect(records.count == 6)
        for (key, value) in records {
            let record = try #require(try GroupRecord(key: key, value: value))
            let encoded = try record.encoded()
            #expect(encoded.key == key)
            #expect(encoded.value == value)
        }
    }

    @Test("a group that Kafka stored is restored, and would be stored alike")
    func kafkaGroup() throws {
        let (key, value) = try KafkaGroupRecords.all(.clean)[1]
        guard case .group(let group, let stored?) = try GroupRecord(key: key, value: value) else {
            Issue.record("not a group")
            return
        }
        let now = GroupTime(instant: .now, timestamp: Timestamp(0))
        let restored = ConsumerGroup(group.groupID, restoring: stored, GroupConfiguration(), now: now)
        #expect(restored.metadata() == stored)
        #expect(restored.state == .stable)
        #expect(restored.subscribedTopics == ["multi"])
        #expect(restored.nextDeadline == now.instant.advanced(by: .milliseconds(45_000)))
    }

    private let offsetKey: [UInt8] = [0, 1, 0, 1, 103, 0, 1, 116, 0, 0, 0, 7]

    @Test(
        "the value of an offset is read in all versions",
        arguments: [
            (0, [0, 1, 109] + [0, 0, 0, 0, 0, 0, 0, 9], -1, -1),
            (1, [0, 1, 109] + [0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 10], -1, 10),
            (2, [0, 1, 109] + [0, 0, 0, 0, 0, 0, 0, 9], -1, -1),
            (3, [0, 0, 0, 4] + [0, 1, 109] + [0, 0, 0, 0, 0, 0, 0, 9], 4, -1),
            // Compact, with a tagged field that is not known.
            (4, [0, 0, 0, 4] + [2, 109] + [0, 0, 0, 0, 0, 0, 0, 9] + [1, 5, 2, 1, 2], 4, -1),
        ] as [(Int16, [UInt8], Int32, Int64)]
    )
    func offsetVersions(version: Int16, rest: [UInt8], epoch: Int32, expiry: Int64) throws {
        let bytes = [0, UInt8(version), 0, 0, 0, 0, 0, 0, 0, 5] + rest
        guard case .offset(let key, let value?) = try GroupRecord(key: offsetKey, value: bytes) else {
            Issue.record("not an offset")
            return
        }
        #expect(key == OffsetCommitKey(groupID: "g", topic: "t", partition: 7))
        #expect(value.offset == Offset(5))
        #expect(value.metadata == "m")
        #expect(value.commitTimestamp == Timestamp(9))
        #expect(value.leaderEpoch == LeaderEpoch(epoch))
        #expect(value.expireTimestamp == Timestamp(expiry))
        for count in bytes.indices {
            #expect(throws: ProtocolError.self) {
                _ = try GroupRecord(key: offsetKey, value: Array(bytes[..<count]))
            }
        }
        #expect(try GroupRecord(key: [0, 0] + offsetKey[2...], value: bytes) == .offset(key, value))
    }

    @Test("the value of a group is read in all versions", arguments: 0...4 as ClosedRange<Int16>)
    func groupVersions(version: Int16) throws {
        var value = GroupMetadataValue()
        value.protocolType = "consumer"
        value.generation = 3
        value.protocolName = "range"
        value.leader = "m"
        var member = GroupMetadataValue.Member()
        member.memberID = "m"
        member.clientID = "c"
        member.clientHost = "/h"
        member.sessionTimeoutMs = 10_000
        member.subscription = [1, 2]
        member.assignment = [3]
        if version >= 1 { member.rebalanceTimeoutMs = 20_000 }
        if version >= 2 { value.currentStateTimestamp = Timestamp(9) }
        if version >= 3 { member.groupInstanceID = "i" }
        value.members = [member]
        var writer = MessageWriter(version: version, isFlexible: version == 4)
        var number = version
        try writer.integer(&number)
        try writer.structure(&value)
        let bytes = writer.bytes
        let read = try GroupRecord(key: [0, 2, 0, 1, 103], value: bytes)
        #expect(read == .group(GroupMetadataKey(groupID: "g"), value))
        for count in bytes.indices {
            #expect(throws: ProtocolError.self) {
                _ = try GroupRecord(key: [0, 2, 0, 1, 103], value: Array(bytes[..<count]))
            }
        }
    }

    @Test("a version that is not known is refused, and a kind that is not known passed over")
    func unknown() throws {
        for version in [-1, 5] as [Int16] {
            let bytes = [UInt8(truncatingIfNeeded: version >> 8), UInt8(truncatingIfNeeded: version)]
            #expect(throws: ProtocolError.self) { _ = try GroupRecord(key: offsetKey, value: bytes) }
        }
        #expect(try GroupRecord(key: [0, 3, 0, 1, 103], value: [0, 0]) == nil)
        for count in offsetKey.indices {
            #expect(throws: ProtocolError.self) { _ = try GroupRecord(key: Array(offsetKey[..<count]), value: nil) }
        }
    }

    @Test("what is written is read again, tombstones too", arguments: Seed.all)
    func roundTrip(seed: Seed) throws {
        var random = seed.generator
        func text() -> String { String(decoding: random.bytes(count: 0...9), as: UTF8.self) }
        for _ in 0..<200 {
            var value = OffsetCommitValue()
            value.offset = Offset(.random(in: .min...(.max), using: &random))
            value.metadata = text()
            value.commitTimestamp = Timestamp(.random(in: 0...(.max), using: &random))
            if random.chance(oneIn: 2) {
                value.expireTimestamp = Timestamp(.random(in: 0...(.max), using: &random))
            } else {
                value.leaderEpoch = LeaderEpoch(.random(in: -1...9, using: &random))
            }
            let key = OffsetCommitKey(groupID: text(), topic: text(), partition: .random(in: 0...9, using: &random))
            var group = GroupMetadataValue()
            group.protocolType = text()
            group.leader = random.chance(oneIn: 2) ? text() : nil
            group.generation = .random(in: 0...9, using: &random)
            group.members = (0..<Int.random(in: 0...3, using: &random)).map { _ in
                var member = GroupMetadataValue.Member()
                member.memberID = text()
                member.subscription = random.bytes(count: 0...9)
                return member
            }
            let groupKey = GroupMetadataKey(groupID: text())
            let records: [GroupRecord] = [
                .offset(key, value), .offset(key, nil), .group(groupKey, group), .group(groupKey, nil),
            ]
            for record in records {
                let (key, value) = try record.encoded()
                #expect(try GroupRecord(key: key, value: value) == record, "\(seed)")
            }
        }
    }

    @Test("a name that is longer than the format can say is not written")
    func tooLong() {
        let key = GroupMetadataKey(groupID: String(repeating: "x", count: 40_000))
        #expect(throws: ProtocolError.self) { _ = try GroupRecord.group(key, nil).encoded() }
    }
}
