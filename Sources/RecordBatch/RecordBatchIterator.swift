/// The batches that stand one behind the other in borrowed bytes, as in a segment or in a fetch response.
///
/// A fetch response is cut at a number of bytes, so that its last batch may be incomplete: there the iteration ends,
/// and ``trailingBytes`` tells what is left.
public struct RecordBatchIterator: ~Escapable {
    private let bytes: RawSpan
    /// Where the next batch begins, in bytes from the start.
    public private(set) var position = 0

    /// Looks at batches.
    ///
    /// - Parameter bytes: They begin at a batch, or are empty.
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) {
        self.bytes = bytes
    }

    /// How many bytes are left behind the last batch that was returned: after the end, those of an incomplete batch.
    public var trailingBytes: Int { bytes.byteCount - position }

    /// The next batch, or nil where no complete batch is left.
    ///
    /// Its CRC and its records are not checked.
    ///
    /// - Throws: What ``RecordBatchHeader/init(parsing:)`` throws, `truncated` excepted. Further calls throw the same.
    @_lifetime(copy self)
    public mutating func next() throws(RecordBatchError) -> RecordBatchView? {
        let rest = bytes.extracting(droppingFirst: position)
        guard rest.byteCount >= RecordBatchHeader.lengthPrefixByteCount else { return nil }
        do {
            try RecordBatchHeader.checkPrefix(of: rest)
            let length = rest.integer(at: RecordBatchHeader.Position.batchLength, as: Int32.self)
            guard RecordBatchHeader.lengthPrefixByteCount + Int(length) <= rest.byteCount else { return nil }
            let batch = try RecordBatchView(rest)
            position += batch.bytes.byteCount
            return batch
        } catch {
            throw error.shifted(by: position)
        }
    }
}
