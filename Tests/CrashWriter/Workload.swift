import CommitLog
import Glibc
import LinuxIO
import RecordBatch
import SystemPackage

/// What is done with one log: bursts of appends with a reader beside them, and between bursts now and then a cut, or the
/// log's deletion.
struct Workload {
    /// How many records a batch has at most, and so how far below an offset a cut there can end.
    private static let batchRecords = 5

    private let directory: LogDirectory
    private let partition: TopicPartition
    private let round: Int
    private var number = 0

    private var topic: String { partition.topic }

    init(_ directory: LogDirectory, _ partition: TopicPartition, _ round: Int) {
        self.directory = directory
        self.partition = partition
        self.round = round
        // Of two openings in one round, each has tags of its own.
        number = Int(directory.leaderEpoch.rawValue) * 1_000_000
    }

    mutating func burst() async throws {
        let log = try self.log()
        let count = Int.random(in: 1...40)
        let first = number
        number += 2 * count
        try await withThrowingTaskGroup(of: Void.self) { group in
            let (topic, round, path) = (topic, round, directory.path.appending(partition.directoryName))
            for writer in 0..<2 {
                group.addTask {
                    for number in first + writer * count..<first + (writer + 1) * count {
                        try await Self.append(to: log, topic, tag: "\(topic):\(round):\(number)")
                    }
                }
            }
            group.addTask { try await Self.read(log, topic) }
            group.addTask { try Self.stirUp(path) }
            try await group.waitForAll()
        }
        switch Int.random(in: 0..<8) {
        case 0: try cutTail(of: log)
        case 1 where topic == "renewed": try delete()
        default: break
        }
    }

    /// The log, made if there is none.
    private func log() throws -> PartitionLog {
        if let log = directory.log(for: partition) { return log }
        let log = try directory.createLog(partition)
        CrashWriter.sayOpened(log)
        return log
    }

    private static func append(to log: PartitionLog, _ topic: String, tag: String) async throws {
        let count = Int.random(in: 1...batchRecords)
        let records = (0..<count).map { index in
            Record(
                offset: Offset(0),
                timestamp: .now,
                key: nil,
                value: Statement.value(tag: tag, index: index)
            )
        }
        let codec = Int.random(in: 0..<5) == 0 ? CompressionCodec.zstd : .none
        let result = try log.append(records: records, codec: codec)
        CrashWriter.say(
            Statement(.appended, topic, result.baseOffset.rawValue, number: Int64(count), tag: tag)
        )
        if Int.random(in: 0..<3) == 0 {
            try await log.waitUntilDurable(result.lastOffset)
            CrashWriter.say(Statement(.durable, topic, result.lastOffset.rawValue))
        }
    }

    /// Reads what there is to be read, and now and then cuts the head behind itself.
    private static func read(_ log: PartitionLog, _ topic: String) async throws {
        var next = max(log.logStartOffset, log.highWatermark + -100)
        for _ in 0..<20 {
            let slice = try await log.slice(from: next, maxBytes: 8192)
            let bytes = try slice.readBytes()
            var batches = RecordBatchIterator(bytes.span.bytes)
            while let batch = try batches.next() {
                try batch.validateCRC()
                let base = batch.header.baseOffset.rawValue
                CrashWriter.say(Statement(.read, topic, base, number: Int64(batch.header.crc)))
                next = batch.header.nextOffset
            }
            await Task.yield()
        }
        guard next > log.logStartOffset, Int.random(in: 0..<4) == 0 else { return }
        let start = Offset(Int64.random(in: log.logStartOffset.rawValue...next.rawValue))
        CrashWriter.say(Statement(.heading, topic, start.rawValue))
        try await log.truncateHead(to: start)
        CrashWriter.say(Statement(.headed, topic, start.rawValue))
    }

    /// Has the kernel write out pages of the log's files, any of them, as it does when memory is short.
    private static func stirUp(_ path: FilePath) throws {
        for entry in try FileSystem.list(path) where entry.kind == .regular && Bool.random() {
            // It may be gone by now, and a file system may not have the call.
            guard let file = try? File.open(path.appending(entry.component)) else { continue }
            try? file.startWriteback(from: Int64.random(in: 0..<10) * 4096, bytes: Int64.random(in: 1...4) * 4096)
        }
    }

    private func cutTail(of log: PartitionLog) throws {
        let (start, end) = (log.logStartOffset.rawValue, log.logEndOffset.rawValue)
        let offset = Int64.random(in: max(start, end - 60)...end)
        let lowest = max(0, offset - Int64(Self.batchRecords))
        CrashWriter.say(Statement(.cutting, topic, lowest))
        try log.truncateTail(to: Offset(offset))
        CrashWriter.say(Statement(.cut, topic, log.logEndOffset.rawValue))
    }

    private func delete() throws {
        CrashWriter.say(Statement(.deleting, topic))
        try directory.deleteLog(partition)
        CrashWriter.say(Statement(.deleted, topic))
    }
}
