public import RecordBatch

/// An entry of a segment's transaction index (`.txnindex`): a transaction that ended in an abort.
///
/// ```
/// byte 0       2                 10              18              26                  34
///      | ver 0 | producer id     | first offset  | last offset   | last stable offset |
///      | Int16 |           Int64 |         Int64 |         Int64 |              Int64 |
/// ```
///
/// A reader of committed data skips the producer's records from the first to the last offset. The index is that of the
/// segment which holds the abort marker, and rises by last offset. It is never sized ahead, and is part of what the log
/// says: unlike the other indexes it can be rebuilt only together with the producers' state.
///
/// Source: Kafka's `AbortedTxn` (KIP-98).
public struct AbortedTransaction: IndexEntry {
    /// 34 bytes.
    public static let byteCount = 34
    /// The only version there is.
    public static let version: Int16 = 0

    /// The producer whose transaction it was.
    public let producerID: ProducerID
    /// The offset of the transaction's first record.
    public let firstOffset: Offset
    /// The offset of the abort marker.
    public let lastOffset: Offset
    /// The last stable offset when the marker had been appended: a transaction that ends after it cannot begin below it.
    public let lastStableOffset: Offset

    /// A transaction that was aborted.
    /// - Parameters:
    ///   - producerID: The producer whose transaction it was.
    ///   - firstOffset: The offset of its first record.
    ///   - lastOffset: The offset of the abort marker.
    ///   - lastStableOffset: The last stable offset when the marker had been appended.
    public init(producerID: ProducerID, firstOffset: Offset, lastOffset: Offset, lastStableOffset: Offset) {
        self.producerID = producerID
        self.firstOffset = firstOffset
        self.lastOffset = lastOffset
        self.lastStableOffset = lastStableOffset
    }

    /// Reads an entry.
    /// - Parameters:
    ///   - bytes: Bytes that hold the entry.
    ///   - position: Where it begins.
    /// - Throws: `FormatError` for another version, a negative offset, or a last offset below the first.
    public init(decoding bytes: RawSpan, at position: Int) throws(FormatError) {
        let version = bytes.integer(at: position, as: Int16.self)
        guard version == Self.version else {
            throw FormatError(
                .unsupportedVersion,
                format: "transaction index",
                at: .byte(position),
                reason: "version \(version); only version \(Self.version) is known"
            )
        }
        producerID = ProducerID(rawValue: bytes.integer(at: position + 2, as: Int64.self))
        firstOffset = Offset(rawValue: bytes.integer(at: position + 10, as: Int64.self))
        lastOffset = Offset(rawValue: bytes.integer(at: position + 18, as: Int64.self))
        lastStableOffset = Offset(rawValue: bytes.integer(at: position + 26, as: Int64.self))
        guard 0 <= firstOffset.rawValue, firstOffset <= lastOffset, 0 <= lastStableOffset.rawValue else {
            throw FormatError(
                .malformed,
                format: "transaction index",
                at: .byte(position),
                reason: """
                    offsets \(firstOffset.rawValue) to \(lastOffset.rawValue), last stable \
                    \(lastStableOffset.rawValue): no transaction has these
                    """
            )
        }
    }

    /// Appends the 34 bytes.
    public func append(to bytes: inout [UInt8]) {
        bytes.appendInteger(Self.version)
        bytes.appendInteger(producerID.rawValue)
        bytes.appendInteger(firstOffset.rawValue)
        bytes.appendInteger(lastOffset.rawValue)
        bytes.appendInteger(lastStableOffset.rawValue)
    }

    /// Whether everything is 0.
    ///
    /// No transaction is: its marker comes after its first record. Zeros in a transaction index are what a crash left.
    public var isZero: Bool {
        [producerID.rawValue, firstOffset.rawValue, lastOffset.rawValue, lastStableOffset.rawValue] == [0, 0, 0, 0]
    }
}
