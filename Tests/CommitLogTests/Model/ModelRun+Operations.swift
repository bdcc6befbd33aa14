import Foundation
import RecordBatch
import TestSupport

@testable import CommitLog

/// What is done at random, each to the log and to the model.
extension ModelRun {
    mutating func step(_ number: Int) async throws {
        let partition = Self.partitions.randomElement(using: &random) ?? Self.partitions[0]
        let choice = Int.random(in: 0..<100, using: &random)
        guard let log = directory.log(for: partition), let model = models[partition] else {
            return try create(partition)
        }
        switch choice {
        case 0..<34: try await append(to: log, isDurable: choice < 8, tag: number)
        case 34..<50: try await slice(of: log, model)
        case 50..<58: try await readRecords(of: log, model)
        case 58..<66: try await lookUp(in: log, model)
        case 66..<71: try await truncateHead(of: log, model)
        case 71..<76: try truncateTail(of: log, model)
        case 76..<79: try await delete(log)
        case 79..<84: try await readOutside(of: log, model)
        case 84..<88: try checkpoint(everything: choice < 86)
        case 88..<92:
            if choice < 90 { reconfigure() }
            try await reopen()
        case 92..<96:
            if choice < 94 { reconfigure() }
            try await crash(.kill)
        default:
            if choice < 98 { reconfigure() }
            try await crash(.powerLoss)
        }
        try checkAll()
    }

    private mutating func create(_ partition: TopicPartition) throws {
        note("create \(partition)")
        _ = try directory.createLog(partition)
        models[partition] = ModelLog()
        try checkAll()
    }

    private mutating func delete(_ log: PartitionLog) async throws {
        note("delete \(log.topicPartition)")
        try directory.deleteLog(log.topicPartition)
        models[log.topicPartition] = nil
        do {
            _ = try log.append(Batches.batch())
        } catch {
            return
        }
        try expect(false, "a deleted log takes an append")
    }

    private mutating func append(to log: PartitionLog, isDurable: Bool, tag: Int) async throws {
        let codec = CompressionCodec.allCases.randomElement(using: &random) ?? .none
        let base = 1_700_000_000_000 + Int64(tag) * 20
        var bytes: [UInt8] = []
        var largest = 0
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let batch = try Batches.batch(
                count: Int.random(in: 1...5, using: &random),
                valueBytes: Int.random(in: 10...300, using: &random),
                timestamp: base + Int64.random(in: -300...300, using: &random),
                codec: codec,
                tag: tag
            )
            largest = max(largest, batch.count)
            bytes += batch
        }
        let configuration = log.configuration
        let now = Timestamp(base + 1000)
        let partition = log.topicPartition
        note("append \(bytes.count) bytes to \(partition) at \(log.logEndOffset), \(codec), durable \(isDurable)")
        let result: AppendResult
        do {
            result = try log.append(bytes, at: now)
        } catch {
            let expected: LogError.Code =
                bytes.count > configuration.segmentBytes ? .recordListTooLarge : .messageTooLarge
            let isTooLarge = bytes.count > configuration.segmentBytes || largest > configuration.maxMessageBytes
            try expect(isTooLarge && error.code == expected, "an append is refused: \(error)")
            return
        }
        try expect(largest <= configuration.maxMessageBytes, "a batch larger than max.message.bytes is taken")
        try models[partition]?.append(bytes, epoch: directory.leaderEpoch, configuration, at: now)
        try expect(result.lastOffset + 1 == models[partition]?.end, "the offsets given out are \(result)")
        guard isDurable else { return }
        try await log.waitUntilDurable(result.lastOffset)
        models[partition]?.setDurable(result.lastOffset + 1)
    }

    /// An offset of the log, its end included.
    private mutating func offset(in model: ModelLog) -> Offset {
        // One draw, whatever the log's length.
        let fraction = Double.random(in: 0...1, using: &random)
        return model.start + Int((Double(model.count) * fraction).rounded(.down))
    }

    private mutating func slice(of log: PartitionLog, _ model: ModelLog) async throws {
        let offset = offset(in: model)
        let maxBytes = [0, 100, 1000, 1 << 20].randomElement(using: &random) ?? 0
        note("slice of \(log.topicPartition) from \(offset), \(maxBytes) bytes")
        if offset >= log.highWatermark { try await log.flush() }
        let slice = try await log.slice(from: offset, maxBytes: maxBytes)
        let found = try log.bytes(of: slice)
        let batches = model.batches(from: offset)
        guard let first = batches.first else {
            return try expect(slice.isEmpty, "a slice from the end has \(slice.byteCount) bytes")
        }
        let expected = batches.flatMap(\.bytes)
        try expect(slice.baseOffset == first.header.baseOffset, "a slice begins at \(slice.baseOffset)")
        try expect(expected.starts(with: found), "a slice of \(found.count) bytes is not what was appended")
        try expect(found.count >= first.bytes.count, "the first batch of a slice is whole")
        try expect(found.count <= max(maxBytes, first.bytes.count), "a slice has \(found.count) bytes")
    }

    private mutating func readRecords(of log: PartitionLog, _ model: ModelLog) async throws {
        let offset = offset(in: model)
        note("records of \(log.topicPartition) from \(offset)")
        try await checkRecords(of: log.topicPartition, from: offset)
    }

    private mutating func lookUp(in log: PartitionLog, _ model: ModelLog) async throws {
        try await log.flush()
        let records = model.records
        let times = records.map(\.timestamp.rawValue)
        let range = (times.min() ?? 0) - 5...(times.max() ?? 0) + 5
        let fraction = Double.random(in: 0...1, using: &random)
        let target = Timestamp(range.lowerBound + Int64(Double(range.upperBound - range.lowerBound) * fraction))
        let isLargest = random.chance(oneIn: 3)
        note("look up \(isLargest ? "the largest timestamp" : "\(target)") in \(log.topicPartition)")
        let largest = records.map(\.timestamp).max()
        let expected = records.first { isLargest ? $0.timestamp == largest : $0.timestamp >= target }
        let found = try await log.offset(for: isLargest ? .maxTimestamp : .timestamp(target))
        try expect(
            found?.offset == expected?.offset && found?.timestamp == expected?.timestamp,
            "\(String(describing: found)) is found, not \(String(describing: expected?.offset))"
        )
        try expect(try await log.offset(for: .earliest)?.offset == model.start, "the earliest offset is the start")
        try expect(try await log.offset(for: .latest)?.offset == model.end, "the latest offset is the end")
    }

    private mutating func readOutside(of log: PartitionLog, _ model: ModelLog) async throws {
        note("read outside of \(log.topicPartition)")
        for offset in [model.start + -1, model.end + 1] {
            do {
                _ = try await log.slice(from: offset, maxBytes: 0)
            } catch let error {
                try expect(error.code == .offsetOutOfRange, "reading at \(offset) fails with \(error)")
                try expect(error.availableOffsets?.lowerBound == model.start, "the bounds are \(error)")
                continue
            }
            try expect(false, "offset \(offset) can be read")
        }
    }

    private mutating func truncateHead(of log: PartitionLog, _ model: ModelLog) async throws {
        let offset = offset(in: model)
        note("truncate head of \(log.topicPartition) to \(offset)")
        if offset > log.highWatermark { try await log.flush() }
        try await log.truncateHead(to: offset)
        models[log.topicPartition]?.truncateHead(to: offset)
    }

    private mutating func truncateTail(of log: PartitionLog, _ model: ModelLog) throws {
        let offset = offset(in: model)
        note("truncate tail of \(log.topicPartition) to \(offset)")
        try log.truncateTail(to: offset)
        models[log.topicPartition]?.truncateTail(to: offset)
    }

    private mutating func checkpoint(everything: Bool) throws {
        note("checkpoint")
        if everything {
            try directory.services.checkpoints.writeAll()
        } else {
            directory.services.checkpoints.writeAfterProgress()
        }
    }
}
