/// The records of one batch, in their order.
///
/// Allocates nothing. Checks that every length stays within the record and every record within the bytes, that offsets
/// stay within what the header spans, that there are as many records as the header counts, and that no bytes are left
/// over. It does not check that the offsets rise one by one, which a compacted batch's do not.
public struct RecordIterator: ~Escapable {
    @usableFromInline let payload: RawSpan
    /// Of the next record, in `payload`.
    @usableFromInline var position = 0
    /// How many records were returned.
    @usableFromInline var index: Int32 = 0
    /// Of the batch that the records are in.
    public let header: RecordBatchHeader

    /// Reads the records of a batch.
    ///
    /// - Parameters:
    ///   - header: Header of the batch.
    ///   - payload: The batch's records, no more and no less; inflated, if the batch is compressed.
    @_lifetime(copy payload)
    public init(header: RecordBatchHeader, payload: RawSpan) {
        self.header = header
        self.payload = payload
    }

    /// The next record, or nil after the last.
    ///
    /// - Throws: `invalidRecord` if a record does not decode or does not fit in its batch; `invalidCount` if the batch
    ///   ends before, or goes on after, as many records as its header counts. Further calls throw the same.
    @inlinable
    @_lifetime(copy self)
    public mutating func next() throws(RecordBatchError) -> RecordView? {
        guard index < header.recordCount else {
            guard position == payload.byteCount else { throw excessBytes() }
            return nil
        }
        var prefix = ByteCursor(payload, from: position, to: payload.byteCount)
        guard let length = prefix.readVarint() else { throw missingRecord() }
        let start = prefix.position
        guard prefix.skip(Int(length)) else { throw excessiveLength(length, from: start) }
        let end = prefix.position

        let bytes = payload.extracting(position..<end)
        var body = ByteCursor(bytes, from: start &- position, to: bytes.byteCount)
        guard let attributes = body.readByte() else { throw defect("attributes", at: body.position) }
        guard let timestampDelta = body.readVarlong() else { throw defect("timestamp", at: body.position) }
        guard let offsetDelta = body.readVarint() else { throw defect("offset", at: body.position) }
        guard 0 <= offsetDelta, offsetDelta <= header.lastOffsetDelta else { throw foreignOffset(offsetDelta) }
        guard let key = body.readNullableField() else { throw defect("key", at: body.position) }
        guard let value = body.readNullableField() else { throw defect("value", at: body.position) }
        guard let headerCount = body.readVarint() else { throw defect("header count", at: body.position) }
        let headersStart = body.position
        if headerCount != 0 || body.remaining != 0 {
            try checkHeaders(headerCount, from: headersStart, in: bytes)
        }

        let timestampType = header.timestampType
        let timestamp =
            switch timestampType {
            // As the JVM adds: whatever a producer sends gives some timestamp.
            case .createTime: Timestamp(header.baseTimestamp.rawValue &+ timestampDelta)
            case .logAppendTime: header.maxTimestamp
            }
        position = end
        index &+= 1
        return RecordView(
            bytes: bytes,
            attributes: Int8(bitPattern: attributes),
            timestampDelta: timestampDelta,
            offsetDelta: offsetDelta,
            offset: Offset(header.baseOffset.rawValue &+ Int64(offsetDelta)),
            timestamp: timestamp,
            timestampType: timestampType,
            keyField: key,
            valueField: value,
            headerCount: headerCount,
            headersStart: headersStart
        )
    }

    /// Checks that `count` headers fill the rest of the record exactly.
    @usableFromInline
    func checkHeaders(_ count: Int32, from headersStart: Int, in bytes: RawSpan) throws(RecordBatchError) {
        var cursor = ByteCursor(bytes, from: headersStart, to: bytes.byteCount)
        guard count >= 0 else {
            throw failure(.invalidRecord, "header count \(count) is negative", at: position + headersStart)
        }
        // Bounded by the bytes, not by the count: each turn reads two bytes or ends.
        for _ in 0..<count {
            guard cursor.readHeader() != nil else { throw defect("header", at: cursor.position) }
        }
        guard cursor.remaining == 0 else {
            let message = "\(cursor.remaining) bytes are left over behind the headers"
            throw failure(.invalidRecord, message, at: position + cursor.position)
        }
    }
}

/// The errors, out of the way of the code that runs for every record.
extension RecordIterator {
    private func failure(
        _ code: RecordBatchError.Code,
        _ message: String,
        at position: Int
    ) -> RecordBatchError {
        RecordBatchError(
            code: code,
            message: "record \(index) of \(header.recordCount): \(message)",
            location: RecordBatchError.Location(bytePosition: position, baseOffset: header.baseOffset)
        )
    }

    // The position is in the record, from its length on.
    @usableFromInline
    @inline(never)
    func defect(_ field: StaticString, at bodyPosition: Int) -> RecordBatchError {
        let message = "its \(field) is malformed, or longer than the record"
        return failure(.invalidRecord, message, at: position + bodyPosition)
    }

    @usableFromInline
    @inline(never)
    func missingRecord() -> RecordBatchError {
        if position == payload.byteCount {
            return failure(.invalidCount, "the batch ends after \(index) records", at: position)
        }
        return failure(.invalidRecord, "its length is malformed", at: position)
    }

    @usableFromInline
    @inline(never)
    func excessiveLength(_ length: Int32, from start: Int) -> RecordBatchError {
        let left = payload.byteCount - start
        return failure(.invalidRecord, "its length of \(length) bytes does not fit in the \(left) left", at: position)
    }

    @usableFromInline
    @inline(never)
    func foreignOffset(_ delta: Int32) -> RecordBatchError {
        let message = "its offset delta \(delta) is not in the batch's 0...\(header.lastOffsetDelta)"
        return failure(.invalidRecord, message, at: position)
    }

    @usableFromInline
    @inline(never)
    func excessBytes() -> RecordBatchError {
        RecordBatchError(
            code: .invalidCount,
            message: "\(payload.byteCount - position) bytes are left over after \(index) records",
            location: RecordBatchError.Location(bytePosition: position, baseOffset: header.baseOffset)
        )
    }
}
