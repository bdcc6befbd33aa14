import CommitLog
import Foundation
import SystemPackage

/// The files of a segment that is large and takes little space: each batch ends with a record whose value is zeros, for
/// which the file has a hole.
///
/// Batches and indexes are real: CRCs are right, and the indexes hold what the engine would enter.
struct SparseSegment {
    let baseOffset: Int64
    private(set) var nextOffset: Int64
    /// The start of each batch, up to its zeros.
    private var starts: [[UInt8]] = []
    private var offsetIndex: [UInt8] = []
    private var timeIndex: [UInt8] = []
    private let batchBytes: Int

    /// The largest timestamp.
    let lastTimestamp: Int64
    /// How many records a batch has.
    static let recordsPerBatch: Int64 = 64

    /// - Parameters:
    ///   - timestamp: that of the first record; each of the others has one that is higher by 1.
    init(baseOffset: Int64, batches: Int, of batchBytes: Int, from timestamp: Int64) throws {
        self.baseOffset = baseOffset
        self.batchBytes = batchBytes
        nextOffset = baseOffset
        var builder = RecordBatchBuilder(partitionLeaderEpoch: LeaderEpoch(0))
        var compressor = Compressor()
        var largest = timestamp
        for batch in 0..<batches {
            builder.baseOffset = Offset(nextOffset)
            for _ in 0..<(Self.recordsPerBatch - 1) {
                let value = Array("record \(nextOffset)".utf8)
                try builder.append(key: nil, value: value, timestamp: Timestamp(timestamp + nextOffset - baseOffset))
                nextOffset += 1
            }
            largest = timestamp + nextOffset - baseOffset
            try BatchLoad.fill(&builder, to: batchBytes, at: Timestamp(largest))
            nextOffset += 1
            let bytes = try builder.finish(with: &compressor)
            starts.append(Array(bytes[...(bytes.lastIndex { $0 != 0 } ?? 0)]))
            // The engine enters a batch if more than 4 KiB went before it since the last entry.
            guard batch > 0 else { continue }
            let lastOffset = Int32(nextOffset - 1 - baseOffset)
            offsetIndex.append(bigEndian: lastOffset)
            offsetIndex.append(bigEndian: Int32(batch * batchBytes))
            timeIndex.append(bigEndian: largest)
            timeIndex.append(bigEndian: lastOffset)
        }
        if batches == 1 {
            // The entry that closes a time index which lacks the largest timestamp.
            timeIndex.append(bigEndian: largest)
            timeIndex.append(bigEndian: Int32(nextOffset - 1 - baseOffset))
        }
        lastTimestamp = largest
    }

    /// Writes the three files into a partition's directory.
    func write(to directory: FilePath) throws {
        let digits = "\(baseOffset)"
        let name = directory.string + "/" + String(repeating: "0", count: 20 - digits.count) + digits
        try Data(offsetIndex).write(to: URL(filePath: name + ".index"))
        try Data(timeIndex).write(to: URL(filePath: name + ".timeindex"))
        let log = try FileDescriptor.open(
            FilePath(name + ".log"),
            .writeOnly,
            options: [.create, .exclusiveCreate],
            permissions: [.ownerReadWrite, .groupRead, .otherRead]
        )
        try log.closeAfter {
            for (batch, start) in starts.enumerated() {
                try log.writeAll(toAbsoluteOffset: Int64(batch * batchBytes), start)
            }
            try log.resize(to: Int64(starts.count * batchBytes))
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(bigEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }
}

/// Log directories with sparse segments, as Kafka would have closed them.
enum SparseDirectory {
    /// The log that ``makeLarge`` makes.
    static let large = "large"
    /// The logs that ``makeMany`` makes, `many-0` and so on.
    static let many = "many"

    /// One log of some segments, of nearly a GiB each.
    ///
    /// Returns the segments.
    static func makeLarge(_ path: FilePath, segments: Int, batchesPerSegment: Int) throws -> [SparseSegment] {
        let directory = path.appending("\(large)-0")
        try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
        var made: [SparseSegment] = []
        for _ in 0..<segments {
            let last = made.last
            let segment = try SparseSegment(
                baseOffset: last?.nextOffset ?? 0,
                batches: batchesPerSegment,
                of: 64 << 10,
                from: last.map { $0.lastTimestamp + 1 } ?? 1_700_000_000_000
            )
            try segment.write(to: directory)
            made.append(segment)
        }
        try markClean(path)
        return made
    }

    /// Many logs of one segment each.
    static func makeMany(_ path: FilePath, logs: Int, batches: Int, of batchBytes: Int) throws {
        let segment = try SparseSegment(baseOffset: 0, batches: batches, of: batchBytes, from: 1_700_000_000_000)
        for log in 0..<logs {
            let directory = path.appending("\(many)-\(log)")
            try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
            try segment.write(to: directory)
            try Data("version: 0\ntopic_id: DOcyoNZpQuGEOUlOL3YJDA".utf8)
                .write(to: URL(filePath: directory.appending("partition.metadata").string))
        }
        try markClean(path)
    }

    private static func markClean(_ path: FilePath) throws {
        try Data(#"{"version":0,"brokerEpoch":-1}"#.utf8)
            .write(to: URL(filePath: path.appending(".kafka_cleanshutdown").string))
    }
}
