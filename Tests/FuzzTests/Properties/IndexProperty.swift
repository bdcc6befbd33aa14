@testable import CommitLog
import Glibc
import LinuxIO
import Logging
import RecordBatch
import SystemPackage
import TestSupport

/// Whatever an index file holds, a search in it ends.
///
/// It gives what a search through all of it gives if it is in order. A log with wrong offset indexes finds every record all the same; with wrong time indexes it gives no record that it does
/// not have.
final class IndexProperty: Sendable {
    /// A record of the log, and the offset of its batch.
    private struct Known {
        var offset: Offset
        var timestamp: Timestamp
        var batch: Offset
    }

    private let directory: LogDirectory
    private let log: PartitionLog
    private let records: [Known]
    private let file: FilePath

    /// Makes the log, the same one each time.
    init(in root: FilePath) async throws {
        var configuration = LogDirectory.Configuration()
        configuration.defaults.segmentBytes = 3000
        configuration.defaults.indexIntervalBytes = 300
        var logger = Logger(label: "fuzz")
        logger.logLevel = .critical
        // Of this process alone: libFuzzer starts others when it merges a corpus.
        let root = root.appending("indexes-\(getpid())")
        try FileSystem.createDirectory(root)
        directory = try await LogDirectory.open(
            root.appending("logs"),
            configuration: configuration,
            logger: logger
        )
        log = try directory.createLog(TopicPartition(topic: "t", partition: 0))
        var random = SplitMix64(seed: 1)
        var records: [Known] = []
        for batch in 0..<60 {
            let times = (0..<Int64.random(in: 1...4, using: &random)).map {
                Timestamp(1_700_000_000_000 + Int64(batch) * 10 + $0 + Int64.random(in: 0...15, using: &random))
            }
            let appended = try log.append(
                records: times.map {
                    Record(offset: Offset(0), timestamp: $0, key: nil, value: [UInt8](repeating: 9, count: 40))
                }
            )
            for (index, time) in times.enumerated() {
                let offset = appended.baseOffset + index
                records.append(Known(offset: offset, timestamp: time, batch: appended.baseOffset))
            }
        }
        try await log.flush()
        self.records = records
        let searched = root.appending("searched")
        try FileSystem.createDirectory(searched)
        file = searched.appending(Self.searched.description)
    }

    func close() async throws { try await directory.close() }

    /// One input at a time.
    func check(_ input: [UInt8]) async throws {
        var input = FuzzInput(input)
        let choice = Int(input.byte())
        let target = Int(input.word())
        let entryCount = Int(input.byte())
        let offsetBytes = input.bytes(entryCount * OffsetIndexEntry.byteCount)
        let timeBytes = Array(input.rest)
        let target64 = Int64(target) << Int64(choice % 48)
        try await checkSearch(offsetBytes, OffsetIndexEntry.self, target64) { Int64($0.relativeOffset) }
        try await checkSearch(timeBytes, TimeIndexEntry.self, target64) { $0.timestamp.rawValue }

        let offsets = entries(offsetBytes, OffsetIndexEntry.self)
        let times = entries(timeBytes, TimeIndexEntry.self)
        try checkPrefix(offsets, times, end: FilePosition(Int64(target)))
        let segments = log.segments
        let segment = segments[choice % (segments.count - 1)]
        try segment.offsetIndex.replace(with: offsets)
        try segment.timeIndex.replace(with: times)
        try await checkLookups(records[target % records.count])
    }

    private func entries<Entry: IndexEntry>(_ bytes: [UInt8], _ type: Entry.Type) -> [Entry] {
        let entries = IndexEntries<Entry>(bytes.rawSpan)
        return (0..<entries.count).compactMap { try? entries.entry($0) }
    }

    private static let searched = SegmentFileName(baseOffset: Offset(0), kind: .index)

    /// Searches a file with these bytes, however many: the end may be half an entry.
    private func checkSearch<Entry: IndexEntry>(
        _ bytes: [UInt8],
        _ type: Entry.Type,
        _ target: Int64,
        by key: @escaping @Sendable (Entry) -> Int64
    ) async throws {
        do {
            let file = try File.open(self.file, .readWrite, create: .ifMissing)
            try file.truncate(to: 0)
            try file.write(bytes.rawSpan, at: 0)
            // Under its own name, so that it can be opened again: the cache closes what is not used for a while.
            let cached = CachedFile(
                Self.searched,
                in: self.file.removingLastComponent(),
                cache: log.services.cache,
                handle: FileHandle(file)
            )
            let index = SegmentIndex<Entry>(cached, persisted: nil)
            let known = entries(bytes, type)
            try expect(try index.all() == known, "all whole entries are read")
            let found = try await index.floor(of: target, by: key, reader: log.services.reader)
            try expect(found.map(known.contains) ?? true, "what is found is in the file")
            let keys = known.map(key)
            if keys.first.map({ $0 >= 0 }) ?? true, zip(keys, keys.dropFirst()).allSatisfy(<) {
                let expected = known.last { key($0) <= target }
                try expect(
                    found == expected,
                    "the last entry at or below \(target) is found: \(String(describing: expected))"
                )
            }
            try expect(try index.last() == known.last, "the last entry is known")
        } catch let error as IOError {
            throw Violation("a search failed: \(error)")
        }
    }

    private func checkPrefix(_ offsets: [OffsetIndexEntry], _ times: [TimeIndexEntry], end: FilePosition) throws {
        let kept = IndexPrefix(offsets: offsets, times: times, below: end)
        try expect(offsets.starts(with: kept.offsets) && times.starts(with: kept.times), "a prefix is kept")
        try expect(
            zip(kept.offsets, kept.offsets.dropFirst()).allSatisfy {
                $0.relativeOffset < $1.relativeOffset && $0.position < $1.position
            },
            "kept entries rise in offset and position"
        )
        try expect(
            kept.offsets.allSatisfy { $0.relativeOffset >= 0 && $0.position > 0 && Int64($0.position) < end.rawValue },
            "kept entries lie within the log"
        )
        try expect(!kept.times.contains(where: \.isZero), "zeros are no entry")
        try expect(
            zip(kept.times, kept.times.dropFirst()).allSatisfy { $0.timestamp < $1.timestamp },
            "kept entries rise in time"
        )
    }

    private func checkLookups(_ record: Known) async throws {
        do {
            let slice = try await log.slice(from: record.offset, maxBytes: 0)
            try expect(slice.baseOffset == record.batch, "offset \(record.offset) is found in its batch")
        } catch let error as LogError {
            throw Violation("offset \(record.offset) is not found: \(error)")
        }
        if let found = try await log.offset(for: .timestamp(record.timestamp)) {
            try expect(
                records.contains { $0.offset == found.offset && $0.timestamp == found.timestamp },
                "\(found) is a record of the log"
            )
            try expect(found.timestamp >= record.timestamp, "\(found) is no earlier than \(record.timestamp)")
        }
    }
}
