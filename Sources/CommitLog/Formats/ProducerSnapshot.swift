internal import RecordBatch

/// What a log knows of its producers at one offset (`<offset>.snapshot`), so that a start need not read the whole log.
///
/// ```
/// byte 0       2               6               10
///      | ver 1 | CRC-32C       | entry count   | entries, see ``Entry``
///      | Int16 |        UInt32 |         Int32 |
///               of bytes 6 to the end ─┘
/// ```
///
/// All integers are big-endian. The offset in the file's name is that of the first record which the snapshot does not
/// cover.
///
/// Source: Kafka's `ProducerStateManager` (KIP-98, KIP-360).
public struct ProducerSnapshot: Hashable, Sendable {
    /// The only version there is.
    public static let version: Int16 = 1

    private static let format = "producer snapshot"
    private static let checksumPosition = 2
    private static let countPosition = 6
    private static let entriesPosition = 10

    /// One entry for each producer, in the order of the file.
    public var entries: [Entry]

    /// A snapshot of these producers.
    public init(_ entries: [Entry] = []) {
        self.entries = entries
    }

    /// Parses the contents of a file.
    /// - Parameter bytes: The whole file.
    /// - Throws: `FormatError` when the version is not 1, the checksum is not that of the bytes, or the bytes are not exactly
    ///   the announced entries.
    public init(parsing bytes: RawSpan) throws(FormatError) {
        guard bytes.byteCount >= Self.entriesPosition else {
            throw FormatError(
                .truncated,
                format: Self.format,
                at: .byte(bytes.byteCount),
                reason: "\(bytes.byteCount) bytes; it begins with \(Self.entriesPosition)"
            )
        }
        let version = bytes.integer(at: 0, as: Int16.self)
        guard version == Self.version else {
            throw FormatError(
                .unsupportedVersion,
                format: Self.format,
                at: .byte(0),
                reason: "version \(version); only version \(Self.version) is known"
            )
        }
        let stored = bytes.integer(at: Self.checksumPosition, as: UInt32.self)
        let computed = CRC32C.checksum(of: bytes.extracting(droppingFirst: Self.countPosition))
        guard stored == computed else {
            throw FormatError(
                .checksumMismatch,
                format: Self.format,
                at: .byte(Self.checksumPosition),
                reason: "CRC-32C \(stored) is stored, the bytes have \(computed)"
            )
        }
        // Nothing is sized by the count before it is compared with the bytes that are there.
        let count = Int(bytes.integer(at: Self.countPosition, as: Int32.self))
        let room = bytes.byteCount - Self.entriesPosition
        guard count >= 0, room % Entry.byteCount == 0, count == room / Entry.byteCount else {
            throw FormatError(
                .malformed,
                format: Self.format,
                at: .byte(Self.countPosition),
                reason: "\(count) entries of \(Entry.byteCount) bytes are announced, \(room) bytes follow"
            )
        }
        entries = []
        entries.reserveCapacity(count)
        for index in 0..<count {
            entries.append(try Entry(decoding: bytes, at: Self.entriesPosition + index * Entry.byteCount))
        }
    }

    /// The contents of the file.
    public func encoded() -> [UInt8] {
        var covered: [UInt8] = []
        covered.reserveCapacity(4 + entries.count * Entry.byteCount)
        covered.appendInteger(Int32(entries.count))
        for entry in entries { entry.append(to: &covered) }

        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.countPosition + covered.count)
        bytes.appendInteger(Self.version)
        bytes.appendInteger(CRC32C.checksum(of: covered.rawSpan))
        return bytes + covered
    }
}
