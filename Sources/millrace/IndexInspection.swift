import CommitLog
import LinuxIO
import SystemPackage

/// Prints the entries of an index file, reading a bounded number of them at a time.
struct IndexInspection<Entry: IndexEntry> {
    private static var entriesPerRead: Int { 8192 }

    private let path: FilePath

    init(_ path: FilePath) {
        self.path = path
    }

    /// Prints the entries up to the first that is zero; what an index has behind that was only reserved.
    /// - Parameters:
    ///   - printer: Where to print.
    ///   - row: The row of an entry.
    /// - Throws: `InspectionError` when a file ends within an entry, an entry is malformed, or anything but zeros stands
    ///   behind a zero entry.
    func print(to printer: inout RowPrinter, row: (Entry) -> Row) throws(InspectionError) {
        var reader = try ChunkReader(path, chunkSize: Self.entriesPerRead * Entry.byteCount)
        var isBehindEntries = false
        while try reader.next() {
            let entries = IndexEntries<Entry>(reader.chunk)
            for index in 0..<entries.count {
                let position = reader.chunkStart + Int64(index * Entry.byteCount)
                let entry: Entry
                do {
                    entry = try entries.entry(index)
                } catch {
                    throw InspectionError(path, "position \(position): \(error.reason)")
                }
                if entry.isZero {
                    isBehindEntries = true
                } else if isBehindEntries {
                    throw InspectionError(path, "position \(position): an entry behind zeros, where none can be")
                } else {
                    try printer.print(row(entry))
                }
            }
            guard entries.trailingByteCount == 0 else {
                let end = reader.chunkStart + Int64(entries.count * Entry.byteCount)
                throw InspectionError(
                    path,
                    "position \(end): \(entries.trailingByteCount) bytes, where an entry has \(Entry.byteCount)"
                )
            }
        }
    }
}
