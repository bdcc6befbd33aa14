public import RecordBatch

/// An entry of a segment's time index (`.timeindex`): the largest timestamp so far, and where it stands.
///
/// ```
/// byte 0                               8               12
///      | timestamp                     | relative      |
///      |                 Int64, ms     | offset  Int32 |
/// ```
///
/// No record of the segment up to the entry has a larger timestamp. Entries rise in timestamp and in offset.
///
/// Source: Kafka's `TimeIndex` (KIP-33).
public struct TimeIndexEntry: IndexEntry {
    /// 12 bytes.
    public static let byteCount = 12

    /// The largest timestamp so far.
    public let timestamp: Timestamp
    /// The offset of the last record of the batch with that timestamp, less the segment's base offset.
    public let relativeOffset: Int32

    /// An entry for the largest timestamp so far.
    /// - Parameters:
    ///   - timestamp: The timestamp.
    ///   - relativeOffset: Its offset, less the segment's base offset.
    public init(timestamp: Timestamp, relativeOffset: Int32) {
        self.timestamp = timestamp
        self.relativeOffset = relativeOffset
    }

    /// Reads an entry.
    ///
    /// Any bytes are one; whether it fits the log is for the reader to see.
    /// - Parameters:
    ///   - bytes: Bytes that hold the entry.
    ///   - position: Where it begins.
    public init(decoding bytes: RawSpan, at position: Int) {
        timestamp = Timestamp(rawValue: bytes.integer(at: position, as: Int64.self))
        relativeOffset = bytes.integer(at: position + 8, as: Int32.self)
    }

    /// Appends the 12 bytes.
    public func append(to bytes: inout [UInt8]) {
        bytes.appendInteger(timestamp.rawValue)
        bytes.appendInteger(relativeOffset)
    }

    /// Whether timestamp and offset are both 0.
    ///
    /// A batch at the base offset whose largest timestamp is 0 has such an entry too. It is lost with the zeros, and costs
    /// a search by time no more than the scan of the segment that it would have made without an entry.
    public var isZero: Bool { timestamp.rawValue == 0 && relativeOffset == 0 }

    /// The offset that the timestamp stands at.
    /// - Parameter baseOffset: The segment's base offset.
    /// - Returns: The offset; `nil` if no log can have it.
    public func offset(from baseOffset: Offset) -> Offset? {
        Offset(adding: relativeOffset, to: baseOffset)
    }
}
