extension RecordBatchBuilder {
    /// The batch, with its CRC; the builder is empty then.
    ///
    /// - Throws: What ``finish(with:appendingTo:)`` throws.
    public mutating func finish(with compressor: inout Compressor) throws(RecordBatchError) -> [UInt8] {
        var batch: [UInt8] = []
        try finish(with: &compressor, appendingTo: &batch)
        return batch
    }

    /// Writes the batch, with its CRC, behind what is in `output`; the builder is empty then.
    ///
    /// Where `output` has the capacity, nothing is allocated.
    ///
    /// Without records the batch is one that compaction has emptied: a header that keeps the offsets and the producer's
    /// last sequence number.
    ///
    /// - Throws: What ``Compressor/compress(_:codec:level:)`` throws; `invalidHeader` if the base offset is negative or
    ///   the last one too large; `batchTooLarge`. The builder and `output` are then as they were.
    public mutating func finish(
        with compressor: inout Compressor,
        appendingTo output: inout [UInt8]
    ) throws(RecordBatchError) {
        try encode(with: &compressor, appendingTo: &output)
        removeAll()
    }

    private func encode(
        with compressor: inout Compressor,
        appendingTo output: inout [UInt8]
    ) throws(RecordBatchError) {
        let lastOffsetDelta = try finalOffsetDelta()
        try RecordBatchHeader.checkOffsets(baseOffset: baseOffset, lastOffsetDelta: lastOffsetDelta)
        let payload = try compressor.compress(RawSpan(records), codec: codec, level: level)
        guard let batchLength = Int32(exactly: payload.byteCount + Int(RecordBatchHeader.minimumBatchLength)) else {
            throw .batchTooLarge("\(payload.byteCount) bytes of records are too many for one batch")
        }

        let start = output.count
        output.reserveCapacity(start + RecordBatchHeader.byteCount + payload.byteCount)
        output.append(contentsOf: repeatElement(0, count: RecordBatchHeader.byteCount))
        output.append(contentsOf: payload)
        let header = header(batchLength: batchLength, lastOffsetDelta: lastOffsetDelta)
        output.withMutableBytes { bytes in
            header.encode(into: &bytes, at: start)
            RecordBatchPatch.updateCRC(in: &bytes, at: start)
        }
    }

    /// How far the last offset lies above the base offset; 0 for no records at all.
    private func finalOffsetDelta() throws(RecordBatchError) -> Int32 {
        guard let lastOffset else { return max(lastOffsetDelta, 0) }
        let delta = lastOffset.rawValue - baseOffset.rawValue
        precondition(delta >= max(Int64(lastOffsetDelta), 0), "the last offset is below a record's or the base offset")
        guard let delta = Int32(exactly: delta) else {
            throw .batchTooLarge("\(delta) offsets are too many for one batch")
        }
        return delta
    }

    /// The header, but for the CRC.
    private func header(batchLength: Int32, lastOffsetDelta: Int32) -> RecordBatchHeader {
        RecordBatchHeader(
            baseOffset: baseOffset,
            batchLength: batchLength,
            partitionLeaderEpoch: partitionLeaderEpoch,
            crc: 0,
            attributes: RecordBatchAttributes(
                codec: codec,
                timestampType: timestampType,
                isTransactional: isTransactional,
                isControl: isControl,
                hasDeleteHorizon: deleteHorizon != nil
            ),
            lastOffsetDelta: lastOffsetDelta,
            baseTimestamp: firstTimestamp ?? deleteHorizon ?? .none,
            maxTimestamp: maxTimestamp,
            producerID: producerID,
            producerEpoch: producerEpoch,
            baseSequence: baseSequence,
            recordCount: recordCount
        )
    }
}

extension RecordBatchError {
    static func batchTooLarge(_ message: String) -> RecordBatchError {
        RecordBatchError(code: .batchTooLarge, message: message)
    }
}
