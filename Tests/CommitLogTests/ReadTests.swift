import Glibc
import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import CommitLog

@Suite("Reading", .temporaryDirectory)
struct ReadTests {
    private var root: FilePath { TemporaryDirectory.current.appending("data") }

    /// A log of batches of random sizes and timestamps over many segments, and its records.
    private func filledLog(
        _ random: inout SplitMix64,
        _ directory: LogDirectory,
        batches: Int = 150
    ) async throws -> (PartitionLog, [Record]) {
        let log = try directory.makeLog()
        for tag in 0..<batches {
            let codec = CompressionCodec.allCases[Int.random(in: 0..<5, using: &random)]
            let batch = try Batches.batch(
                count: Int.random(in: 1...6, using: &random),
                valueBytes: Int.random(in: 10...200, using: &random),
                timestamp: 1_700_000_000_000 + Int64.random(in: 0...5000, using: &random) + Int64(tag) * 20,
                codec: codec,
                tag: tag
            )
            _ = try log.append(batch)
        }
        try await log.flush()
        return (log, try await log.readAll())
    }

    @Test("a slice begins with the batch that holds the offset, wherever that lies", arguments: Seed.all)
    func slices(seed: Seed) async throws {
        var random = seed.generator
        let directory = try await LogDirectory.open(root, .small)
        let (log, records) = try await filledLog(&random, directory)
        #expect(records.map(\.offset.rawValue) == Array(0..<log.logEndOffset.rawValue), "\(seed)")
        for record in records {
            let maxBytes = [0, 1, 100, 1000, 1 << 20][Int.random(in: 0..<5, using: &random)]
            let slice = try await log.slice(from: record.offset, maxBytes: maxBytes)
            let bytes = try log.bytes(of: slice)
            let first = try RecordBatchView(bytes.rawSpan)
            #expect(first.header.baseOffset == slice.baseOffset, "\(seed)")
            #expect(first.header.baseOffset <= record.offset && record.offset <= first.header.lastOffset, "\(seed)")
            #expect(slice.byteCount <= max(maxBytes, first.header.byteCount), "\(seed)")
            try first.validateCRC()
        }
        try await directory.close()
    }

    @Test("an offset out of range is refused with both bounds, the end gives an empty slice")
    func bounds() async throws {
        let directory = try await LogDirectory.open(root, .small)
        let log = try directory.makeLog()
        for tag in 0..<100 { _ = try log.append(Batches.batch(valueBytes: 100, tag: tag)) }
        try await log.flush()
        try await log.truncateHead(to: Offset(30))
        for offset in [Offset(-1), Offset(0), Offset(29), Offset(101)] {
            let error = await failure(of: { try await log.slice(from: offset, maxBytes: 100) })
            #expect(error?.code == .offsetOutOfRange)
            #expect(error?.availableOffsets == Offset(30)..<Offset(100))
        }
        #expect(try await log.slice(from: Offset(100), maxBytes: 100).isEmpty)
        #expect(try await !log.slice(from: Offset(30), maxBytes: 100).isEmpty)
        try await directory.close()
    }

    @Test("lookups by timestamp find what a search through all records finds", arguments: Seed.all)
    func timestamps(seed: Seed) async throws {
        var random = seed.generator
        let directory = try await LogDirectory.open(root, .small)
        let (log, records) = try await filledLog(&random, directory)
        let start = Offset(Int64.random(in: 0..<log.logEndOffset.rawValue, using: &random))
        try await log.truncateHead(to: start)
        let present = records.filter { $0.offset >= start }
        let times = records.map(\.timestamp.rawValue)
        let range = (times.min() ?? 0) - 10...(times.max() ?? 0) + 10
        for _ in 0..<100 {
            let target = Timestamp(Int64.random(in: range, using: &random))
            let expected = present.first { $0.timestamp >= target }
            let found = try await log.offset(for: .timestamp(target))
            #expect(found?.offset == expected?.offset && found?.timestamp == expected?.timestamp, "\(seed) \(target)")
        }
        let largest = present.max { $0.timestamp < $1.timestamp }?.timestamp
        let expected = present.first { $0.timestamp == largest }
        let found = try await log.offset(for: .maxTimestamp)
        #expect(found?.offset == expected?.offset && found?.timestamp == largest, "\(seed)")
        #expect(try await log.offset(for: .earliest)?.offset == start)
        #expect(try await log.offset(for: .latest)?.offset == log.highWatermark)
        try await directory.close()
    }

    @Test("an empty log has an earliest and a latest offset, and no record of any time")
    func emptyLog() async throws {
        let directory = try await LogDirectory.open(root)
        let log = try directory.makeLog()
        #expect(try await log.offset(for: .earliest)?.offset == Offset(0))
        #expect(try await log.offset(for: .latest)?.offset == Offset(0))
        #expect(try await log.offset(for: .maxTimestamp) == nil)
        #expect(try await log.offset(for: .timestamp(Timestamp(0))) == nil)
        #expect(try await log.slice(from: Offset(0), maxBytes: 10).isEmpty)
        try await directory.close()
    }

    @Test("the largest timestamp is one that can be read, though one in the same batch was larger", arguments: [1, 3])
    func largestTimestampBelowStart(start: Int) async throws {
        let directory = try await LogDirectory.open(root)
        let log = try directory.makeLog()
        let timestamps: [Int64] = [900, 300, 500, 400]
        let records = timestamps.map {
            Record(offset: Offset(0), timestamp: Timestamp($0), key: nil, value: [1])
        }
        _ = try log.append(records: records, codec: .lz4)
        try await log.flush()
        try await log.truncateHead(to: Offset(Int64(start)))
        let largest = try await log.offset(for: .maxTimestamp)
        #expect(largest?.timestamp.rawValue == timestamps[start...].max())
        #expect(largest?.offset.rawValue == (start == 1 ? 2 : 3))
        try await directory.close()
    }

    @Test("a sequence of records follows the log as it grows, and ends with its task")
    func tail() async throws {
        let directory = try await LogDirectory.open(root, .small)
        let log = try directory.makeLog()
        let reader = Task {
            var values: [[UInt8]?] = []
            for try await record in log.records(from: Offset(0)) {
                values.append(record.value)
                if values.count == 300 { break }
            }
            return values
        }
        for tag in 0..<300 {
            _ = try log.append(Batches.batch(valueBytes: 50, tag: tag))
            if tag % 50 == 0 { await Task.yield() }
        }
        #expect(try await reader.value == (0..<300).map { Batches.value(tag: $0, index: 0, bytes: 50) })

        let waiting = Task {
            var count = 0
            for try await _ in log.records(from: Offset(300)) { count += 1 }
            return count
        }
        waiting.cancel()
        #expect(try await waiting.value == 0)
        try await directory.close()
    }

    @Test(
        "an index that has gone wrong costs time and no records",
        arguments: [(4, 0x80), (7, 0x15)] as [(Int, UInt8)]
    )
    func wrongIndex(byte: Int, bits: UInt8) async throws {
        var random = SplitMix64(seed: 3)
        let directory = try await LogDirectory.open(root, .small)
        let (log, records) = try await filledLog(&random, directory)
        try await directory.close()
        for file in try Fixtures.files(below: root.appending("t-0"), suffix: ".index") {
            var bytes = try Fixtures.bytes(of: file)
            for entry in stride(from: 0, to: bytes.count, by: 8) { bytes[entry + byte] ^= bits }
            try FileSystem.replaceFile(file, contents: bytes)
        }
        let again = try await LogDirectory.open(root, .small)
        let reopened = try again.makeLog()
        for record in records {
            let slice = try await reopened.slice(from: record.offset, maxBytes: 0)
            let bytes = try log.bytes(of: slice)
            let header = try RecordBatchHeader(parsing: bytes.rawSpan)
            #expect(header.baseOffset <= record.offset && record.offset <= header.lastOffset)
        }
        try await again.close()
    }

    @Test("what follows a batch that was given out can be asked for, though its commit has not ended")
    func besideCommit() async throws {
        let directory = try await LogDirectory.open(root)
        let log = try directory.makeLog()
        let gate = Gate()
        let injector = FaultInjector.install(under: root.appending("t-0")) { call in
            if call.name == .fdatasync { gate.waitUntilOpen() }
            return .proceed
        }
        let last = try log.append(Batches.batch(count: 3)).lastOffset
        let segment = try #require(log.segments.first)
        let (isPublished, isAnswered) = (Gate(), Gate())
        let committer = ThreadPool(name: "test-commit", threads: 1)
        committer.begin {
            // As a commit does it: first the position, by which readers go, then the offset.
            log.durableState.withLock { _ in
                _ = segment.publish(durableEnd: segment.writtenEnd)
                isPublished.open()
                // A reader that waits, as it should, gives no sign; one that does not is given the time to fail.
                for _ in 0..<10_000 where !isAnswered.isOpened { sched_yield() }
                log.publish(durable: last + 1)
            }
        }
        isPublished.waitUntilOpen()
        #expect(throws: Never.self) { try log.checkRange(last + 1) }
        isAnswered.open()
        committer.shutdown()
        gate.open()
        injector.remove()
        try await directory.close()
    }
}
