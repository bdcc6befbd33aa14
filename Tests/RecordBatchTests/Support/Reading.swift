import RecordBatch

/// A batch and its records, copied out of the bytes.
struct DecodedBatch: Equatable {
    var header: RecordBatchHeader
    var records: [Record]
}

/// Reads everything that there is to read in the batch at the start of `bytes`, its CRC included.
func decode(
    _ bytes: [UInt8],
    limit: Int = Decompressor.defaultLimit
) throws(RecordBatchError) -> DecodedBatch {
    var decompressor = Decompressor(limit: limit)
    return try decode(RecordBatchView(bytes.span.bytes), with: &decompressor)
}

func decode(
    _ batch: RecordBatchView,
    with decompressor: inout Decompressor
) throws(RecordBatchError) -> DecodedBatch {
    try batch.validateCRC()
    var records: [Record] = []
    var iterator = try batch.records(using: &decompressor)
    while let record = try iterator.next() {
        records.append(Record(record))
    }
    return DecodedBatch(header: batch.header, records: records)
}

/// The error with which decoding `bytes` fails, or nil.
func decodingError(_ bytes: [UInt8], limit: Int = Decompressor.defaultLimit) -> RecordBatchError? {
    do {
        _ = try decode(bytes, limit: limit)
        return nil
    } catch {
        return error
    }
}

/// `bytes` with a correct CRC over whatever they hold; they must have a plausible header.
func withUpdatedCRC(_ bytes: [UInt8]) throws(RecordBatchError) -> [UInt8] {
    var bytes = bytes
    let header = try RecordBatchHeader(parsing: bytes.span.bytes)
    var span = bytes.mutableSpan
    var raw = span.mutableBytes
    try RecordBatchPatch.setTimestamps(type: header.timestampType, maxTimestamp: header.maxTimestamp, in: &raw)
    return bytes
}

extension RecordBatchBuilder {
    /// Appends a record as it is, its offset included.
    mutating func append(_ record: Record) throws(RecordBatchError) {
        try append(
            key: record.key,
            value: record.value,
            timestamp: record.timestamp,
            headers: record.headers,
            offset: record.offset
        )
    }

    /// The batch of `records`, by a compressor of its own.
    func batch(of records: [Record], framing: SnappyFraming = .xerial) throws(RecordBatchError) -> [UInt8] {
        var builder = self
        var compressor = Compressor(snappyFraming: framing)
        for record in records {
            try builder.append(record)
        }
        return try builder.finish(with: &compressor)
    }
}
