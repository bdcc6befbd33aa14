@testable import CommitLog
@testable import RecordBatch

/// What a log takes is what it can give back: whole batches, offsets without gaps, records that parse, and times as the
/// log's configuration has them.
enum AppendProperty {
    private static let now = Timestamp(1_732_300_000_000)
    private static let firstOffset = Offset(7)

    static func check(_ input: [UInt8]) throws {
        var input = FuzzInput(input)
        let choices = input.byte()
        var configuration = LogConfiguration()
        if choices & 1 != 0 { configuration.timestampType = .logAppendTime }
        let origin: AppendOrigin = choices & 2 != 0 ? .coordinator : .client
        if choices & 4 != 0 { configuration.maxMessageBytes = 200 }
        if choices & 8 != 0 { configuration.segmentBytes = 500 }
        if choices & 16 != 0 { configuration.timestampBeforeMaxMs = 60_000 }
        var bytes = choices & 128 != 0 ? Array(input.rest) : withValidCRCs(Array(input.rest))

        let validator = AppendValidator(configuration: configuration, origin: origin, now: now)
        let summary = try bytes.withMutableBytes { (bytes) throws(LogError) in try validator.validate(&bytes) }
        do {
            try check(&bytes, summary, configuration, origin)
        } catch let error as RecordBatchError {
            throw Violation("a log took what does not read back: \(error)")
        }
    }

    private static func check(
        _ bytes: inout [UInt8],
        _ summary: AppendValidator.Summary,
        _ configuration: LogConfiguration,
        _ origin: AppendOrigin
    ) throws {
        try expect(bytes.count <= configuration.segmentBytes, "an append fits into a segment")
        var next = firstOffset
        var position = 0
        var count = 0
        var maxTimestamp = Timestamp.none
        while position < bytes.count {
            try bytes.withMutableBytes { (bytes) throws(RecordBatchError) in
                try RecordBatchPatch.assign(
                    baseOffset: next,
                    partitionLeaderEpoch: LeaderEpoch(3),
                    in: &bytes,
                    at: position
                )
            }
            let batch = try RecordBatchView(RawSpan(bytes).extracting(droppingFirst: position))
            let header = batch.header
            try batch.validateCRC()
            try expect(header.byteCount <= configuration.maxMessageBytes, "max.message.bytes holds")
            try expect(header.timestampType == configuration.timestampType, "the log's timestamp type holds: \(header)")
            try expect(Int64(header.recordCount) == Int64(header.lastOffsetDelta) + 1, "each offset has a record")
            try expect(!header.isControl || origin == .coordinator, "control batches are the coordinator's")
            try checkTimes(batch, configuration)
            maxTimestamp = max(maxTimestamp, header.maxTimestamp)
            next = header.nextOffset
            position += header.byteCount
            count += 1
        }
        try expect(count == summary.batchCount, "batches are counted")
        try expect(next.rawValue - firstOffset.rawValue == summary.offsetCount, "offsets are counted")
        try expect(maxTimestamp == summary.maxTimestamp, "the largest timestamp is told: \(maxTimestamp), \(summary)")
    }

    private static func checkTimes(_ batch: borrowing RecordBatchView, _ configuration: LogConfiguration) throws {
        let header = batch.header
        if configuration.timestampType == .logAppendTime {
            try expect(header.maxTimestamp == now, "the time of the append is given")
        }
        guard header.codec == CompressionCodec.none else { return }
        var largest = Timestamp.none
        var expected = header.baseOffset
        var records = try batch.records()
        while true {
            guard let record = try records.next() else { break }
            try expect(record.offset == expected, "records have offsets without gaps")
            expected = record.offset + 1
            largest = max(largest, record.timestamp)
            if configuration.timestampBeforeMaxMs != .max, record.timestamp != .none {
                try expect(
                    now.rawValue - record.timestamp.rawValue <= configuration.timestampBeforeMaxMs,
                    "message.timestamp.before.max.ms holds"
                )
            }
        }
        try expect(
            largest == header.maxTimestamp,
            "a header tells its records' largest timestamp, \(largest): \(header)"
        )
    }
}
