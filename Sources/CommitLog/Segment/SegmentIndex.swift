import LinuxIO
import RecordBatch
import Synchronization
import SystemPackage

/// One of a segment's two sparse indexes: sorted entries of fixed width, the newest in memory, the rest in the file.
///
/// Not mapped: a page fault under a lock, and the kernel's limit on maps, are what Kafka's mapped indexes suffer from. The
/// tail in memory is written out by housekeeping, so that an append makes no call for its index entry.
///
/// An index is derived data. Whoever uses an entry checks it against the log; the file carries no checksum, as in Kafka.
///
/// Thread-safe. The lock is held for memory accesses only, except once, when the number of entries of an existing file is
/// looked up. Calls of ``flush()``, ``settle()``, ``rewrite(with:)`` and ``replace(with:)`` must not overlap; a log's housekeeping sees to it.
final class SegmentIndex<Entry: IndexEntry>: Sendable {
    let file: CachedFile
    private let state: Lock<State>

    private struct State {
        /// How many entries the file holds; `nil` until somebody asks.
        var persisted: Int?
        /// The entries after those.
        var tail: [Entry] = []
        /// The last entry of the file, once it was read.
        var lastPersisted: Entry?
    }

    /// How many entries a page holds, the unit in which the file is read.
    private static var pageEntries: Int { 4096 / Entry.byteCount }

    /// - Parameter persisted: how many entries the file holds; `nil` if that is yet to be read from its size.
    init(_ file: CachedFile, persisted: Int?) {
        self.file = file
        state = Lock(State(persisted: persisted))
    }

    // MARK: Writing

    /// Adds an entry in memory.
    ///
    /// Returns how many are waiting for ``flush()``.
    func append(_ entry: Entry) -> Int {
        state.withLock { state in
            state.tail.append(entry)
            return state.tail.count
        }
    }

    /// How many entries there are.
    func count() throws(IOError) -> Int {
        try state.withLock { (state) throws(IOError) in
            try persisted(&state) + state.tail.count
        }
    }

    /// The size of the file, which may end in half an entry; 0 if there is none.
    func fileBytes() throws(IOError) -> Int { Int(try FileSystem.status(file.path)?.size ?? 0) }

    /// Writes out what is in memory.
    ///
    /// After a failure it is still there, and the call can be repeated.
    ///
    /// - Parameter create: whether to make the file even if there is nothing to write.
    func flush(create: Bool = false) throws(IOError) {
        let (position, entries) = try state.withLock { (state) throws(IOError) in
            (try persisted(&state) * Entry.byteCount, state.tail)
        }
        if !entries.isEmpty || create {
            let handle = try file.openForWriting(create: .ifMissing)
            defer { file.endWriting() }
            try handle.file.write(Self.encode(entries), at: Int64(position))
        }
        state.withLock { state in
            state.tail.removeFirst(entries.count)
            state.persisted = position / Entry.byteCount + entries.count
            state.lastPersisted = entries.last ?? state.lastPersisted
        }
    }

    /// Writes out what is in memory and makes the file durable, empty if there are no entries.
    func settle() throws(IOError) {
        try flush(create: try count() == 0)
        try file.synchronize()
    }

    /// Makes `entries`, which begin with those that the file holds, the whole contents, and writes every byte of them, durably.
    ///
    /// Those that are in the file already too: pages that count as clean may not be on the disk. They stay as they are
    /// meanwhile, whatever crashes.
    func rewrite(with entries: [Entry]) throws(IOError) {
        let bytes = Self.encode(entries)
        do {
            let handle = try file.openForWriting(create: .ifMissing)
            defer { file.endWriting() }
            try handle.file.write(bytes, at: 0)
            try handle.file.truncate(to: Int64(bytes.count))
        }
        try file.synchronize()
        state.withLock { $0 = State(persisted: entries.count, lastPersisted: entries.last) }
    }

    /// Makes `entries` the whole contents, in a new file that takes the old one's place; a reader of the old one is not
    /// disturbed.
    func replace(with entries: [Entry]) throws(IOError) {
        try FileSystem.replaceFile(file.path, contents: Self.encode(entries))
        file.replaced()
        state.withLock { $0 = State(persisted: entries.count, lastPersisted: entries.last) }
    }

    static func encode(_ entries: [Entry]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(entries.count * Entry.byteCount)
        for entry in entries { entry.append(to: &bytes) }
        return bytes
    }

    // MARK: Reading

    /// The last entry, or `nil` if there is none.
    ///
    /// Reads from the file at most once.
    func last() throws(IOError) -> Entry? {
        try state.withLock { (state) throws(IOError) -> Entry? in
            if let entry = state.tail.last ?? state.lastPersisted { return entry }
            let count = try persisted(&state)
            guard count > 0 else { return nil }
            state.lastPersisted = try readEntries((count - 1)..<count).first
            return state.lastPersisted
        }
    }

    /// The last entry, read without making the thread wait for a disk.
    func last(_ reader: ResidentReader) async throws(IOError) -> Entry? {
        let (count, known) = try state.withLock { (state) throws(IOError) in
            (try persisted(&state), state.tail.last ?? state.lastPersisted)
        }
        if let known { return known }
        guard count > 0 else { return nil }
        let page = (count - 1) / Self.pageEntries
        let entry = try await readPage(page, of: count, from: file.open(), by: reader).last
        state.withLock { if $0.persisted == count { $0.lastPersisted = entry } }
        return entry
    }

    /// Every entry, the file's and those in memory, read with waiting.
    ///
    /// For recovery and checks.
    func all() throws(IOError) -> [Entry] {
        let (count, tail) = try state.withLock { (state) throws(IOError) in
            (try persisted(&state), state.tail)
        }
        return try readEntries(0..<count) + tail
    }

    /// The last entry whose key is not above `key`.
    ///
    /// - Parameters:
    ///   - key: what the entries are sorted by, taken from an entry.
    ///   - reader: reads pages of the file without making the caller's thread wait for a disk.
    func floor(
        of target: Int64,
        by key: @Sendable (Entry) -> Int64,
        reader: ResidentReader
    ) async throws(IOError) -> Entry? {
        let (count, inTail) = try state.withLock { (state) throws(IOError) -> (Int, Entry?) in
            let index = state.tail.partitioningIndex { key($0) > target }
            return (try persisted(&state), index > 0 ? state.tail[index - 1] : nil)
        }
        if let inTail { return inTail }
        guard count > 0, let last = try await last(reader) else { return nil }
        let handle = try file.open()
        let pageEntries = Self.pageEntries
        let pageCount = (count + pageEntries - 1) / pageEntries
        var search = IndexSearch(target: target, pageCount: pageCount, keys: 0...max(0, key(last)))
        while true {
            switch search.next() {
            case .none:
                return nil
            case .lastEntry(ofPage: let page):
                return try await readPage(page, of: count, from: handle, by: reader).last
            case .look(let page):
                let entries = try await readPage(page, of: count, from: handle, by: reader)
                guard let first = entries.first, let last = entries.last else { return nil }
                if search.narrow(page: page, first: key(first), last: key(last)) == .found {
                    return entries.last(where: { key($0) <= target })
                }
            }
        }
    }

    /// A page of the file; of its entries only those are decoded that somebody looks at.
    private struct Page {
        private let buffer: IOBuffer
        private let count: Int

        init(_ buffer: IOBuffer, count: Int) {
            self.buffer = buffer
            self.count = count
        }

        var first: Entry? { count > 0 ? self[0] : nil }
        var last: Entry? { count > 0 ? self[count - 1] : nil }

        /// `nil` for bytes that cannot be an entry: an index is derived data, and worth no failure.
        private subscript(index: Int) -> Entry? {
            buffer.withBytes { try? Entry(decoding: $0, at: index * Entry.byteCount) }
        }

        /// The last one for which `holds`, which it does for those before it too.
        func last(where holds: (Entry) -> Bool) -> Entry? {
            var (low, high) = (0, count)
            while low < high {
                let middle = (low + high) / 2
                if self[middle].map(holds) == true { low = middle + 1 } else { high = middle }
            }
            return low > 0 ? self[low - 1] : nil
        }
    }

    private func readPage(
        _ page: Int,
        of count: Int,
        from handle: FileHandle,
        by reader: ResidentReader
    ) async throws(IOError) -> Page {
        let first = page * Self.pageEntries
        let bytes = min(Self.pageEntries, count - first) * Entry.byteCount
        let buffer = IOBuffer(count: bytes)
        let position = FilePosition(Int64(first * Entry.byteCount))
        let read = try await reader.read(handle, into: buffer, count: bytes, at: position)
        return Page(buffer, count: read / Entry.byteCount)
    }

    private func readEntries(_ range: Range<Int>) throws(IOError) -> [Entry] {
        guard !range.isEmpty else { return [] }
        let bytes = range.count * Entry.byteCount
        let buffer = IOBuffer(count: bytes)
        let read = try buffer.fill(
            from: file.open().file,
            count: bytes,
            at: Int64(range.lowerBound * Entry.byteCount)
        )
        return Self.decode(buffer, count: read / Entry.byteCount)
    }

    /// What cannot be an entry ends the entries: an index is derived data, and worth no failure.
    private static func decode(_ buffer: IOBuffer, count: Int) -> [Entry] {
        buffer.withBytes { bytes in
            var entries: [Entry] = []
            entries.reserveCapacity(count)
            for index in 0..<count {
                guard let entry = try? Entry(decoding: bytes, at: index * Entry.byteCount) else { break }
                entries.append(entry)
            }
            return entries
        }
    }

    /// How many entries the file holds.
    ///
    /// A missing file holds none.
    private func persisted(_ state: inout sending State) throws(IOError) -> Int {
        if let persisted = state.persisted { return persisted }
        do {
            let count = Int(try file.open().file.status().size) / Entry.byteCount
            state.persisted = count
            return count
        } catch  where error.isNotFound {
            state.persisted = 0
            return 0
        }
    }
}

extension Array {
    /// The index of the first element for which `belongsInSecond` holds, in an array in which it holds for a suffix.
    func partitioningIndex(where belongsInSecond: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if belongsInSecond(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
