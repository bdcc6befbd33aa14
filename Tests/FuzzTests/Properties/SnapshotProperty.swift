import CommitLog
@testable import RecordBatch

/// Producer snapshots and transaction indexes are refused, or are written again byte for byte.
enum SnapshotProperty {
    static func check(_ input: [UInt8]) throws {
        var input = FuzzInput(input)
        let choice = input.byte()
        var bytes = Array(input.rest)
        switch choice % 3 {
        case 0:
            try checkSnapshot(bytes)
        case 1:
            // A fuzzer does not guess the checksum, which lies behind the version and covers all that follows.
            guard bytes.count >= 6 else { return }
            let checksum = CRC32C.checksum(of: RawSpan(bytes).extracting(droppingFirst: 6))
            bytes.withMutableBytes { $0.setInteger(checksum, at: 2) }
            try checkSnapshot(bytes)
        default:
            try checkTransactions(bytes)
        }
    }

    private static func checkSnapshot(_ bytes: [UInt8]) throws {
        let snapshot = try ProducerSnapshot(parsing: RawSpan(bytes))
        try expect(snapshot.encoded() == bytes, "there is one way to write a snapshot: \(snapshot)")
        for entry in snapshot.entries {
            try expect(entry.firstSequence.rawValue >= -1, "a sequence number is none, or at least 0: \(entry)")
            try expect(entry.lastSequence != .none || entry.firstSequence == .none, "no last, no first: \(entry)")
        }
    }

    private static func checkTransactions(_ bytes: [UInt8]) throws {
        let entries = IndexEntries<AbortedTransaction>(RawSpan(bytes))
        try expect(
            entries.count * AbortedTransaction.byteCount + entries.trailingByteCount == bytes.count,
            "what is no whole entry is left over"
        )
        for index in 0..<entries.count {
            let entry = try entries.entry(index)
            try expect(entry.firstOffset <= entry.lastOffset, "a transaction's offsets rise: \(entry)")
            var written: [UInt8] = []
            entry.append(to: &written)
            let start = index * AbortedTransaction.byteCount
            try expect(
                written == Array(bytes[start..<start + AbortedTransaction.byteCount]),
                "an entry is written as it was read: \(entry)"
            )
        }
        let count = try entries.countBeforeZeros()
        for index in 0..<count { try expect(try !entries.entry(index).isZero, "zeros are no entry") }
    }
}
