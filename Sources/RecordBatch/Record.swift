/// One record with a copy of its bytes, for code that keeps records; a ``RecordView`` is the same without the copy.
public struct Record: Hashable, Sendable {
    /// Position in the partition.
    public var offset: Offset
    /// When the record was created, or appended.
    public var timestamp: Timestamp
    /// Whose clock the timestamp is from.
    public var timestampType: TimestampType
    /// Nil for null, which is not the same as empty.
    public var key: [UInt8]?
    /// Nil for null: in a compacted topic, a tombstone.
    public var value: [UInt8]?
    /// In their order; names can repeat.
    public var headers: [RecordHeader]

    /// Makes a record of its parts.
    public init(
        offset: Offset,
        timestamp: Timestamp,
        timestampType: TimestampType = .createTime,
        key: [UInt8]?,
        value: [UInt8]?,
        headers: [RecordHeader] = []
    ) {
        self.offset = offset
        self.timestamp = timestamp
        self.timestampType = timestampType
        self.key = key
        self.value = value
        self.headers = headers
    }

    /// Copies a record out of its batch.
    ///
    /// Allocates for the key, the value and the headers.
    public init(_ view: borrowing RecordView) {
        self.init(
            offset: view.offset,
            timestamp: view.timestamp,
            timestampType: view.timestampType,
            key: [UInt8](copying: view.key),
            value: [UInt8](copying: view.value)
        )
        var iterator = view.headers
        while let header = iterator.next() {
            headers.append(RecordHeader(header))
        }
    }
}

/// A name and a value that travel with a record.
public struct RecordHeader: Hashable, Sendable {
    /// The name, not necessarily unique in its record.
    public var key: String
    /// Nil for null, which is not the same as empty.
    public var value: [UInt8]?

    /// Makes a header of its parts.
    public init(key: String, value: [UInt8]?) {
        self.key = key
        self.value = value
    }

    /// Copies a header out of its record.
    ///
    /// Bytes of the name that are not UTF-8 become U+FFFD, as in Kafka's clients.
    public init(_ view: borrowing RecordHeaderView) {
        self.init(key: String(decoding: [UInt8](copying: view.key), as: UTF8.self), value: [UInt8](copying: view.value))
    }
}
