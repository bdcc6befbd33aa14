public import RecordBatch

/// The name of a file that belongs to a segment: the base offset in 20 digits, the kind, and a suffix while the file is on
/// its way in or out.
///
/// ```
/// 00000000000000000644.log                 in use
/// 00000000000000000644.timeindex.deleted   replaced or past retention; unlinked after file.delete.delay.ms
/// └─ base offset ────┘ └ kind ─┘ └ suffix
/// ```
///
/// Sorted as text, the names of one kind are sorted by offset.
///
/// Source: Kafka's `LogFileUtils`; the suffixes `.torn` and `.prepared` are Millrace's own, and Kafka passes over them.
public struct SegmentFileName: Hashable, Sendable, CustomStringConvertible {
    /// What the file holds.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Record batches.
        case log
        /// Positions of offsets, see ``OffsetIndexEntry``.
        case index
        /// Offsets of timestamps, see ``TimeIndexEntry``.
        case timeindex
        /// Aborted transactions, see ``AbortedTransaction``.
        case txnindex
        /// The state of producers at the base offset, see ``ProducerSnapshot``.
        case snapshot
    }

    /// What is being done with the file.
    public enum Suffix: String, Hashable, Sendable, CaseIterable {
        /// To be unlinked.
        case deleted
        /// Being written by the cleaner; worthless after a crash.
        case cleaned
        /// Written by the cleaner and complete: takes the place of the segments that it was made from.
        case swap
        /// What was cut off behind the last whole batch after a crash.
        case torn
        /// Created ahead for the next segment; empty.
        case prepared
    }

    /// The offset of the first record that the segment may hold, at least 0.
    public let baseOffset: Offset
    /// What the file holds.
    public let kind: Kind
    /// What is being done with the file; `nil` while it is in use.
    public let suffix: Suffix?

    /// The name of a segment's file.
    /// - Parameters:
    ///   - baseOffset: The segment's base offset, at least 0.
    ///   - kind: What the file holds.
    ///   - suffix: What is being done with it.
    public init(baseOffset: Offset, kind: Kind, suffix: Suffix? = nil) {
        precondition(baseOffset.rawValue >= 0, "Cannot name a file for the negative offset \(baseOffset.rawValue)")
        self.baseOffset = baseOffset
        self.kind = kind
        self.suffix = suffix
    }

    /// Parses a name; `nil` if it is not one of a segment's file.
    ///
    /// A directory holds other files as well, so this is no error.
    public init?(parsing name: some StringProtocol) {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3, parts[0].utf8.count == 20 else { return nil }
        // Twenty digits reach past the largest offset, so the conversion has to be asked.
        guard parts[0].utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains),
            let offset = Int64(parts[0]), let kind = Kind(rawValue: String(parts[1]))
        else { return nil }
        suffix = parts.count == 3 ? Suffix(rawValue: String(parts[2])) : nil
        guard parts.count == 2 || suffix != nil else { return nil }
        baseOffset = Offset(rawValue: offset)
        self.kind = kind
    }

    /// The file's name.
    public var description: String {
        let digits = String(baseOffset.rawValue)
        let name = String(repeating: "0", count: 20 - digits.utf8.count) + digits + "." + kind.rawValue
        return suffix.map { "\(name).\($0.rawValue)" } ?? name
    }
}
