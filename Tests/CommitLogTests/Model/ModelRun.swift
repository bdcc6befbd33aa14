import Foundation
import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import CommitLog

/// A directory of logs, and what it has to look like.
struct ModelRun {
    private let base: FilePath
    var random: SplitMix64
    var configuration = LogConfiguration()
    var openFiles = 4096
    private(set) var directory: LogDirectory
    private(set) var disk: SimulatedDisk
    private var lives = 0
    private var epoch = LeaderEpoch.none
    var models: [TopicPartition: ModelLog] = [:]
    /// What was done, for whoever has to find out what went wrong.
    var history: [String] = []

    static let partitions = [TopicPartition.named("a"), .named("a", 1), .named("b")]

    init(in base: FilePath, seed: Seed) async throws {
        self.base = base
        random = seed.generator
        let root = base.appending("life-0")
        disk = try SimulatedDisk(root)
        directory = try await LogDirectory.open(root)
        epoch = directory.leaderEpoch
    }

    mutating func note(_ text: String) { history.append(text) }

    private var root: FilePath { base.appending("life-\(lives)") }

    // MARK: Opening and closing

    /// Draws a configuration for the next opening.
    mutating func reconfigure() {
        var new = LogConfiguration()
        new.segmentBytes = [1000, 2500, 4096, 30_000].randomElement(using: &random) ?? 4096
        new.indexIntervalBytes = [0, 200, 4096].randomElement(using: &random) ?? 0
        new.segmentIndexBytes = [60, 240, 10 << 20].randomElement(using: &random) ?? 240
        new.maxMessageBytes = [400, 1 << 20, 1 << 20].randomElement(using: &random) ?? 400
        new.flushMessages = [1, 1, 5, .max].randomElement(using: &random) ?? 1
        new.timestampType = random.chance(oneIn: 5) ? .logAppendTime : .createTime
        openFiles = random.chance(oneIn: 3) ? 4 : 4096
        configuration = new
        note(
            """
            configure segment.bytes=\(new.segmentBytes) index.interval=\(new.indexIntervalBytes) \
            segment.index=\(new.segmentIndexBytes) max.message=\(new.maxMessageBytes) flush=\(new.flushMessages) \
            \(new.timestampType) openFiles=\(openFiles)
            """
        )
    }

    mutating func reopen() async throws {
        note("reopen")
        try await directory.close()
        disk.remove()
        try verify()
        models = models.mapValues { $0.madeDurable() }
        disk = try SimulatedDisk(root)
        try await open()
        try checkAll()
    }

    enum Crash: String {
        case kill = "kill"
        case powerLoss = "power loss"
    }

    /// Ends without having been closed, and opens what is left.
    mutating func crash(_ crash: Crash) async throws {
        note(crash.rawValue)
        for (partition, log) in logs { models[partition]?.setDurable(log.durableOffset) }
        disk.stop()
        let dead = root
        lives += 1
        // Drawn once, so that what follows is the same however much was lost.
        var losses = SplitMix64(seed: random.next())
        switch crash {
        case .kill:
            try disk.copyAfterKill(to: root)
            try verify(.fault)
        case .powerLoss:
            try disk.copyAfterPowerLoss(to: root, &losses)
        }
        try? await directory.close()
        disk.remove()
        try FileManager.default.removeItem(atPath: dead.string)
        disk = try SimulatedDisk(root)
        try await open()
        for (partition, log) in logs {
            guard let model = models[partition] else { continue }
            try expect(log.failure == nil, "\(partition) fails: \(String(describing: log.failure))")
            let end = log.logEndOffset
            switch crash {
            case .kill:
                try expect(end == model.end, "\(partition) ends at \(end) after a kill, not at \(model.end)")
            case .powerLoss:
                try expect(
                    model.mayEnd(at: end),
                    "\(partition) ends at \(end) after a power loss; it was durable to \(model.durable) of \(model.end)"
                )
                models[partition]?.end(at: end)
            }
        }
        try checkAll()
        for (partition, _) in logs { try await checkRecords(of: partition) }
    }

    private mutating func open() async throws {
        directory = try await LogDirectory.open(root, configuration, openFiles: openFiles)
        try expect(directory.leaderEpoch > epoch, "the leader epoch rises")
        epoch = directory.leaderEpoch
    }

    /// Gives up what the run has open.
    mutating func finish() async throws {
        try await directory.close()
        disk.remove()
        try verify()
    }

    /// - Parameter least: How bad has to be what may not be found.
    private func verify(_ least: VerificationFault.Severity = .note) throws {
        var verifier = try LogVerifier(root)
        let faults = verifier.findAll().faults.filter { least == .note || $0.severity == .fault }
        try expect(faults.isEmpty, "the verifier finds \(faults)")
    }

    // MARK: Comparing

    var logs: [(TopicPartition, PartitionLog)] { directory.logs.map { ($0.topicPartition, $0) } }

    func expect(_ holds: Bool, _ promise: @autoclosure () -> String) throws {
        guard !holds else { return }
        throw TestSupportError(promise())
    }

    /// What can be seen of all logs without reading them.
    func checkAll() throws {
        try expect(Set(logs.map(\.0)) == Set(models.keys), "the logs are \(logs.map(\.0)), not \(Array(models.keys))")
        for (partition, log) in logs {
            guard let model = models[partition] else { continue }
            try expect(log.failure == nil, "\(partition) fails: \(String(describing: log.failure))")
            let (start, end) = (log.logStartOffset, log.logEndOffset)
            try expect(start == model.start, "\(partition) starts at \(start), not \(model.start)")
            try expect(end == model.end, "\(partition) ends at \(end), not \(model.end)")
            let durable = log.durableOffset
            try expect((model.durable...model.end).contains(durable), "\(partition) is durable to \(durable)")
            if !log.configuration.isDurableByDefault {
                try expect(log.highWatermark == end, "\(partition) can be read to its end")
            }
        }
    }

    /// Every record, and every epoch.
    func checkRecords(of partition: TopicPartition, from offset: Offset? = nil) async throws {
        guard let log = directory.log(for: partition), let model = models[partition] else { return }
        try await log.flush()
        let found = try await log.readAll(from: offset)
        let expected = model.records.filter { $0.offset >= offset ?? model.start }
        try expect(
            found == expected,
            "\(partition) from \(offset ?? model.start) gives \(found.map(\.offset)), not \(expected.map(\.offset))"
        )
        let epochs = log.epochs.withLock { $0 }
        for batch in model.batches {
            let offset = max(batch.header.baseOffset, model.start)
            let (epoch, known) = (batch.header.partitionLeaderEpoch, epochs.epoch(at: offset))
            try expect(known == epoch, "\(partition) at \(offset) has epoch \(String(describing: known)), not \(epoch)")
        }
    }
}
