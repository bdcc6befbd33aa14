import TestSupport
import Testing

@testable import RecordBatch

/// Log segments that a Kafka broker wrote, against what Kafka's own code decoded from them.
@Suite("Kafka's segments")
struct FixtureTests {
    // Written out, so that a fixture that got lost is missed.
    static let partitions = [
        "__cluster_metadata-0", "__consumer_offsets-0", "__transaction_state-0", "empty-0", "idem-0", "multi-0",
        "multi-1", "multi-2", "plain-gzip-0", "plain-lz4-0", "plain-none-0", "plain-snappy-0", "plain-zstd-0", "tiny-0",
        "txn-0",
    ]

    @Test("every batch and record decodes to what Kafka decoded", arguments: Fixtures.State.allCases, partitions)
    func decodes(state: Fixtures.State, partition: String) throws {
        let expected = try ExpectedPartition(state, partition)
        var batches: [ExpectedBatch] = []
        var records: [ExpectedRecord] = []
        var controls: [ExpectedControl] = []
        var decompressor = Decompressor()
        for segment in try Segment.all(state, partition) {
            var iterator = RecordBatchIterator(segment.bytes.span.bytes)
            while true {
                let position = iterator.position
                guard let batch = try iterator.next() else { break }
                let decoded = try decode(batch, with: &decompressor)
                batches.append(ExpectedBatch(decoded.header, segment: segment.name, position: position))
                for record in decoded.records {
                    if decoded.header.isControl {
                        controls.append(try ExpectedControl(record, decoded.header))
                    } else {
                        records.append(ExpectedRecord(record))
                    }
                }
            }
            #expect(iterator.trailingBytes == 0, "\(segment.name)")
        }
        // Element by element, so that a failure shows one difference and not all of them.
        #expect(batches.count == expected.batches.count)
        #expect(records.count == expected.records.count)
        #expect(controls.count == expected.controls.count)
        for (batch, expected) in zip(batches, expected.batches) { try #require(batch == expected) }
        for (record, expected) in zip(records, expected.records) { try #require(record == expected) }
        for (control, expected) in zip(controls, expected.controls) { try #require(control == expected) }
    }

    @Test(
        "batches without compression are built again to the byte",
        arguments: [
            "plain-none-0", "idem-0", "txn-0", "multi-0", "__transaction_state-0", "__cluster_metadata-0",
        ]
    )
    func rebuilds(partition: String) throws {
        var decompressor = Decompressor()
        var compressor = Compressor()
        var rebuilt = 0
        for segment in try Segment.all(.unclean, partition) {
            var iterator = RecordBatchIterator(segment.bytes.span.bytes)
            while let batch = try iterator.next() {
                let decoded = try decode(batch, with: &decompressor)
                let header = decoded.header
                guard header.codec == CompressionCodec.none else { continue }
                var builder = RecordBatchBuilder(
                    timestampType: header.timestampType,
                    producerID: header.producerID,
                    producerEpoch: header.producerEpoch,
                    baseSequence: header.baseSequence,
                    isTransactional: header.isTransactional,
                    isControl: header.isControl,
                    partitionLeaderEpoch: header.partitionLeaderEpoch,
                    baseOffset: header.baseOffset
                )
                for record in decoded.records {
                    try builder.append(record)
                }
                let original = [UInt8](copying: batch.bytes)
                try #require(try builder.finish(with: &compressor) == original, "batch at offset \(header.baseOffset)")
                rebuilt += 1
            }
        }
        #expect(rebuilt > 40)
    }

    @Test("end-of-transaction markers are built to the byte")
    func markers() throws {
        var decompressor = Decompressor()
        var built = 0
        for segment in try Segment.all(.unclean, "txn-0") {
            var iterator = RecordBatchIterator(segment.bytes.span.bytes)
            while let batch = try iterator.next() {
                guard batch.header.isControl else { continue }
                let decoded = try decode(batch, with: &decompressor)
                let record = try #require(decoded.records.first)
                let control = try ExpectedControl(record, decoded.header)
                let marker = EndTransactionMarker(
                    type: control.controlType == "COMMIT" ? .commit : .abort,
                    producerID: decoded.header.producerID,
                    producerEpoch: decoded.header.producerEpoch,
                    coordinatorEpoch: try #require(control.coordinatorEpoch)
                )
                let bytes = try marker.batch(
                    timestamp: record.timestamp,
                    baseOffset: record.offset,
                    partitionLeaderEpoch: decoded.header.partitionLeaderEpoch
                )
                try #require(bytes == [UInt8](copying: batch.bytes), "marker at offset \(record.offset)")
                built += 1
            }
        }
        #expect(built == 87)
    }
}
