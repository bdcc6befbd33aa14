import RecordBatch

/// Checks what is about to be appended, and gives it its timestamps where the log does so.
///
/// The rules are Kafka's (`LogValidator`): every batch is whole, of magic 2, not larger than `max.message.bytes`, its CRC is
/// right, and its record count agrees with its offset delta. The records of an uncompressed batch are walked: offset
/// deltas run from 0 without gaps, timestamps are within the topic's bounds, lengths fit. A compressed batch is not opened.
///
/// Pure, and run before the log's lock is taken: only the offsets are missing afterwards.
struct AppendValidator {
    var configuration: LogConfiguration
    var origin: AppendOrigin
    var now: Timestamp

    /// What was found.
    struct Summary: Hashable {
        var batchCount = 0
        /// How many offsets the batches take.
        var offsetCount: Int64 = 0
        var maxTimestamp = Timestamp.none
        /// Whether any batch has a producer id.
        var hasProducers = false
    }

    /// Checks all batches in `bytes`.
    ///
    /// - Parameter bytes: whole batches one after another. Their timestamp fields are set where the log keeps the time of
    ///   the append, or where a header's maximum differs from the records'; otherwise nothing is changed.
    /// - Throws: what is wrong with the first batch that is; the batches before it may have been given timestamps.
    func validate(_ bytes: inout MutableRawSpan) throws(LogError) -> Summary {
        var summary = Summary()
        var position = 0
        guard bytes.byteCount <= configuration.segmentBytes else {
            throw LogError(
                .recordListTooLarge,
                "The batches of one append take \(bytes.byteCount) bytes, more than segment.bytes (\(configuration.segmentBytes))"
            )
        }
        while position < bytes.byteCount {
            let (header, maxTimestamp) = try validateBatch(&bytes, at: position)
            position += header.byteCount
            summary.batchCount += 1
            summary.offsetCount += Int64(header.lastOffsetDelta) + 1
            summary.maxTimestamp = max(summary.maxTimestamp, maxTimestamp)
            if header.producerID != .none { summary.hasProducers = true }
        }
        guard summary.batchCount > 0 else {
            throw LogError(.invalidRecord, "An append needs at least one batch, but it was given no bytes")
        }
        // A duplicate among several could be told of in no answer.
        guard summary.batchCount == 1 || !summary.hasProducers || origin == .coordinator else {
            throw LogError(
                .invalidRecord,
                "An append with a producer id has one batch, but it was given \(summary.batchCount)"
            )
        }
        // From its base offset on, an index entry reaches this far; the batches of one append are never parted.
        guard summary.offsetCount - 1 <= Int64(Int32.max) else {
            throw LogError(
                .recordListTooLarge,
                "The batches of one append claim \(summary.offsetCount) offsets, more than a segment can hold (\(Int64(Int32.max) + 1))"
            )
        }
        return summary
    }

    /// Checks the batch at `position`.
    ///
    /// Returns its header and the largest timestamp that it will have.
    private func validateBatch(
        _ bytes: inout MutableRawSpan,
        at position: Int
    ) throws(LogError) -> (RecordBatchHeader, Timestamp) {
        let header: RecordBatchHeader
        let maxRecordTimestamp: Timestamp?
        do {
            let batch = try RecordBatchView(bytes.bytes.extracting(position..<bytes.byteCount))
            header = batch.header
            guard header.byteCount <= configuration.maxMessageBytes else {
                throw RuleBroken(
                    .messageTooLarge,
                    "takes \(header.byteCount) bytes, more than max.message.bytes (\(configuration.maxMessageBytes))"
                )
            }
            try batch.validateCRC()
            try checkHeader(header)
            maxRecordTimestamp = try checkRecords(batch)
        } catch let error as RecordBatchError {
            throw LogError(wrapping: error, at: position)
        } catch let error as RuleBroken {
            throw LogError(error.code, "The batch at byte \(position) of the append \(error.text)")
        } catch {
            throw LogError(.invalidRecord, "The batch at byte \(position) of the append: \(error)")
        }
        let timestamp =
            switch configuration.timestampType {
            case .logAppendTime: now
            case .createTime: maxRecordTimestamp ?? header.maxTimestamp
            }
        if timestamp != header.maxTimestamp || configuration.timestampType != header.timestampType {
            do {
                try RecordBatchPatch.setTimestamps(
                    type: configuration.timestampType,
                    maxTimestamp: timestamp,
                    in: &bytes,
                    at: position
                )
            } catch {
                throw LogError(wrapping: error, at: position)
            }
        }
        return (header, timestamp)
    }

    private struct RuleBroken: Error {
        var code: LogError.Code
        var text: String
        init(_ code: LogError.Code, _ text: String) {
            self.code = code
            self.text = text
        }
    }

    private func checkHeader(_ header: RecordBatchHeader) throws {
        guard header.recordCount > 0, Int64(header.recordCount) == Int64(header.lastOffsetDelta) + 1 else {
            throw RuleBroken(
                .invalidRecord,
                "counts \(header.recordCount) records but its offsets are good for \(Int64(header.lastOffsetDelta) + 1)"
            )
        }
        guard header.codec != nil else {
            throw RuleBroken(.unsupportedFormat, "names a compression codec that does not exist")
        }
        guard !header.isControl || origin == .coordinator else {
            throw RuleBroken(.invalidRecord, "is a control batch, which producers must not send")
        }
        guard !header.isTransactional || origin == .coordinator else {
            throw RuleBroken(.invalidTransactionState, "belongs to a transaction, and there are none here")
        }
        guard header.producerID == .none || header.isControl || header.baseSequence.rawValue >= 0 else {
            throw RuleBroken(
                .invalidRecord,
                "has a producer id but no sequence number (\(header.baseSequence.rawValue))"
            )
        }
        // In a log that keeps the records' own times, the one in the header would stand for all of them unseen.
        let mayHaveAppendTime = origin == .coordinator && configuration.timestampType == .logAppendTime
        guard header.timestampType == .createTime || mayHaveAppendTime else {
            throw RuleBroken(
                .invalidTimestamp,
                "claims to have been given the time of its append, which is not for who appends it to say"
            )
        }
        if configuration.timestampType == .createTime, header.codec != .some(.none) {
            // The records' own timestamps are not looked at, so the largest stands for all.
            try checkTimestamp(header.maxTimestamp)
        }
    }

    /// Walks the records of an uncompressed batch.
    ///
    /// Returns their largest timestamp, `nil` for a compressed batch.
    private func checkRecords(_ batch: borrowing RecordBatchView) throws -> Timestamp? {
        guard batch.header.codec == .some(.none) else { return nil }
        var largest = Timestamp.none
        var expectedDelta: Int32 = 0
        var records = try batch.records()
        while let record = try records.next() {
            guard record.offsetDelta == expectedDelta else {
                throw RuleBroken(
                    .invalidRecord,
                    "holds a record with offset delta \(record.offsetDelta) where \(expectedDelta) is due"
                )
            }
            expectedDelta += 1
            if batch.header.isControl { _ = try ControlRecord(record) }
            if configuration.timestampType == .createTime {
                try checkTimestamp(record.timestamp)
                largest = max(largest, record.timestamp)
            }
        }
        return largest
    }

    private func checkTimestamp(_ timestamp: Timestamp) throws {
        guard timestamp != .none else { return }
        let age = now.milliseconds(since: timestamp)
        guard age <= configuration.timestampBeforeMaxMs, age >= -configuration.timestampAfterMaxMs else {
            throw RuleBroken(
                .invalidTimestamp,
                "holds the timestamp \(timestamp.rawValue), which is too far from the time of the append (\(now.rawValue))"
            )
        }
    }
}

extension LogError {
    /// Wraps an error about bytes that somebody wants to append.
    init(wrapping error: RecordBatchError, at position: Int) {
        let code: Code =
            switch error.code {
            case .unsupportedMagic, .unsupportedCodec: .unsupportedFormat
            case .invalidRecord, .invalidCount: .invalidRecord
            default: .corruptMessage
            }
        self.init(code, "The batch at byte \(position) of the append is refused: \(error.message)", cause: error)
    }
}
