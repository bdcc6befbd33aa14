import LinuxIO

/// Reads the entries of an index file from its start, a bounded number of them at a time.
struct IndexReader<Entry: IndexEntry> {
    /// What stands at a position of the file.
    enum Element {
        case entry(Entry, at: FilePosition)
        /// Something that cannot be an entry, or stands where none can be.
        case defect(String, at: FilePosition)
        case end
    }

    private static var chunkEntries: Int { 4096 }

    private let handle: FileHandle
    private let mayEndInZeros: Bool
    private var chunk: [UInt8] = []
    private var chunkStart = FilePosition.start
    /// How many entries of the chunk were given out.
    private var given = 0
    private var isBehindEntries = false

    /// - Parameter mayEndInZeros: whether the file may have been sized ahead, so that zeros behind the last entry are
    ///   none.
    init(_ handle: FileHandle, mayEndInZeros: Bool) {
        self.handle = handle
        self.mayEndInZeros = mayEndInZeros
    }

    /// The next entry.
    ///
    /// A defect is the last thing that is worth to be asked for.
    mutating func next() throws(IOError) -> Element {
        while true {
            if given == chunk.count / Entry.byteCount {
                let rest = chunk.count % Entry.byteCount
                let end = chunkStart + chunk.count
                if rest > 0 {
                    return .defect(
                        "\(rest) bytes are left over behind the last entry of \(Entry.byteCount)",
                        at: end + -rest
                    )
                }
                guard try fill(from: end) else { return .end }
                continue  // what was read may be less than an entry
            }
            let position = chunkStart + given * Entry.byteCount
            let entry: Entry
            do {
                entry = try IndexEntries<Entry>(chunk.rawSpan).entry(given)
            } catch {
                return .defect(error.reason, at: position)
            }
            given += 1
            if entry.isZero {
                guard mayEndInZeros else { return .defect("the entry consists of zeros", at: position) }
                isBehindEntries = true
            } else if isBehindEntries {
                return .defect("an entry stands behind zeros, where none can be", at: position)
            } else {
                return .entry(entry, at: position)
            }
        }
    }

    /// Reads the next chunk; `false` if the file has no whole entry more, and nothing behind it.
    private mutating func fill(from start: FilePosition) throws(IOError) -> Bool {
        chunk = [UInt8](repeating: 0, count: Self.chunkEntries * Entry.byteCount)
        let count = try handle.file.read(into: &chunk, at: start)
        chunk.removeLast(chunk.count - count)
        chunkStart = start
        given = 0
        return count > 0
    }
}

extension File {
    /// Fills an array from the file.
    ///
    /// Returns how many bytes were read, fewer than it has only at the end of the file.
    func read(into bytes: inout [UInt8], at position: FilePosition) throws(IOError) -> Int {
        var elements = bytes.mutableSpan
        var span = MutableRawSpan(_elements: &elements)
        return try read(into: &span, at: position.rawValue)
    }
}
