import RecordBatch
import TestSupport

@testable import CommitLog

/// What a log has to look like: a list of batches in memory.
struct ModelLog {
    struct Batch {
        /// As they have to be in the file: with offsets, epoch and timestamps.
        var bytes: [UInt8]
        var header: RecordBatchHeader
        var records: [Record]

        init(_ bytes: [UInt8]) throws {
            self.bytes = bytes
            let view = try RecordBatchView(bytes.rawSpan)
            header = view.header
            records = []
            var decompressor = Decompressor()
            var iterator = try view.records(using: &decompressor)
            while let record = try iterator.next() { records.append(Record(record)) }
        }
    }

    private(set) var batches: [Batch] = []
    private(set) var start = Offset(0)
    private(set) var end = Offset(0)
    /// Below it nothing may be missing, whatever happens.
    private(set) var durable = Offset(0)

    /// The records that can be read once everything is durable.
    var records: [Record] { batches.flatMap(\.records).filter { $0.offset >= start } }

    /// The batches from the one that holds `offset` on.
    func batches(from offset: Offset) -> ArraySlice<Batch> {
        batches[(batches.firstIndex { $0.header.lastOffset >= offset } ?? batches.count)...]
    }

    /// The number of offsets in the log.
    var count: Int64 { end.rawValue - start.rawValue }

    /// Enters what was appended.
    ///
    /// - Parameter bytes: Batches as they were given to the log.
    mutating func append(
        _ bytes: [UInt8],
        epoch: LeaderEpoch,
        _ configuration: LogConfiguration,
        at now: Timestamp
    ) throws {
        var bytes = bytes
        var position = 0
        while position < bytes.count {
            let (next, start) = (end, position)
            try bytes.withMutableBytes { (bytes) throws(RecordBatchError) in
                if configuration.timestampType == .logAppendTime {
                    try RecordBatchPatch.setTimestamps(type: .logAppendTime, maxTimestamp: now, in: &bytes, at: start)
                }
                try RecordBatchPatch.assign(baseOffset: next, partitionLeaderEpoch: epoch, in: &bytes, at: start)
            }
            let header = try RecordBatchHeader(parsing: bytes.rawSpan.extracting(droppingFirst: position))
            batches.append(try Batch(Array(bytes[position..<position + header.byteCount])))
            position += header.byteCount
            end = header.nextOffset
        }
    }

    /// Takes note that the log said so.
    mutating func setDurable(_ offset: Offset) { durable = max(durable, offset) }

    /// The log, once it was closed in good order.
    func madeDurable() -> ModelLog {
        var log = self
        log.durable = end
        return log
    }

    mutating func truncateHead(to offset: Offset) {
        start = max(start, offset)
        batches.removeAll { $0.header.lastOffset < start }
    }

    mutating func truncateTail(to offset: Offset) {
        let cut = batches.first { $0.header.lastOffset >= offset }?.header.baseOffset ?? offset
        end(at: max(cut, start))
        if cut < start { batches = [] }
    }

    /// Forgets what lies at or behind `offset`, where a batch begins.
    mutating func end(at offset: Offset) {
        batches.removeAll { $0.header.nextOffset > offset }
        end = offset
        durable = min(durable, offset)
    }

    /// Whether the log may end at `offset` after a power loss.
    func mayEnd(at offset: Offset) -> Bool {
        let ends = batches.map(\.header.nextOffset) + [start]
        return (max(durable, start)...end).contains(offset) && (ends.contains(offset) || offset == end)
    }
}
