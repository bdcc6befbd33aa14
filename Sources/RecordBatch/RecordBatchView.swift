/// One record batch, seen in borrowed bytes.
///
/// Its header has been checked, its CRC and its records have not.
public struct RecordBatchView: ~Escapable {
    /// The header, checked as far as it can be by itself.
    public let header: RecordBatchHeader
    /// Exactly the bytes of the batch, the header included.
    public let bytes: RawSpan

    /// Looks at a batch.
    ///
    /// - Parameter bytes: They begin at a batch, and may go on behind it.
    /// - Throws: What ``RecordBatchHeader/init(parsing:)`` throws, and `truncated` if the batch is longer than `bytes`.
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) throws(RecordBatchError) {
        let header = try RecordBatchHeader(parsing: bytes)
        guard header.byteCount <= bytes.byteCount else {
            throw RecordBatchError(
                code: .truncated,
                message: "a batch of \(header.byteCount) bytes ends after \(bytes.byteCount)",
                location: RecordBatchError.Location(bytePosition: bytes.byteCount, baseOffset: header.baseOffset)
            )
        }
        self.header = header
        self.bytes = bytes.extracting(first: header.byteCount)
    }

    /// The bytes behind the header: the records, compressed if the batch is.
    public var payload: RawSpan {
        @_lifetime(copy self) get { bytes.extracting(droppingFirst: RecordBatchHeader.byteCount) }
    }

    /// The CRC that the batch should have.
    ///
    /// - Complexity: Reads all of the batch.
    public var computedCRC: UInt32 {
        CRC32C.checksum(of: bytes.extracting(droppingFirst: RecordBatchHeader.Position.attributes))
    }

    /// Reads all of the batch, and compares the CRC with the header's.
    ///
    /// - Throws: `crcMismatch`
    public func validateCRC() throws(RecordBatchError) {
        let computed = computedCRC
        guard computed == header.crc else {
            let found = String(header.crc, radix: 16)
            let message = "the batch's CRC is \(found), that of its bytes \(String(computed, radix: 16))"
            throw .header(.crcMismatch, message, RecordBatchHeader.Position.crc, header.baseOffset)
        }
    }
}

extension RecordBatchView {
    /// The records of a batch that is not compressed.
    ///
    /// - Throws: `compressed` if it is.
    @_lifetime(copy self)
    public func records() throws(RecordBatchError) -> RecordIterator {
        guard header.codec == CompressionCodec.none else {
            let message = "codec id \(header.attributes.codecID): the records are compressed, and need a decompressor"
            throw .header(.compressed, message, RecordBatchHeader.Position.attributes, header.baseOffset)
        }
        return RecordIterator(header: header, payload: payload)
    }

    /// The records of any batch.
    ///
    /// If it is compressed they are inflated first, into the decompressor's buffer, where they stay until its next use.
    ///
    /// - Throws: What ``Decompressor/inflate(_:)`` throws.
    @_lifetime(copy self, &decompressor)
    public func records(using decompressor: inout Decompressor) throws(RecordBatchError) -> RecordIterator {
        let payload = try decompressor.inflate(self)
        return RecordIterator(header: header, payload: payload)
    }
}
