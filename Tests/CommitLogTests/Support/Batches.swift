import RecordBatch
import TestSupport

@testable import CommitLog

/// Batches for tests.
enum Batches {
    /// One uncompressed (or compressed) batch of `count` records.
    static func batch(
        count: Int = 1,
        valueBytes: Int = 20,
        timestamp: Int64 = 1_700_000_000_000,
        codec: CompressionCodec = .none,
        tag: Int = 0
    ) throws -> [UInt8] {
        var builder = RecordBatchBuilder(codec: codec)
        for index in 0..<count {
            let value = value(tag: tag, index: index, bytes: valueBytes)
            try builder.append(
                key: nil as [UInt8]?,
                value: value,
                timestamp: Timestamp(timestamp + Int64(index)),
                headers: []
            )
        }
        var compressor = Compressor()
        return try builder.finish(with: &compressor)
    }

    /// A batch of an idempotent producer.
    static func batch(
        of producer: Int64,
        _ sequence: Int32,
        _ count: Int = 1,
        epoch: Int16 = 0,
        isTransactional: Bool = false,
        timestamp: Timestamp = .now,
        valueBytes: Int = 50,
        tag: Int = 0
    ) throws -> [UInt8] {
        var builder = RecordBatchBuilder(
            producerID: ProducerID(producer),
            producerEpoch: ProducerEpoch(epoch),
            baseSequence: SequenceNumber(sequence),
            isTransactional: isTransactional
        )
        for index in 0..<count {
            let value = value(tag: tag, index: index, bytes: valueBytes)
            try builder.append(key: nil as [UInt8]?, value: value, timestamp: timestamp, headers: [])
        }
        var compressor = Compressor()
        return try builder.finish(with: &compressor)
    }

    /// A value that tells whose it is: `tag:index:` and filler.
    static func value(tag: Int, index: Int, bytes: Int) -> [UInt8] {
        var value = Array("\(tag):\(index):".utf8)
        while value.count < bytes { value.append(UInt8(truncatingIfNeeded: value.count &* 31 &+ tag)) }
        return value
    }

    /// A header as of a batch with these fields.
    static func header(baseOffset: Int64, count: Int, epoch: Int32) throws -> RecordBatchHeader {
        var bytes = try batch(count: count)
        var span = bytes.mutableSpan
        var raw = span.mutableBytes
        try RecordBatchPatch.assign(
            baseOffset: Offset(baseOffset),
            partitionLeaderEpoch: LeaderEpoch(epoch),
            in: &raw
        )
        return try RecordBatchHeader(parsing: raw.bytes)
    }
}
