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
        let segments = self.segments
        for (index, segment) in segments.enumerated() where segment.baseOffset < end {
            let next = index + 1 < segments.count ? segments[index + 1] : nil
            let limit = limit(of: segment, before: next, or: end)
            if next != nil, try await largestTimestamp(of: segment, limit) < timestamp { continue }
            var search = try await search(in: segment, limit, below: end, upTo: timestamp.rawValue)
            while let (header, position) = try await search.next() {
                guard header.maxTimestamp >= timestamp else { continue }
                let found = try await firstRecord(of: header, at: position, in: search.handle) {
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
        let segments = self.segments
        for (index, segment) in segments.enumerated() where segment.baseOffset < end {
            let next = index + 1 < segments.count ? segments[index + 1] : nil
            let limit = limit(of: segment, before: next, or: end)
            if next != nil, try await largestTimestamp(of: segment, limit) <= largest { continue }
            // The last entry of which the batch can be read; what follows has none, and is little.
            var search = try await search(in: segment, limit, below: end, upTo: .max)
            while let (header, position) = try await search.next() {
                guard header.lastOffset >= logStart, header.maxTimestamp > largest else { continue }
                var timestamp = header.maxTimestamp
                if header.baseOffset < logStart {
                    // The batch's largest timestamp may be that of a record below the start.
                    timestamp = .none
                    _ = try await firstRecord(of: header, at: position, in: search.handle) { record in
                        if record.offset >= logStart { timestamp = max(timestamp, record.timestamp) }
                        return false
                    }
                }
                if timestamp > largest {
                    largest = timestamp
                    found = (header, position, search.handle)
                }
            }
        }
        guard let (header, position, handle) = found else { return nil }
        return try await firstRecord(of: header, at: position, in: handle) {
            $0.timestamp == largest && $0.offset >= logStart
        }
    }

    /// A walk from about the batch of the last time index entry whose timestamp is not above `target`, and whose batch lies
    /// below `end`; from the segment's start if there is none, or none that is to be believed.
    private func search(
        in segment: Segment,
        _ limit: OffsetWalk.Limit,
        below end: Offset,
        upTo target: Int64
    ) async throws(LogError) -> TimeSearch {
        let reader = services.reader
        let readable = end.rawValue - 1 - segment.baseOffset.rawValue
        return try await search(in: segment, limit) {
            let entry = try await segment.timeIndex.floor(of: target, by: { $0.timestamp.rawValue }, reader: reader)
            guard let entry, entry.relativeOffset > readable else { return entry }
            return try await segment.timeIndex.floor(of: readable, by: { Int64($0.relativeOffset) }, reader: reader)
        }
    }

    /// A walk from about the batch of a time index entry; from the segment's start if the entry is not to be believed.
    private func search(
        in segment: Segment,
        _ limit: OffsetWalk.Limit,
        from entry: () async throws -> TimeIndexEntry?
    ) async throws(LogError) -> TimeSearch {
        do {
            let end = readableEnd(of: segment)
            return try await TimeSearch(segment, from: entry(), upTo: end, below: limit, services.reader)
        } catch let error as IOError {
            throw LogError(error, topicPartition)
        } catch let error as LogError {
            throw error
        } catch {
            throw self.error(.storage, "\(error)", cause: error)
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
        let epoch = epochs.withLock { $0.epoch(at: header.baseOffset) }
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
                            // No CRC covers the header's.
                            leaderEpoch: epoch ?? header.partitionLeaderEpoch
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

    /// The largest timestamp of a segment that is not appended to any more.
    private func largestTimestamp(of segment: Segment, _ limit: OffsetWalk.Limit) async throws(LogError) -> Timestamp {
        if let known = segment.knownLargestTimestamp { return known }
        let isWhole = readableEnd(of: segment) == segment.writtenEnd
        // The last entry tells. Without one that is to be believed, all batches have to be looked at.
        var search = try await search(in: segment, limit) { try await segment.timeIndex.last(services.reader) }
        var largest = search.believed?.timestamp ?? .none
        if search.believed == nil {
            while let (header, _) = try await search.next() { largest = max(largest, header.maxTimestamp) }
        }
        if isWhole { segment.publish(largestTimestamp: largest) }
        return largest
    }
}
