/// Makes record batches, one after the other, as Kafka's producer does: the first record's timestamp is the base
/// timestamp, and the maximum timestamp is the largest.
///
///     var builder = RecordBatchBuilder(codec: .zstd)
///     try builder.append(key: nil, value: Array("hello".utf8), timestamp: now)
///     let batch = try builder.finish(with: &compressor)
///
/// Finishing leaves the builder empty and its memory in place. The settings stay too; set ``baseOffset`` and
/// ``baseSequence`` for the next batch where they matter.
public struct RecordBatchBuilder: Sendable {
    /// What the records are compressed with.
    public var codec: CompressionCodec
    /// One of ``CompressionCodec/levels``, or nil for the codec's default.
    public var level: Int?
    /// Whose clock the records' timestamps are from.
    public var timestampType: TimestampType
    /// The idempotent producer, or none.
    public var producerID: ProducerID
    /// Incarnation of the producer, or none.
    public var producerEpoch: ProducerEpoch
    /// Sequence number of the first record, or none.
    public var baseSequence: SequenceNumber
    /// Whether the batch belongs to a transaction.
    public var isTransactional: Bool
    /// Whether the records are control records.
    public var isControl: Bool
    /// Epoch of the leader that appends the batch; a producer leaves it at none.
    public var partitionLeaderEpoch: LeaderEpoch
    /// Offset of the first record; a producer leaves it at 0.
    ///
    /// It cannot be changed under records already appended.
    public var baseOffset: Offset {
        willSet { precondition(isEmpty, "the base offset cannot change after a record was appended") }
    }
    /// The last offset that the batch is to span, where compaction removed records at its end; nil for that of the last
    /// record.
    public var lastOffset: Offset?
    /// When the batch's tombstones or markers may be removed, where compaction has decided it (KIP-534).
    ///
    /// Becomes the base timestamp, and cannot be changed under records already appended.
    public var deleteHorizon: Timestamp? {
        willSet { precondition(isEmpty, "the delete horizon cannot change after a record was appended") }
    }
    /// How many records were appended since the last batch.
    public private(set) var recordCount: Int32 = 0

    /// The records, not compressed.
    private(set) var records: [UInt8] = []
    private(set) var firstTimestamp: Timestamp?
    private(set) var maxTimestamp = Timestamp.none
    private(set) var lastOffsetDelta: Int32 = -1

    /// Makes an empty builder.
    public init(
        codec: CompressionCodec = .none,
        level: Int? = nil,
        timestampType: TimestampType = .createTime,
        producerID: ProducerID = .none,
        producerEpoch: ProducerEpoch = .none,
        baseSequence: SequenceNumber = .none,
        isTransactional: Bool = false,
        isControl: Bool = false,
        partitionLeaderEpoch: LeaderEpoch = .none,
        baseOffset: Offset = Offset(0)
    ) {
        self.codec = codec
        self.level = level
        self.timestampType = timestampType
        self.producerID = producerID
        self.producerEpoch = producerEpoch
        self.baseSequence = baseSequence
        self.isTransactional = isTransactional
        self.isControl = isControl
        self.partitionLeaderEpoch = partitionLeaderEpoch
        self.baseOffset = baseOffset
    }

    /// Whether no record was appended since the last batch.
    public var isEmpty: Bool { recordCount == 0 }

    /// Size of the batch as it stands, in bytes, without compression: an upper bound for records that compress at all.
    public var estimatedByteCount: Int { RecordBatchHeader.byteCount + records.count }
}

/// Appending.
extension RecordBatchBuilder {
    /// Adds a record.
    ///
    /// - Parameters:
    ///   - key: Nil for null.
    ///   - value: Nil for null.
    ///   - timestamp: The record's time of creation.
    ///   - headers: In the order in which they are to be read.
    ///   - offset: Above the last record's; nil for the one after it. Batches with gaps come from compaction only.
    /// - Throws: `batchTooLarge`, and nothing is added, if the batch would exceed `Int32.max` bytes or offsets.
    /// - Precondition: `offset`, if given, is at least the base offset and above the last record's.
    public mutating func append(
        key: [UInt8]?,
        value: [UInt8]?,
        timestamp: Timestamp,
        headers: [RecordHeader] = [],
        offset: Offset? = nil
    ) throws(RecordBatchError) {
        try beginRecord(keyCount: key?.count, valueCount: value?.count, headers, timestamp, offset)
        if let key { records.append(contentsOf: key) }
        records.appendVarint(Int32(value?.count ?? -1))
        if let value { records.append(contentsOf: value) }
        append(headers)
    }

    /// Adds a record from borrowed bytes; otherwise the same.
    @_disfavoredOverload  // so that a call with nil for key and value is not ambiguous
    public mutating func append(
        key: RawSpan?,
        value: RawSpan?,
        timestamp: Timestamp,
        headers: [RecordHeader] = [],
        offset: Offset? = nil
    ) throws(RecordBatchError) {
        try beginRecord(keyCount: key?.byteCount, valueCount: value?.byteCount, headers, timestamp, offset)
        if let key { records.append(contentsOf: key) }
        records.appendVarint(Int32(value?.byteCount ?? -1))
        if let value { records.append(contentsOf: value) }
        append(headers)
    }

    /// Writes a record up to and including the length of its key.
    ///
    /// Only here can appending fail.
    private mutating func beginRecord(
        keyCount: Int?,
        valueCount: Int?,
        _ headers: [RecordHeader],
        _ timestamp: Timestamp,
        _ offset: Offset?
    ) throws(RecordBatchError) {
        // As the JVM subtracts; a reader adds it back the same way.
        let base = firstTimestamp ?? deleteHorizon ?? timestamp
        let timestampDelta = timestamp.rawValue &- base.rawValue
        let offsetDelta = try nextOffsetDelta(offset)

        var count = 1 + Varint.byteCount(of: timestampDelta) + Varint.byteCount(of: offsetDelta)
        count += Self.fieldByteCount(keyCount) + Self.fieldByteCount(valueCount)
        count += Varint.byteCount(of: Int32(clamping: headers.count))
        for header in headers {
            count += Self.fieldByteCount(header.key.utf8.count) + Self.fieldByteCount(header.value?.count)
        }
        // With the sum, every length in it is a 32-bit integer.
        guard estimatedByteCount + Varint.maximumByteCount + count <= Int(Int32.max) else {
            throw .batchTooLarge("a batch of \(estimatedByteCount) bytes cannot take a record of \(count) more")
        }

        firstTimestamp = base
        maxTimestamp = isEmpty ? timestamp : max(maxTimestamp, timestamp)
        lastOffsetDelta = offsetDelta
        recordCount += 1

        records.appendVarint(Int32(count))
        records.append(0)  // attributes
        records.appendVarlong(timestampDelta)
        records.appendVarint(offsetDelta)
        records.appendVarint(Int32(keyCount ?? -1))
    }

    private mutating func append(_ headers: [RecordHeader]) {
        records.appendVarint(Int32(headers.count))
        for header in headers {
            records.appendVarint(Int32(header.key.utf8.count))
            records.append(contentsOf: header.key.utf8)
            records.appendVarint(Int32(header.value?.count ?? -1))
            if let value = header.value { records.append(contentsOf: value) }
        }
    }

    private func nextOffsetDelta(_ offset: Offset?) throws(RecordBatchError) -> Int32 {
        let following = Int64(lastOffsetDelta) + 1
        let delta = offset.map { $0.rawValue - baseOffset.rawValue } ?? following
        precondition(delta >= following, "records are appended in the order of their offsets")
        guard let delta = Int32(exactly: delta) else {
            throw .batchTooLarge("a record \(delta) offsets above the base offset is too far for one batch")
        }
        return delta
    }

    /// Size of a nullable field with its length, in bytes.
    private static func fieldByteCount(_ count: Int?) -> Int {
        guard let count else { return Varint.byteCount(of: -1 as Int32) }
        return Varint.byteCount(of: Int32(clamping: count)) + count
    }
}

extension RecordBatchBuilder {
    /// Forgets the records that were appended, and keeps the memory.
    public mutating func removeAll() {
        records.removeAll(keepingCapacity: true)
        recordCount = 0
        lastOffsetDelta = -1
        firstTimestamp = nil
        maxTimestamp = .none
    }
}
