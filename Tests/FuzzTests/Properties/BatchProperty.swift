@testable import RecordBatch

/// Whatever the bytes, batches lie one behind the other and records lie within their batch; what can be read can be built
/// again, and no bit that the CRC covers changes unseen.
enum BatchProperty {
    static func check(_ bytes: [UInt8]) throws {
        var batches = RecordBatchIterator(RawSpan(bytes))
        var decompressor = Decompressor(limit: 1 << 20)
        var end = 0
        while true {
            guard let batch = try batches.next() else { break }
            try expect(batch.bytes.byteCount == batch.header.byteCount, "a view is as long as its batch")
            try expect(batches.position == end + batch.header.byteCount, "batches follow one another")
            end = batches.position
            try check(batch.header)
            try checkCRC([UInt8](copying: batch.bytes))
            do {
                let records = try copies(of: batch, &decompressor)
                try checkRebuilt(records, batch.header)
            } catch is RecordBatchError {
                // The other batches can be sound all the same.
            }
        }
        try expect(end + batches.trailingBytes == bytes.count, "what is no batch is left over")
    }

    private static func check(_ header: RecordBatchHeader) throws {
        try expect(header.byteCount >= RecordBatchHeader.byteCount, "a batch is no shorter than its header")
        try expect(
            0 <= header.baseOffset.rawValue && header.baseOffset <= header.lastOffset
                && header.lastOffset < header.nextOffset,
            "offsets rise from 0: \(header)"
        )
    }

    private static func checkCRC(_ batch: [UInt8]) throws {
        var batch = withValidCRCs(batch)
        do {
            try RecordBatchView(RawSpan(batch)).validateCRC()
        } catch {
            throw Violation("a CRC is not the one that was computed: \(error)")
        }
        let covered = RecordBatchHeader.checksumStart..<batch.count
        // Some bit, always the same one for the same batch.
        let bit = batch.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xffff_ffff } % (covered.count * 8)
        batch[covered.lowerBound + bit / 8] ^= 1 << UInt8(bit % 8)
        let isSeen: Bool
        do {
            try RecordBatchView(RawSpan(batch)).validateCRC()
            isSeen = false
        } catch {
            isSeen = true
        }
        try expect(isSeen, "bit \(bit) of what the CRC covers changes unseen")
    }

    private static func copies(
        of batch: borrowing RecordBatchView,
        _ decompressor: inout Decompressor
    ) throws -> [Record] {
        let header = batch.header
        var records = try batch.records(using: &decompressor)
        var copies: [Record] = []
        while true {
            guard let record = try records.next() else { break }
            try expect(
                header.baseOffset <= record.offset && record.offset <= header.lastOffset,
                "a record's offset is one of its batch's"
            )
            let copy = Record(record)
            try expect(copy.headers.count == Int(record.headerCount), "as many headers are read as are counted")
            if header.timestampType == .logAppendTime {
                try expect(copy.timestamp == header.maxTimestamp, "all records have the time of the append")
            }
            copies.append(copy)
        }
        try expect(copies.count == Int(header.recordCount), "as many records are read as are counted")
        return copies
    }

    /// - Parameter records: All records of the batch.
    private static func checkRebuilt(_ records: [Record], _ header: RecordBatchHeader) throws {
        guard !records.isEmpty, zip(records, records.dropFirst()).allSatisfy({ $0.offset < $1.offset }) else { return }
        var builder = RecordBatchBuilder(
            codec: header.codec ?? .none,
            timestampType: header.timestampType,
            baseOffset: header.baseOffset
        )
        builder.lastOffset = header.lastOffset
        do {
            for record in records {
                try builder.append(
                    key: record.key,
                    value: record.value,
                    timestamp: record.timestamp,
                    headers: record.headers,
                    offset: record.offset
                )
            }
            var compressor = Compressor()
            let batch = try builder.finish(with: &compressor)
            var decompressor = Decompressor(limit: 1 << 22)
            let view = try RecordBatchView(RawSpan(batch))
            try view.validateCRC()
            try expect(view.header.lastOffset == header.lastOffset, "a batch spans the offsets that it is told to")
            let again = try copies(of: view, &decompressor)
            try expect(again == records, "records can be built again: \(records), not \(again)")
        } catch let error as RecordBatchError {
            throw Violation("\(records) were read, but cannot be built and read again: \(error)")
        }
    }
}

/// The bytes, with the CRC set right of each batch that they begin with: a fuzzer does not guess one.
func withValidCRCs(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    var position = 0
    while position < bytes.count,
        let header = try? RecordBatchHeader(parsing: RawSpan(bytes).extracting(droppingFirst: position)),
        position + header.byteCount <= bytes.count
    {
        bytes.withMutableBytes { RecordBatchPatch.updateCRC(in: &$0, at: position) }
        position += header.byteCount
    }
    return bytes
}
