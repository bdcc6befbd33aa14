/// What a broker changes in a batch that a producer sent, in place.
public enum RecordBatchPatch {
    /// Sets the base offset and the leader epoch of a batch.
    ///
    /// Neither is covered by the CRC, which stays as it is.
    ///
    /// - Parameters:
    ///   - baseOffset: Offset of the batch's first record.
    ///   - partitionLeaderEpoch: Epoch of the leader that appends the batch.
    ///   - bytes: At least the header of the batch, at `start`.
    ///   - start: Where the batch begins, in bytes: at most the number of bytes.
    /// - Throws: What ``RecordBatchHeader/init(parsing:)`` throws, with positions in the batch; `invalidHeader` if the
    ///   batch's offsets, from `baseOffset` on, would be negative or pass the largest. Nothing is changed then.
    @_lifetime(bytes: copy bytes)
    public static func assign(
        baseOffset: Offset,
        partitionLeaderEpoch: LeaderEpoch,
        in bytes: inout MutableRawSpan,
        at start: Int = 0
    ) throws(RecordBatchError) {
        let header = try RecordBatchHeader(parsing: bytes.bytes.extracting(droppingFirst: start))
        try RecordBatchHeader.checkOffsets(baseOffset: baseOffset, lastOffsetDelta: header.lastOffsetDelta)
        bytes.setInteger(baseOffset.rawValue, at: start + RecordBatchHeader.Position.baseOffset)
        let epochPosition = start + RecordBatchHeader.Position.partitionLeaderEpoch
        bytes.setInteger(partitionLeaderEpoch.rawValue, at: epochPosition)
    }

    /// Sets the base offsets of batches that follow one another, and their leader epoch.
    ///
    /// - Precondition: `bytes` are whole batches, whose headers ``RecordBatchHeader/init(parsing:)`` has accepted, and the
    ///   offset behind the last one is at most `Int64.max`.
    @_lifetime(bytes: copy bytes)
    package static func assign(
        offsetsFrom first: Offset,
        partitionLeaderEpoch: LeaderEpoch,
        toChecked bytes: inout MutableRawSpan
    ) {
        typealias Position = RecordBatchHeader.Position
        var next = first
        var start = 0
        while start < bytes.byteCount {
            bytes.setInteger(next.rawValue, at: start + Position.baseOffset)
            bytes.setInteger(partitionLeaderEpoch.rawValue, at: start + Position.partitionLeaderEpoch)
            let batch = BatchOutline(ofChecked: bytes.bytes, at: start)
            next = batch.lastOffset + 1
            start += batch.byteCount
        }
    }

    /// Sets the timestamp type and the maximum timestamp of a batch, and its CRC anew.
    ///
    /// With LogAppendTime all records of the batch then have that timestamp, whatever is in them. The CRC that was
    /// there is overwritten unseen: validate it before.
    ///
    /// - Parameters:
    ///   - type: Whose clock the timestamps are from.
    ///   - maxTimestamp: The largest timestamp of the records, or the time of the append.
    ///   - bytes: At least the batch, at `start`.
    ///   - start: Where the batch begins, in bytes: at most the number of bytes.
    /// - Throws: What ``RecordBatchView/init(_:)`` throws, with positions in the batch, before anything is changed.
    /// - Complexity: Reads all of the batch.
    @_lifetime(bytes: copy bytes)
    public static func setTimestamps(
        type: TimestampType,
        maxTimestamp: Timestamp,
        in bytes: inout MutableRawSpan,
        at start: Int = 0
    ) throws(RecordBatchError) {
        var attributes = try RecordBatchView(bytes.bytes.extracting(droppingFirst: start)).header.attributes
        attributes.timestampType = type
        bytes.setInteger(attributes.rawValue, at: start + RecordBatchHeader.Position.attributes)
        bytes.setInteger(maxTimestamp.rawValue, at: start + RecordBatchHeader.Position.maxTimestamp)
        updateCRC(in: &bytes, at: start)
    }

    /// Sets the CRC of the batch at `start`.
    ///
    /// - Precondition: The batch is complete, and its header is valid.
    @_lifetime(bytes: copy bytes)
    static func updateCRC(in bytes: inout MutableRawSpan, at start: Int) {
        let length = bytes.bytes.integer(at: start + RecordBatchHeader.Position.batchLength, as: Int32.self)
        let end = start + RecordBatchHeader.lengthPrefixByteCount + Int(length)
        let crc = CRC32C.checksum(
            of: bytes.bytes.extracting(start + RecordBatchHeader.Position.attributes..<end)
        )
        bytes.setInteger(crc, at: start + RecordBatchHeader.Position.crc)
    }
}
