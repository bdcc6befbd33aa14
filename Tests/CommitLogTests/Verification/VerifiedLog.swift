import Foundation
import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import CommitLog

/// A small log on disk for a test to damage: three segments of some batches each, which two openings have written.
struct VerifiedLog {
    let root: FilePath
    let directory: FilePath
    /// The base offsets of the segments.
    let segments: [Offset]

    /// Where a batch is.
    struct Batch: Hashable {
        var segment: Offset
        var position: Int
        var header: RecordBatchHeader
    }

    /// Writes the log, and closes the directory.
    static func make(codec: CompressionCodec = .none) async throws -> VerifiedLog {
        let root = TemporaryDirectory.current.appending("logs")
        var configuration = LogConfiguration()
        configuration.segmentBytes = 1500
        configuration.indexIntervalBytes = 0
        for opening in 0..<2 {
            let logs = try await LogDirectory.open(root, configuration)
            let log = try logs.makeLog()
            for number in 0..<6 {
                let time = 1_700_000_000_000 + Int64(opening * 6 + number) * 1000
                _ = try log.append(
                    Batches.batch(count: 3, valueBytes: 100, timestamp: time, codec: codec, tag: number)
                )
            }
            try await logs.close()
        }
        return try VerifiedLog(root: root, directory: root.appending("t-0"))
    }

    /// A log that lies there.
    init(root: FilePath, directory: FilePath) throws {
        self.root = root
        self.directory = directory
        segments = PartitionFiles(names: try FileSystem.list(directory).map(\.name)).segments
    }

    func path(_ segment: Offset, _ kind: SegmentFileName.Kind = .log) -> FilePath {
        directory.appending(SegmentFileName(baseOffset: segment, kind: kind).description)
    }

    /// The batches of a segment.
    func batches(_ segment: Offset) throws -> [Batch] {
        let bytes = try Fixtures.bytes(of: path(segment))
        var batches: [Batch] = []
        var position = 0
        while position < bytes.count {
            let header = try RecordBatchHeader(parsing: bytes.rawSpan.extracting(droppingFirst: position))
            batches.append(Batch(segment: segment, position: position, header: header))
            position += header.byteCount
        }
        return batches
    }

    /// Changes a file, calls `body`, and brings the file back.
    func with<Result>(
        _ path: FilePath,
        changed change: (inout [UInt8]) throws -> Void,
        _ body: () throws -> Result
    ) throws -> Result {
        let before = try Fixtures.bytes(of: path)
        var bytes = before
        try change(&bytes)
        try write(bytes, to: path)
        defer { try? write(before, to: path) }
        return try body()
    }

    func write(_ bytes: [UInt8], to path: FilePath) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path.string))
    }

    /// Everything that a verifier finds.
    func verify(_ path: FilePath? = nil, batchLimit: Int = 1 << 20) throws -> [VerificationFault] {
        var verifier = try LogVerifier(path ?? root, batchLimit: batchLimit)
        return verifier.findAll()
    }
}

extension LogVerifier {
    /// Runs to the end, and returns all faults and notes.
    mutating func findAll() -> [VerificationFault] {
        var found: [VerificationFault] = []
        while let event = next() {
            if case .fault(let fault) = event { found.append(fault) }
        }
        return found
    }
}

extension [VerificationFault] {
    var faults: [VerificationFault] { filter { $0.severity == .fault } }
    var notes: [VerificationFault] { filter { $0.severity == .note } }
    /// What is wrong with one file.
    func of(_ path: FilePath) -> [VerificationFault] { filter { $0.path == path } }
}
