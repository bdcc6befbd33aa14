public import RecordBatch

/// An entry of a segment's offset index (`.index`): where in the log a batch begins.
///
/// ```
/// byte 0               4               8
///      | relative      | position      |
///      | offset  Int32 |         Int32 |
/// ```
///
/// The offset is that of the last record of the batch, relative to the segment's base offset. Entries rise in offset and
/// in position. Neither can be 0, since the first batch of a segment gets no entry.
///
/// Source: Kafka's `OffsetIndex`.
public struct OffsetIndexEntry: IndexEntry {
    /// 8 bytes.
    public static let byteCount = 8

    /// The offset of the batch's last record, less the segment's base offset.
    public let relativeOffset: Int32
    /// Where the batch begins, in bytes from the start of the log file.
    public let position: Int32

    /// An entry for a batch.
    /// - Parameters:
    ///   - relativeOffset: The offset of its last record, less the segment's base offset.
    ///   - position: Where it begins in the log file, in bytes.
    public init(relativeOffset: Int32, position: Int32) {
        self.relativeOffset = relativeOffset
        self.position = position
    }

    /// Reads an entry.
    ///
    /// Any bytes are one; whether it fits the log is for the reader to see.
    /// - Parameters:
    ///   - bytes: Bytes that hold the entry.
    ///   - position: Where it begins.
    public init(decoding bytes: RawSpan, at position: Int) {
        relativeOffset = bytes.integer(at: position, as: Int32.self)
        self.position = bytes.integer(at: position + 4, as: Int32.self)
    }

    /// Appends the 8 bytes.
    public func append(to bytes: inout [UInt8]) {
        bytes.appendInteger(relativeOffset)
        bytes.appendInteger(position)
    }

    /// Whether offset and position are both 0.
    public var isZero: Bool { relativeOffset == 0 && position == 0 }

    /// The offset of the batch's last record.
    /// - Parameter baseOffset: The segment's base offset.
    /// - Returns: The offset; `nil` if no log can have it.
    public func offset(from baseOffset: Offset) -> Offset? {
        Offset(adding: relativeOffset, to: baseOffset)
    }
}

extension OffsetIndexEntry {
    /// Whether the entry can be that of this batch.
    ///
    /// An entry of Kafka's may stand for several batches appended together: it names the last offset of them all.
    func names(_ header: RecordBatchHeader, from baseOffset: Offset) -> Bool {
        guard let offset = offset(from: baseOffset) else { return false }
        return header.baseOffset >= baseOffset && header.baseOffset <= offset && header.lastOffset <= offset
    }
}

extension Offset {
    /// An offset that an index gives relative to its segment; `nil` if it is negative, or past the largest one.
    init?(adding relativeOffset: Int32, to baseOffset: Offset) {
        let (value, overflow) = baseOffset.rawValue.addingReportingOverflow(Int64(relativeOffset))
        guard !overflow, relativeOffset >= 0 else { return nil }
        self.init(rawValue: value)
    }
}
