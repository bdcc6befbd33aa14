/// One record, seen in the bytes of its batch.
///
/// Made by ``RecordIterator``, which has checked every length in it.
///
///     length       varint    bytes behind this field
///     attributes   1 byte    no bit is in use
///     timestamp    varlong   delta to the batch's base timestamp
///     offset       varint    delta to the batch's base offset
///     key          varint length, or -1 for null, and the bytes
///     value        the same
///     headers      varint count, and for each:  key   varint length and the bytes of a UTF-8 string
///                                               value varint length, or -1 for null, and the bytes
///
/// (Message format v2, KIP-98.) Costs nothing but a few words; copy what is to outlive the bytes into a ``Record``.
@frozen
public struct RecordView: ~Escapable {
    /// The whole record, from its length on.
    public let bytes: RawSpan
    /// The attribute bits, none of which has a meaning yet.
    public let attributes: Int8
    /// Milliseconds from the batch's base timestamp.
    public let timestampDelta: Int64
    /// Offsets from the batch's base offset: 0 to the header's last offset delta.
    public let offsetDelta: Int32
    /// The record's offset in the partition.
    public let offset: Offset
    /// The record's timestamp; the batch's maximum timestamp where its timestamps are of the type LogAppendTime.
    public let timestamp: Timestamp
    /// Whose clock the timestamp is from.
    public let timestampType: TimestampType
    /// How many headers there are: 0 or more.
    public let headerCount: Int32

    @usableFromInline let keyField: Field
    @usableFromInline let valueField: Field
    /// Position in `bytes` of the first header.
    @usableFromInline let headersStart: Int

    /// Where a nullable field stands in the record.
    @frozen
    @usableFromInline
    struct Field {
        @usableFromInline let start: Int
        /// -1 for null.
        @usableFromInline let count: Int

        @inlinable
        @inline(__always)
        init(start: Int, count: Int) {
            self.start = start
            self.count = count
        }

        @inlinable
        @inline(__always)
        @_lifetime(copy bytes)
        func bytes(of bytes: RawSpan) -> RawSpan? {
            count < 0 ? nil : bytes.extracting(start..<start + count)
        }
    }

    @inlinable
    @inline(__always)
    @_lifetime(copy bytes)
    init(
        bytes: RawSpan,
        attributes: Int8,
        timestampDelta: Int64,
        offsetDelta: Int32,
        offset: Offset,
        timestamp: Timestamp,
        timestampType: TimestampType,
        keyField: Field,
        valueField: Field,
        headerCount: Int32,
        headersStart: Int
    ) {
        self.bytes = bytes
        self.attributes = attributes
        self.timestampDelta = timestampDelta
        self.offsetDelta = offsetDelta
        self.offset = offset
        self.timestamp = timestamp
        self.timestampType = timestampType
        self.keyField = keyField
        self.valueField = valueField
        self.headerCount = headerCount
        self.headersStart = headersStart
    }
}

extension RecordView {
    /// Size of the record in its batch, its length field included.
    @inlinable public var byteCount: Int { bytes.byteCount }

    /// The key, or nil for null.
    @inlinable public var key: RawSpan? {
        @_lifetime(copy self) get { keyField.bytes(of: bytes) }
    }

    /// The value, or nil for null: in a compacted topic, a tombstone.
    @inlinable public var value: RawSpan? {
        @_lifetime(copy self) get { valueField.bytes(of: bytes) }
    }

    /// The headers, in their order; names can repeat.
    public var headers: RecordHeaderIterator {
        @_lifetime(copy self) get {
            RecordHeaderIterator(bytes, from: headersStart, count: headerCount)
        }
    }
}
