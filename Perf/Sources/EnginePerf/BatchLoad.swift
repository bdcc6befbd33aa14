import CommitLog
import Limits

/// Batches of one size, one behind the other: what is appended by a call, or read.
struct BatchLoad: Sendable {
    /// All batches.
    var bytes: [UInt8]
    /// The size of each.
    let batchBytes: Int
    let recordsPerBatch: Int

    var batchCount: Int { bytes.count / batchBytes }
    var recordCount: Int { batchCount * recordsPerBatch }

    /// - Parameters:
    ///   - batchBytes: the size of each batch, to which its last record is filled up.
    ///   - recordBytes: the size of its records, at most 127.
    init(batches: Int, of batchBytes: Int, recordBytes: Int) throws {
        var builder = RecordBatchBuilder()
        var compressor = Compressor()
        bytes = []
        bytes.reserveCapacity(batches * batchBytes)
        var recordCount = 0
        for batch in 0..<batches {
            let now = Timestamp.now
            builder.baseOffset = Offset(Int64(batch * recordCount))
            // A record's frame grows with its offset by a byte or two, so the last record makes up for it.
            while batchBytes - builder.estimatedByteCount >= 2 * recordBytes {
                try builder.append(key: nil, value: Self.value(recordBytes), timestamp: now)
            }
            try Self.fill(&builder, to: batchBytes, at: now)
            recordCount = Int(builder.recordCount)
            try builder.finish(with: &compressor, appendingTo: &bytes)
        }
        self.batchBytes = batchBytes
        recordsPerBatch = recordCount
    }

    /// Adds a record whose value is zeros, and which brings the batch to exactly so many bytes.
    ///
    /// Returns how many zeros the batch ends with.
    @discardableResult
    static func fill(_ builder: inout RecordBatchBuilder, to batchBytes: Int, at timestamp: Timestamp) throws -> Int {
        // What the frame takes depends on the offset, the timestamp and the value's own length: a record tells.
        let room = batchBytes - builder.estimatedByteCount
        var value = room
        var size = 0
        while size != room {
            value -= size > 0 ? size - room : 16
            precondition(value >= 0, "No record fills up \(room) bytes")
            var probe = builder
            try probe.append(key: nil, value: [UInt8](repeating: 0, count: value), timestamp: timestamp)
            size = probe.estimatedByteCount - builder.estimatedByteCount
        }
        try builder.append(key: nil, value: [UInt8](repeating: 0, count: value), timestamp: timestamp)
        return value + 1  // and no headers
    }

    /// A value that makes a record of so many bytes, its length included.
    private static func value(_ recordBytes: Int) -> [UInt8] {
        // Length 1 or 2, attributes 1, timestamp 1, offset 1 or 2, key 1, value length 1 or 2, headers 1.
        [UInt8](repeating: UInt8(ascii: "v"), count: recordBytes - (recordBytes > 64 ? 10 : 7))
    }

    /// Hands the batches to a limit.
    func withLimitBatches<Result>(_ body: (limit_batches) -> Result) -> Result {
        bytes.withUnsafeBufferPointer {
            body(limit_batches(bytes: $0.baseAddress, batch_bytes: batchBytes, batch_count: batchCount))
        }
    }
}
