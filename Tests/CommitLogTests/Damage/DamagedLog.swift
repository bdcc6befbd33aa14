import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport

@testable import CommitLog

/// A small log for a test to damage, of which every record is known: several segments, which two openings have written,
/// cut at its head within a batch.
struct DamagedLog {
    let root: FilePath
    var directory: FilePath { root.appending("t-0") }
    let records: [Offset: Record]
    let start: Offset
    let end: Offset

    static var configuration: LogConfiguration {
        var configuration = LogConfiguration()
        configuration.segmentBytes = 420
        configuration.indexIntervalBytes = 0
        return configuration
    }

    /// Writes the log, and closes its directory.
    /// - Parameter batches: how many batches of three records each opening appends.
    static func make(
        codec: CompressionCodec = .none,
        batches: Int = 6,
        in root: FilePath = TemporaryDirectory.current.appending("original")
    ) async throws -> DamagedLog {
        var records: [Record] = []
        for opening in 0..<2 {
            let logs = try await LogDirectory.open(root, configuration)
            let log = try logs.makeLog()
            for tag in (opening * batches)..<((opening + 1) * batches) {
                // Out of order, as producers' clocks are.
                let time = 1_700_000_000_000 + Int64(tag * 7 % 5) * 1000 + Int64(tag) * 400
                _ = try log.append(Batches.batch(count: 3, valueBytes: 12, timestamp: time, codec: codec, tag: tag))
            }
            try await log.flush()
            if opening == 0 { try await log.truncateHead(to: Offset(1)) }
            records = try await log.readAll()
            try await logs.close()
        }
        return DamagedLog(
            root: root,
            records: Dictionary(uniqueKeysWithValues: records.map { ($0.offset, $0) }),
            start: Offset(1),
            end: Offset(Int64(batches) * 6)
        )
    }

    /// The same log in other files.
    func copy(to root: FilePath) throws -> DamagedLog {
        try Fixtures.copy(self.root, to: root)
        return DamagedLog(root: root, records: records, start: start, end: end)
    }

    /// The base offsets of the segments.
    func segments() throws -> [Offset] { PartitionFiles(names: try FileSystem.list(directory).map(\.name)).segments }

    func path(_ segment: Offset, _ kind: SegmentFileName.Kind = .log) -> FilePath {
        directory.appending(SegmentFileName(baseOffset: segment, kind: kind).description)
    }

    /// Where the batches of a segment begin, and the segment's size.
    func boundaries(_ segment: Offset) throws -> [Int] {
        let bytes = try Fixtures.bytes(of: path(segment))
        var positions = [0]
        while let last = positions.last, last < bytes.count {
            positions.append(
                last + (try RecordBatchHeader(parsing: bytes.rawSpan.extracting(droppingFirst: last)).byteCount)
            )
        }
        return positions
    }
}

/// Changes one bit of a file in place, so that whoever has it open sees it.
func flip(_ bit: Int, of path: FilePath) throws {
    let file = try File.open(path, .readWrite)
    var byte: [UInt8] = [0]
    guard try file.read(into: &byte, at: FilePosition(Int64(bit / 8))) == 1 else { return }
    byte[0] ^= 1 << UInt8(bit % 8)
    try file.write(byte.rawSpan, at: Int64(bit / 8))
}

extension DamagedLog {
    /// What readers may say of a damaged log: what was written, or that it is damaged.
    ///
    /// Returns what they got wrong.
    func wrongReads(of log: PartitionLog, from starts: [Offset]) async -> [String] {
        var wrong: [String] = []
        for start in starts {
            var next = start
            do {
                for try await record in log.records(in: start..<log.highWatermark) {
                    if record.offset != next { wrong.append("from \(start): \(record.offset) follows \(next + -1)") }
                    if record != records[record.offset] { wrong.append("from \(start): \(record)") }
                    next = record.offset + 1
                }
                if next < log.highWatermark { wrong.append("from \(start): ends at \(next)") }
            } catch {
                if error.code != .corruptMessage { wrong.append("from \(start): \(error)") }
            }
        }
        return wrong
    }

    /// As ``wrongReads(of:from:)``, for the first batches of slices.
    func wrongSlices(of log: PartitionLog, at offsets: [Offset]) async -> [String] {
        var wrong: [String] = []
        for offset in offsets {
            do {
                let slice = try await log.slice(from: offset, maxBytes: 0)
                let bytes = try slice.readBytes()
                // Whose CRC is wrong is known to be damaged by whoever gets it.
                guard let batch = try? RecordBatchView(bytes.rawSpan), (try? batch.validateCRC()) != nil else {
                    continue
                }
                let header = batch.header
                if slice.baseOffset != header.baseOffset || header.baseOffset.rawValue % 3 != 0
                    || !(header.baseOffset...header.lastOffset).contains(offset)
                {
                    wrong.append("slice at \(offset): offsets \(header.baseOffset) to \(header.lastOffset)")
                }
            } catch {
                if error.code != .corruptMessage { wrong.append("slice at \(offset): \(error)") }
            }
        }
        return wrong
    }

    /// As ``wrongReads(of:from:)``, for lookups by time.
    /// - Parameter isExact: whether the answer has to be the first record; else any that is late enough.
    func wrongLookups(of log: PartitionLog, isExact: Bool) async -> [String] {
        var wrong: [String] = []
        let present = records.values.filter { $0.offset >= start && $0.offset < log.highWatermark }
            .sorted { $0.offset < $1.offset }
        var targets = present.enumerated().filter { $0.offset % 4 == 0 }.map(\.element.timestamp)
        targets.append(present.map(\.timestamp).max() ?? .none)
        for target in targets {
            do {
                let found = try await log.offset(for: .timestamp(target))
                let expected = present.first { $0.timestamp >= target }
                let record = found.flatMap { records[$0.offset] }
                if isExact ? found?.offset != expected?.offset : record.map({ $0.timestamp < target }) == true {
                    wrong.append(
                        "at \(target): \(String(describing: found)) for \(String(describing: expected?.offset))"
                    )
                }
                if let found, found.timestamp != record?.timestamp { wrong.append("at \(target): \(found)") }
            } catch {
                if error.code != .corruptMessage { wrong.append("at \(target): \(error)") }
            }
        }
        do {
            let found = try await log.offset(for: .maxTimestamp)
            let largest = present.map(\.timestamp).max()
            let expected = present.first { $0.timestamp == largest }
            if isExact, found?.offset != expected?.offset {
                wrong.append("largest: \(String(describing: found)) for \(String(describing: expected))")
            }
        } catch {
            if error.code != .corruptMessage { wrong.append("largest: \(error)") }
        }
        return wrong
    }
}
