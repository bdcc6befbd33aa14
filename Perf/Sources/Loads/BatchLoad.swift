package import CommitLog
package import Limits

/// Batches of one size, one behind the other: what is appended by a call, or read.
package struct BatchLoad: Sendable {
    /// All batches.
    package var bytes: [UInt8]
    /// The size of each.
    package let batchBytes: Int
    package let recordsPerBatch: Int

    package var batchCount: Int { bytes.count / batchBytes }
    package var recordCount: Int { batchCount * recordsPerBatch }

    /// - Parameters:
    ///   - batchBytes: the size of each batch, to which its last record is filled up.
    ///   - recordBytes: the size of its records, at most 127.
    package init(batches: Int, of batchBytes: Int, recordBytes: Int) throws {
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
    /// - Parameters:
    ///   - timestamp: its timestamp.
    ///   - delta: how far that lies above the timestamp of the batch's first record.
    /// - Returns: how many zeros the batch ends with.
    @discardableResult
    package static func fill(
        _ builder: inout RecordBatchBuilder,
        to batchBytes: Int,
        at timestamp: Timestamp,
        delta: Int = 0
    ) throws -> Int {
        let room = batchBytes - builder.estimatedByteCount
        let fixed = 3 + varintBytes(delta) + varintBytes(Int(builder.recordCount))  // attributes, no key, no headers
        func recordBytes(_ value: Int) -> Int {
            let body = fixed + varintBytes(value) + value
            return varintBytes(body) + body
        }
        guard let value = (max(0, room - 20)...room).first(where: { recordBytes($0) == room }) else {
            preconditionFailure("No record fills a batch up by \(room) bytes")
        }
        try builder.append(key: nil, value: [UInt8](repeating: 0, count: value), timestamp: timestamp)
        return value + 1
    }

    /// How many bytes a varint takes that is not negative.
    private static func varintBytes(_ value: Int) -> Int {
        max(1, (Int.bitWidth - (value << 1).leadingZeroBitCount + 6) / 7)
    }

    /// A value that makes a record of so many bytes, its length included.
    private static func value(_ recordBytes: Int) -> [UInt8] {
        // Length 1 or 2, attributes 1, timestamp 1, offset 1 or 2, key 1, value length 1 or 2, headers 1.
        [UInt8](repeating: UInt8(ascii: "v"), count: recordBytes - (recordBytes > 64 ? 10 : 7))
    }

    /// Hands the batches to a limit.
    package func withLimitBatches<Result>(_ body: (limit_batches) -> Result) -> Result {
        bytes.withUnsafeBufferPointer {
            body(limit_batches(bytes: $0.baseAddress, batch_bytes: batchBytes, batch_count: batchCount))
        }
    }
}
