/// The header of a record batch in message format v2 (KIP-98), checked as far as it can be by itself.
///
///     byte   0                                      8               12              16  17
///            +--------------------------------------+---------------+---------------+---+---------------+
///            | base offset                          | batch length  | leader epoch  | 2 | CRC-32C       |
///            +-------+---------------+--------------+---------------+---------------+---+---+-----------+
///     byte   | attrs | last offset   | base timestamp               | max timestamp                 |
///            | 21    | delta 23      | 27                           | 35                            |
///            +-------+---------------+-------+-------+---------------+---------------+---------------+
///     byte   | producer id                   | epoch | base sequence | record count  | records ...
///            | 43                            | 51    | 53            | 57            | 61
///            +-------------------------------+-------+---------------+---------------+
///
/// All integers are big-endian and signed, the CRC unsigned. `batch length` counts the bytes behind itself (byte 12
/// on). The CRC covers byte 21 to the end, so that a broker can set what stands before it. `2` is the magic.
public struct RecordBatchHeader: Hashable, Sendable {
    /// Size of a header: 61 bytes.
    @inlinable public static var byteCount: Int { 61 }
    /// Size of the base offset and the length, which `batchLength` does not count: 12 bytes.
    @inlinable public static var lengthPrefixByteCount: Int { 12 }
    /// The message format that this module reads and writes.
    @inlinable public static var supportedMagic: Int8 { 2 }

    /// Where the bytes begin that the CRC is taken of, counted from the start of the batch; they go on to its end.
    public static var checksumStart: Int { Position.attributes }

    /// Where each field begins, in bytes from the start of the batch.
    enum Position {
        static let baseOffset = 0
        static let batchLength = 8
        static let partitionLeaderEpoch = 12
        static let magic = 16
        static let crc = 17
        static let attributes = 21
        static let lastOffsetDelta = 23
        static let baseTimestamp = 27
        static let maxTimestamp = 35
        static let producerID = 43
        static let producerEpoch = 51
        static let baseSequence = 53
        static let recordCount = 57
    }

    /// Offset of the first record, or of the first that there was before compaction.
    public let baseOffset: Offset
    /// Bytes of the batch after this field: at least 49.
    public let batchLength: Int32
    /// Epoch of the leader that appended the batch.
    public let partitionLeaderEpoch: LeaderEpoch
    /// The message format: always 2.
    public let magic: Int8
    /// CRC-32C of everything after the field, as its writer took it.
    public let crc: UInt32
    /// Codec, timestamp type and the flags.
    public let attributes: RecordBatchAttributes
    /// How far the last record's offset lies above the base offset: 0 or more, and kept by compaction.
    public let lastOffsetDelta: Int32
    /// What the records' timestamps count from; the delete horizon, if the batch has one.
    public let baseTimestamp: Timestamp
    /// The largest timestamp of the batch; every record's timestamp, if their type is LogAppendTime.
    public let maxTimestamp: Timestamp
    /// The idempotent producer, or none.
    public let producerID: ProducerID
    /// Incarnation of the producer, or none.
    public let producerEpoch: ProducerEpoch
    /// Sequence number of the record at the base offset, or none.
    public let baseSequence: SequenceNumber
    /// How many records the batch says it has: 0 or more, fewer than the offsets it spans where it was compacted.
    public let recordCount: Int32

    /// Reads the header at the start of `bytes`; what follows the header is not looked at.
    ///
    /// - Parameter bytes: They begin at a batch. More than the batch is welcome, less than a header is an error.
    /// - Throws: `truncated` for fewer than 61 bytes; `unsupportedMagic` for message formats v0 and v1 and for unknown
    ///   ones; `invalidLength` for a length that is too small for a header; `invalidHeader` for a negative base offset
    ///   or last offset delta, or offsets past `Int64.max`; `invalidCount` for a negative number of records.
    public init(parsing bytes: RawSpan) throws(RecordBatchError) {
        try Self.checkPrefix(of: bytes)
        guard bytes.byteCount >= Self.byteCount else {
            throw .truncatedHeader(bytes.byteCount)
        }
        baseOffset = Offset(bytes.integer(at: Position.baseOffset, as: Int64.self))
        batchLength = bytes.integer(at: Position.batchLength, as: Int32.self)
        partitionLeaderEpoch = LeaderEpoch(bytes.integer(at: Position.partitionLeaderEpoch, as: Int32.self))
        magic = bytes.integer(at: Position.magic, as: Int8.self)
        crc = bytes.integer(at: Position.crc, as: UInt32.self)
        attributes = RecordBatchAttributes(rawValue: bytes.integer(at: Position.attributes, as: Int16.self))
        lastOffsetDelta = bytes.integer(at: Position.lastOffsetDelta, as: Int32.self)
        baseTimestamp = Timestamp(bytes.integer(at: Position.baseTimestamp, as: Int64.self))
        maxTimestamp = Timestamp(bytes.integer(at: Position.maxTimestamp, as: Int64.self))
        producerID = ProducerID(bytes.integer(at: Position.producerID, as: Int64.self))
        producerEpoch = ProducerEpoch(bytes.integer(at: Position.producerEpoch, as: Int16.self))
        baseSequence = SequenceNumber(bytes.integer(at: Position.baseSequence, as: Int32.self))
        recordCount = bytes.integer(at: Position.recordCount, as: Int32.self)

        guard lastOffsetDelta >= 0 else {
            let message = "last offset delta \(lastOffsetDelta) is negative"
            throw .header(.invalidHeader, message, Position.lastOffsetDelta, baseOffset)
        }
        try Self.checkOffsets(baseOffset: baseOffset, lastOffsetDelta: lastOffsetDelta)
        guard recordCount >= 0 else {
            throw .header(.invalidCount, "record count \(recordCount) is negative", Position.recordCount, baseOffset)
        }
    }

    init(
        baseOffset: Offset,
        batchLength: Int32,
        partitionLeaderEpoch: LeaderEpoch,
        crc: UInt32,
        attributes: RecordBatchAttributes,
        lastOffsetDelta: Int32,
        baseTimestamp: Timestamp,
        maxTimestamp: Timestamp,
        producerID: ProducerID,
        producerEpoch: ProducerEpoch,
        baseSequence: SequenceNumber,
        recordCount: Int32
    ) {
        self.baseOffset = baseOffset
        self.batchLength = batchLength
        self.partitionLeaderEpoch = partitionLeaderEpoch
        self.magic = Self.supportedMagic
        self.crc = crc
        self.attributes = attributes
        self.lastOffsetDelta = lastOffsetDelta
        self.baseTimestamp = baseTimestamp
        self.maxTimestamp = maxTimestamp
        self.producerID = producerID
        self.producerEpoch = producerEpoch
        self.baseSequence = baseSequence
        self.recordCount = recordCount
    }

    /// Writes the header over the 61 bytes at `start`.
    @_lifetime(bytes: copy bytes)
    func encode(into bytes: inout MutableRawSpan, at start: Int) {
        bytes.setInteger(baseOffset.rawValue, at: start + Position.baseOffset)
        bytes.setInteger(batchLength, at: start + Position.batchLength)
        bytes.setInteger(partitionLeaderEpoch.rawValue, at: start + Position.partitionLeaderEpoch)
        bytes.setInteger(magic, at: start + Position.magic)
        bytes.setInteger(crc, at: start + Position.crc)
        bytes.setInteger(attributes.rawValue, at: start + Position.attributes)
        bytes.setInteger(lastOffsetDelta, at: start + Position.lastOffsetDelta)
        bytes.setInteger(baseTimestamp.rawValue, at: start + Position.baseTimestamp)
        bytes.setInteger(maxTimestamp.rawValue, at: start + Position.maxTimestamp)
        bytes.setInteger(producerID.rawValue, at: start + Position.producerID)
        bytes.setInteger(producerEpoch.rawValue, at: start + Position.producerEpoch)
        bytes.setInteger(baseSequence.rawValue, at: start + Position.baseSequence)
        bytes.setInteger(recordCount, at: start + Position.recordCount)
    }
}

extension RecordBatchHeader {
    /// Offset of the last record, or of the last that there was before compaction.
    @inlinable public var lastOffset: Offset { Offset(baseOffset.rawValue + Int64(lastOffsetDelta)) }

    /// Offset of the record that follows the batch.
    @inlinable public var nextOffset: Offset { Offset(lastOffset.rawValue + 1) }

    /// Size of the whole batch, in bytes: 61 or more.
    @inlinable public var byteCount: Int { Self.lengthPrefixByteCount + Int(batchLength) }

    /// How the records are compressed, or nil for an id that is not assigned.
    @inlinable public var codec: CompressionCodec? { attributes.codec }

    /// Whose clock the records' timestamps are from.
    @inlinable public var timestampType: TimestampType { attributes.timestampType }

    /// Whether the batch belongs to a transaction.
    @inlinable public var isTransactional: Bool { attributes.isTransactional }

    /// Whether the records are control records: see ``ControlRecord``.
    @inlinable public var isControl: Bool { attributes.isControl }

    /// Whether the batch is from an idempotent or transactional producer.
    @inlinable public var hasProducerID: Bool { producerID > .none }

    /// When tombstones and transaction markers of the batch may be removed (KIP-534), if compaction has set it.
    @inlinable public var deleteHorizon: Timestamp? { attributes.hasDeleteHorizon ? baseTimestamp : nil }

    /// Sequence number of the record at the last offset, counted on past `Int32.max` to 0; `none` if there are none.
    @inlinable public var lastSequence: SequenceNumber { baseSequence.advanced(by: lastOffsetDelta) }
}
