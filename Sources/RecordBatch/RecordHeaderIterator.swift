/// The headers of one record, in their order.
public struct RecordHeaderIterator: ~Escapable {
    private var cursor: ByteCursor
    private var remainingCount: Int32

    /// - Precondition: A ``RecordIterator`` has found `count` valid headers at `position`.
    @_lifetime(copy bytes)
    init(_ bytes: RawSpan, from position: Int, count: Int32) {
        cursor = ByteCursor(bytes, from: position, to: bytes.byteCount)
        remainingCount = count
    }

    /// The next header, or nil after the last.
    @_lifetime(copy self)
    public mutating func next() -> RecordHeaderView? {
        guard remainingCount > 0 else { return nil }
        remainingCount -= 1
        guard let field = cursor.readHeader() else {
            preconditionFailure("Cannot read a header that was valid when its record was read")
        }
        return RecordHeaderView(
            key: cursor.bytes.extracting(field.key.start..<field.key.start + field.key.count),
            value: field.value.bytes(of: cursor.bytes)
        )
    }
}

/// One header of a record, seen in the bytes of its batch.
public struct RecordHeaderView: ~Escapable {
    /// The name, in UTF-8; the bytes were not checked to be.
    public let key: RawSpan
    /// The value, or nil for null.
    public let value: RawSpan?

    @_lifetime(copy key, copy value)
    init(key: RawSpan, value: RawSpan?) {
        self.key = key
        self.value = value
    }
}

extension ByteCursor {
    /// A length and that many bytes, -1 being null; nil if they do not fit in what is left.
    @inlinable
    @inline(__always)
    @_lifetime(self: copy self)
    mutating func readNullableField() -> RecordView.Field? {
        guard let count = readVarint() else { return nil }
        let start = position
        guard count == -1 || skip(Int(count)) else { return nil }
        return RecordView.Field(start: start, count: Int(count))
    }

    /// A header's key, which cannot be null, and its value; nil if they do not fit in what is left.
    @_lifetime(self: copy self)
    mutating func readHeader() -> (key: RecordView.Field, value: RecordView.Field)? {
        guard let key = readNullableField(), key.count >= 0, let value = readNullableField() else { return nil }
        return (key, value)
    }
}
