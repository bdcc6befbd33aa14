import CommitLog
import Foundation
package import SystemPackage

/// The files of a segment that is large and takes little space: each batch ends with a record whose value is zeros, for
/// which the file has a hole.
///
/// Batches and indexes are real: CRCs are right, and the indexes hold what the engine would enter.
package struct SparseSegment {
    package let baseOffset: Int64
    package private(set) var nextOffset: Int64
    /// The start of each batch, up to its zeros.
    private var starts: [[UInt8]] = []
    private var offsetIndex: [UInt8] = []
    private var timeIndex: [UInt8] = []
    private let batchBytes: Int

    /// The timestamp of offset 0.
    ///
    /// From offset to offset it rises by 1.
    package static let firstTimestamp: Int64 = 1_700_000_000_000
    /// How many records a batch has.
    package static let recordsPerBatch: Int64 = 64

    package init(baseOffset: Int64, batches: Int, of batchBytes: Int) throws {
        self.baseOffset = baseOffset
        self.batchBytes = batchBytes
        nextOffset = baseOffset
        var builder = RecordBatchBuilder(partitionLeaderEpoch: LeaderEpoch(0))
        var compressor = Compressor()
        for batch in 0..<batches {
            builder.baseOffset = Offset(nextOffset)
            for _ in 0..<(Self.recordsPerBatch - 1) {
                let value = Array("record \(nextOffset)".utf8)
                try builder.append(key: nil, value: value, timestamp: Timestamp(Self.firstTimestamp + nextOffset))
                nextOffset += 1
            }
            let largest = Self.firstTimestamp + nextOffset
            let zeros = try BatchLoad.fill(
                &builder,
                to: batchBytes,
                at: Timestamp(largest),
                delta: Int(Self.recordsPerBatch - 1)
            )
            nextOffset += 1
            let bytes = try builder.finish(with: &compressor)
            starts.append(Array(bytes.dropLast(zeros)))
            let lastOffset = Int32(nextOffset - 1 - baseOffset)
            // The engine enters a batch if more than 4 KiB went before it since the last entry.
            if batch > 0 {
                offsetIndex.append(bigEndian: lastOffset)
                offsetIndex.append(bigEndian: Int32(batch * batchBytes))
            }
            // The largest timestamp is entered with the batch's offset, or, at the end, to close the index.
            guard batch > 0 || batches == 1 else { continue }
            timeIndex.append(bigEndian: largest)
            timeIndex.append(bigEndian: lastOffset)
        }
    }

    /// Writes the three files into a partition's directory.
    package func write(to directory: FilePath) throws {
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
package enum SparseDirectory {
    /// The log that ``makeLarge`` makes.
    package static let large = "large"
    /// The logs that ``makeMany`` makes, `many-0` and so on.
    package static let many = "many"

    /// How many segments the large log has, of nearly a GiB each.
    package static let largeSegments = 10
    private static let batchesPerSegment = 16_000

    /// The base offsets of the large log's segments.
    package static var largeBaseOffsets: [Int64] {
        (0..<largeSegments).map { Int64($0 * batchesPerSegment) * SparseSegment.recordsPerBatch }
    }

    /// One log of ``largeSegments``.
    package static func makeLarge(_ path: FilePath) throws {
        let directory = path.appending("\(large)-0")
        try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
        var end: Int64 = 0
        for baseOffset in largeBaseOffsets {
            let segment = try SparseSegment(baseOffset: baseOffset, batches: batchesPerSegment, of: 64 << 10)
            try segment.write(to: directory)
            end = segment.nextOffset
        }
        try close(path, ["\(large) 0 \(end)"])
    }

    /// Many logs of one segment each.
    package static func makeMany(_ path: FilePath, logs: Int, batches: Int, of batchBytes: Int) throws {
        let segment = try SparseSegment(baseOffset: 0, batches: batches, of: batchBytes)
        for log in 0..<logs {
            let directory = path.appending("\(many)-\(log)")
            try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
            try segment.write(to: directory)
            try Data("version: 0\ntopic_id: DOcyoNZpQuGEOUlOL3YJDA".utf8)
                .write(to: URL(filePath: directory.appending("partition.metadata").string))
        }
        try close(path, (0..<logs).map { "\(many) \($0) \(segment.nextOffset)" })
    }

    /// Writes what a clean close leaves: without the recovery points, all would be read and written anew.
    private static func close(_ path: FilePath, _ recoveryPoints: [String]) throws {
        try Data((["0", "\(recoveryPoints.count)"] + recoveryPoints + [""]).joined(separator: "\n").utf8)
            .write(to: URL(filePath: path.appending("recovery-point-offset-checkpoint").string))
        try Data(#"{"version":0,"brokerEpoch":-1}"#.utf8)
            .write(to: URL(filePath: path.appending(".kafka_cleanshutdown").string))
    }
}
