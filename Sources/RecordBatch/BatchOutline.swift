/// What an append and its indexes go by: the extent of a batch, in bytes, offsets and time.
///
/// A header has thirteen fields, and checking them all takes longer than the rest of an append does for a small batch.
/// Once that is done, these are read again where they are needed.
package struct BatchOutline: Hashable, Sendable {
    /// Size of the whole batch, in bytes.
    package let byteCount: Int
    /// Offset of the last record.
    package let lastOffset: Offset
    /// The largest timestamp of the batch.
    package let maxTimestamp: Timestamp

    package init(_ header: RecordBatchHeader) {
        byteCount = header.byteCount
        lastOffset = header.lastOffset
        maxTimestamp = header.maxTimestamp
    }

    /// Reads a batch that has been checked.
    ///
    /// - Precondition: A header that ``RecordBatchHeader/init(parsing:)`` has accepted stands at `start`.
    package init(ofChecked bytes: RawSpan, at start: Int) {
        typealias Position = RecordBatchHeader.Position
        byteCount =
            RecordBatchHeader.lengthPrefixByteCount
            + Int(bytes.integer(at: start + Position.batchLength, as: Int32.self))
        lastOffset = Offset(
            bytes.integer(at: start + Position.baseOffset, as: Int64.self)
                + Int64(bytes.integer(at: start + Position.lastOffsetDelta, as: Int32.self))
        )
        maxTimestamp = Timestamp(bytes.integer(at: start + Position.maxTimestamp, as: Int64.self))
    }
}
