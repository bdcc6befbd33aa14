import Testing

@testable import RecordBatch

@Suite("Control records")
struct ControlRecordTests {
    private func parse(key: [UInt8]?, value: [UInt8]?) throws(RecordBatchError) -> ControlRecord {
        let batch = try RecordBatchBuilder(isControl: true).batch(
            of: [Record(offset: Offset(0), timestamp: .none, key: key, value: value)])
        let view = try RecordBatchView(batch.span.bytes)
        var iterator = try view.records()
        guard let record = try iterator.next() else { preconditionFailure("the batch has one record") }
        return try ControlRecord(record)
    }

    @Test("every type is told by its number, and back", arguments: Array(0...8) as [Int16])
    func types(rawValue: Int16) throws {
        let record = try parse(key: [0, 0, 0, UInt8(rawValue)], value: [0, 0, 0, 0, 0, 3])
        #expect(record.type.rawValue == rawValue)
        #expect(record.type.isTransactionMarker == (rawValue < 2))
        #expect(record.coordinatorEpoch == (rawValue < 2 ? 3 : nil))
        // Compared by number, an unknown type would equal the known one.
        var isUnknown = false
        if case .unknown = record.type { isUnknown = true }
        #expect(isUnknown == (rawValue > 6))
    }

    @Test("later versions, which only add fields, are read")
    func laterVersion() throws {
        let record = try parse(key: [0, 1, 0, 1, 99], value: [0, 1, 0, 0, 0, 8, 99])
        #expect(record == ControlRecord(version: 1, type: .commit, coordinatorEpoch: 8))
    }

    @Test(
        "short, missing and negative fields are refused",
        arguments: [
            (nil, [0, 0, 0, 0, 0, 0]), ([], [0, 0, 0, 0, 0, 0]), ([0, 0, 0], [0, 0, 0, 0, 0, 0]),
            ([0, 0, 0, 1], nil), ([0, 0, 0, 1], [0, 0, 0, 0, 0]), ([0x80, 0, 0, 1], [0, 0, 0, 0, 0, 0]),
            ([0, 0, 0, 0], [0xFF, 0, 0, 0, 0, 0]),
        ] as [([UInt8]?, [UInt8]?)]
    )
    func malformed(key: [UInt8]?, value: [UInt8]?) {
        let error = #expect(throws: RecordBatchError.self) { _ = try parse(key: key, value: value) }
        #expect(error?.code == .invalidControlRecord)
    }

    @Test(
        "an end-of-transaction marker is a control batch of one record",
        arguments: [ControlRecordType.abort, .commit]
    )
    func marker(type: ControlRecordType) throws {
        let marker = EndTransactionMarker(
            type: type,
            producerID: ProducerID(12),
            producerEpoch: ProducerEpoch(3),
            coordinatorEpoch: 44
        )
        let batch = try marker.batch(
            timestamp: Timestamp(777),
            baseOffset: Offset(20),
            partitionLeaderEpoch: LeaderEpoch(6)
        )
        let decoded = try decode(batch)
        #expect(decoded.header.isControl && decoded.header.isTransactional)
        #expect(decoded.header.producerID == ProducerID(12))
        #expect(decoded.header.producerEpoch == ProducerEpoch(3))
        #expect(decoded.header.baseSequence == .none)
        #expect(decoded.header.lastSequence == .none)
        #expect(decoded.header.partitionLeaderEpoch == LeaderEpoch(6))
        let record = try #require(decoded.records.first)
        #expect(decoded.records.count == 1)
        #expect(record.offset == Offset(20))
        #expect(record.timestamp == Timestamp(777))
        let control = try parse(key: record.key, value: record.value)
        #expect(control == ControlRecord(type: type, coordinatorEpoch: 44))
    }
}
