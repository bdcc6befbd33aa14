import LinuxIO
import RecordBatch
import Synchronization

extension PartitionLog {
    /// Looks up an offset by time, with the semantics of Kafka's ListOffsets.
    ///
    /// Only what can be read counts. For timestamps the batch found is read, and inflated if it is compressed.
    ///
    /// - Returns: `nil` if no record has such a timestamp.
    public func offset(for query: OffsetQuery) async throws(LogError) -> TimestampedOffset? {
        let end = try checkRange(logStartOffset)
        switch query {
        case .earliest:
            let start = logStartOffset
            let epoch = epochs.withLock { $0.epoch(at: start) }
            return TimestampedOffset(offset: start, timestamp: .none, leaderEpoch: epoch ?? .none)
        case .latest:
            let epoch = epochs.withLock { $0.latest?.epoch }
            return TimestampedOffset(offset: end, timestamp: .none, leaderEpoch: epoch ?? .none)
        case .maxTimestamp:
            return try await offsetOfLargestTimestamp(below: end)
        case .timestamp(let timestamp):
            return try await firstOffset(atOrAfter: timestamp, below: end)
        }
    }

    private func firstOffset(
        atOrAfter timestamp: Timestamp,
        below end: Offset
    ) async throws(LogError) -> TimestampedOffset? {
        for segment in segments where segment.baseOffset < end {
            guard try await largestTimestamp(of: segment) >= timestamp else { continue }
            let start = try await startOfSearch(in: segment, upTo: timestamp.rawValue) { $0.timestamp.rawValue }
            var scan = BatchScan(start.handle, from: start.position, to: readableEnd(of: segment))
            while let (header, position) = try await scan.next(services.reader) {
                guard header.maxTimestamp >= timestamp else { continue }
                let found = try await firstRecord(of: header, at: position, in: start.handle) {
                    $0.timestamp >= timestamp && $0.offset >= logStartOffset
                }
                if let found, found.offset < end { return found }
            }
        }
        return nil
    }

    private func offsetOfLargestTimestamp(below end: Offset) async throws(LogError) -> TimestampedOffset? {
        let logStart = logStartOffset
        var largest = Timestamp.none
        var found: (header: RecordBatchHeader, position: FilePosition, handle: FileHandle)?
        for segment in segments where segment.baseOffset < end {
            guard try await largestTimestamp(of: segment) > largest else { continue }
            // The last entry of which the batch can be read; what follows has none, and is little.
            let readableOffset = end.rawValue - 1 - segment.baseOffset.rawValue
            let start = try await startOfSearch(in: segment, upTo: readableOffset) { Int64($0.relativeOffset) }
            var scan = BatchScan(start.handle, from: start.position, to: readableEnd(of: segment))
            while let (header, position) = try await scan.next(services.reader) {
                guard header.lastOffset >= logStart, header.maxTimestamp > largest else { continue }
                var timestamp = header.maxTimestamp
                if header.baseOffset < logStart {
                    // The batch's largest timestamp may be that of a record below the start.
                    timestamp = .none
                    _ = try await firstRecord(of: header, at: position, in: start.handle) { record in
                        if record.offset >= logStart { timestamp = max(timestamp, record.timestamp) }
                        return false
                    }
                }
                if timestamp > largest {
                    largest = timestamp
                    found = (header, position, start.handle)
                }
            }
        }
        guard let (header, position, handle) = found else { return nil }
        return try await firstRecord(of: header, at: position, in: handle) {
            $0.timestamp == largest && $0.offset >= logStart
        }
    }

    /// Where the batch of the last time index entry begins whose key is not above `target`; the start of the segment if
    /// there is none.
    private func startOfSearch(
        in segment: Segment,
        upTo target: Int64,
        by key: @Sendable (TimeIndexEntry) -> Int64
    ) async throws(LogError) -> (handle: FileHandle, position: FilePosition) {
        do {
            let handle = try segment.log.open()
            guard let time = try await segment.timeIndex.floor(of: target, by: key, reader: services.reader),
                let entry = try await segment.offsetIndex.floor(
                    of: Int64(time.relativeOffset),
                    by: { Int64($0.relativeOffset) },
                    reader: services.reader
                )
            else { return (handle, .start) }
            return (handle, FilePosition(Int64(entry.position)))
        } catch {
            throw LogError(error, topicPartition)
        }
    }

    /// Reads a batch and returns its first record that `matches`.
    private func firstRecord(
        of header: RecordBatchHeader,
        at position: FilePosition,
        in handle: FileHandle,
        _ matches: (borrowing RecordView) -> Bool
    ) async throws(LogError) -> TimestampedOffset? {
        let buffer = IOBuffer(count: header.byteCount)
        do {
            _ = try await services.reader.read(handle, into: buffer, count: header.byteCount, at: position)
        } catch {
            throw LogError(error, topicPartition)
        }
        do {
            return try buffer.withBytes { (bytes) throws(RecordBatchError) in
                let batch = try RecordBatchView(bytes)
                try batch.validateCRC()
                var decompressor = Decompressor()
                var records = try batch.records(using: &decompressor)
                while let record = try records.next() {
                    if matches(record) {
                        return TimestampedOffset(
                            offset: record.offset,
                            timestamp: record.timestamp,
                            leaderEpoch: header.partitionLeaderEpoch
                        )
                    }
                }
                return nil
            }
        } catch {
            throw corrupt(error, at: position, of: handle, header.baseOffset)
        }
    }

    /// The error of a batch on disk that does not read back.
    func corrupt(
        _ cause: RecordBatchError,
        at position: FilePosition,
        of handle: FileHandle,
        _ baseOffset: Offset
    ) -> LogError {
        LogError(
            .corruptMessage,
            "The batch at position \(position) of \(handle.file.path) (base offset \(baseOffset)) does not read back: \(cause.message)",
            at: .init(topicPartition, path: handle.file.path, position: position, offset: baseOffset),
            cause: cause
        )
    }

    private func largestTimestamp(of segment: Segment) async throws(LogError) -> Timestamp {
        do {
            _ = try await segment.timeIndex.last(services.reader)
            return try segment.largestTimestamp()
        } catch {
            throw LogError(error, topicPartition)
        }
    }
}
