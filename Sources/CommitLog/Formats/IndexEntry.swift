/// An entry of fixed width in one of a segment's index files.
///
/// Such a file is nothing but its entries, one behind the other. All integers are big-endian.
public protocol IndexEntry: Hashable, Sendable {
    /// The width of an entry, in bytes.
    static var byteCount: Int { get }

    /// Reads an entry.
    /// - Parameters:
    ///   - bytes: Bytes that hold the entry.
    ///   - position: Where it begins; at least ``byteCount`` bytes follow, or the program stops.
    /// - Throws: `FormatError` when the bytes cannot be such an entry.
    init(decoding bytes: RawSpan, at position: Int) throws(FormatError)

    /// Appends the entry's ``byteCount`` bytes.
    func append(to bytes: inout [UInt8])

    /// Whether the entry consists of zeros only, as the unused tail of an index does that was sized ahead.
    var isZero: Bool { get }
}

/// The entries in a stretch of an index file.
public struct IndexEntries<Entry: IndexEntry>: ~Escapable {
    private let bytes: RawSpan
    /// How many whole entries the bytes have room for, a tail of zeros included.
    public let count: Int

    /// A view of bytes that begin at an entry.
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) {
        self.bytes = bytes
        count = bytes.byteCount / Entry.byteCount
    }

    /// The bytes behind the last whole entry.
    ///
    /// They are not 0 in a file that was cut short.
    public var trailingByteCount: Int { bytes.byteCount % Entry.byteCount }

    /// The entry with the given number, counted from 0.
    /// - Parameter index: Less than ``count``, or the program stops.
    /// - Returns: The entry.
    /// - Throws: `FormatError` when the bytes cannot be such an entry.
    public func entry(_ index: Int) throws(FormatError) -> Entry {
        precondition((0..<count).contains(index), "Cannot read entry \(index) of an index that has \(count)")
        return try Entry(decoding: bytes, at: index * Entry.byteCount)
    }

    /// How many entries come before the first that is zero.
    ///
    /// Zeros are never an entry: an active index may have been sized ahead, and after a crash a file may have zeros where
    /// nothing was written. What stands behind the first zero entry is not to be believed either.
    /// - Throws: `FormatError` when the bytes before it cannot be entries.
    /// - Complexity: O(n)
    public func countBeforeZeros() throws(FormatError) -> Int {
        for index in 0..<count where try entry(index).isZero { return index }
        return count
    }
}
