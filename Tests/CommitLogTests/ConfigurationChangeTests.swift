import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import CommitLog

@Suite("Configurations of open logs", .temporaryDirectory)
struct ConfigurationChangeTests {
    private var root: FilePath { TemporaryDirectory.current.appending("data") }

    private func flushing(_ messages: Int64, _ change: (inout LogConfiguration) -> Void = { _ in }) -> LogConfiguration
    {
        var configuration = LogConfiguration.small
        configuration.flushMessages = messages
        change(&configuration)
        return configuration
    }

    /// Holds up every sync of the log until the gate is open.
    private func holdSyncs(_ gate: Gate) -> FaultInjector {
        FaultInjector.install(under: root.appending("t-0")) { call in
            if call.name == .fdatasync { gate.waitUntilOpen() }
            return .proceed
        }
    }

    @Test("readers that are held from now on keep what they could read, and see nothing new before it is durable")
    func holding() async throws {
        let directory = try await LogDirectory.open(root, flushing(.max))
        let log = try directory.makeLog()
        // Several segments, of which the sealed ones are not synced either.
        let gate = Gate()
        let injector = holdSyncs(gate)
        while log.segmentCount < 3 { _ = try log.append(Batches.batch(valueBytes: 500)) }
        let end = log.logEndOffset
        try log.setConfiguration(flushing(1))
        #expect(log.configuration.flushMessages == 1)
        #expect(log.highWatermark == end && log.durableOffset == Offset(0))
        #expect(try await log.readAll().count == Int(end.rawValue))
        let result = try log.append(Batches.batch())
        #expect(log.highWatermark == end && log.logEndOffset == end + 1)
        #expect(try await log.slice(from: end, maxBytes: 100).isEmpty)
        let last = try await log.slice(from: end + -1, maxBytes: 1 << 20)
        let batchBytes = try Batches.batch(valueBytes: 500).count
        #expect(last.byteCount == batchBytes, "what was appended since is not in it")
        async let readable = log.readable.wait(for: end + 1)
        gate.open()
        // Without being asked for.
        #expect(try await readable)
        #expect(log.highWatermark == end + 1 && log.durableOffset > result.lastOffset)
        #expect(try await log.readAll().count == Int(end.rawValue) + 1)
        injector.remove()
        try await directory.close()
    }

    @Test("readers that are held no more see the page cache at once, also those who wait")
    func releasing() async throws {
        let directory = try await LogDirectory.open(root, flushing(1))
        let log = try directory.makeLog()
        let gate = Gate()
        let injector = holdSyncs(gate)
        let first = try log.append(Batches.batch(count: 2))
        #expect(log.highWatermark == Offset(0))
        async let readable = log.readable.wait(for: Offset(2))
        async let later = log.readable.wait(for: Offset(3))
        async let durable: Void = log.waitUntilDurable(first.lastOffset)
        while log.readable.waiterCount < 2 || log.durable.waiterCount < 1 { await Task.yield() }
        try log.setConfiguration(flushing(.max))
        #expect(try await readable)
        #expect(log.highWatermark == Offset(2) && log.durableOffset == Offset(0))
        #expect(try await log.readAll().count == 2)
        _ = try log.append(Batches.batch())
        #expect(try await later)
        gate.open()
        try await durable
        injector.remove()
        try await directory.close()
    }

    @Test("what the old configuration let wait is made durable when it changes")
    func flushes() async throws {
        let directory = try await LogDirectory.open(root, flushing(.max))
        let log = try directory.makeLog()
        let result = try log.append(Batches.batch())
        try log.setConfiguration(flushing(.max) { $0.flushMs = 1_000_000_000 })
        #expect(try await log.durable.wait(for: result.lastOffset + 1))
        // The timer of the old configuration would be up in a week and a half.
        _ = try log.append(Batches.batch())
        try log.setConfiguration(flushing(.max) { $0.flushMs = 1 })
        #expect(try await log.durable.wait(for: Offset(2)))
        _ = try log.append(Batches.batch())
        #expect(try await log.durable.wait(for: Offset(3)))
        try await directory.close()
    }

    @Test("the next append goes by the new bounds")
    func bounds() async throws {
        let directory = try await LogDirectory.open(root, flushing(1))
        let log = try directory.makeLog()
        while log.segments[0].writtenEnd - .start < 1000 { _ = try log.append(Batches.batch()) }
        #expect(log.segmentCount == 1)
        let batch = try Batches.batch()
        try log.setConfiguration(flushing(1) { $0.segmentBytes = 500 })
        _ = try log.append(batch)
        #expect(log.segmentCount == 2, "the active segment was too large")
        #expect(throws: LogError.self) { try log.append(Batches.batch(valueBytes: 1000)) }
        try log.setConfiguration(flushing(1) { $0.maxMessageBytes = batch.count - 1 })
        let error = await failure { try log.append(batch) }
        #expect(error?.code == .messageTooLarge)
        try log.setConfiguration(flushing(1) { $0.timestampType = .logAppendTime })
        let now = Timestamp(1_800_000_000_000)
        #expect(try log.append(batch, at: now).logAppendTime == now)
        try await log.flush()
        #expect(try await log.readAll().last?.timestamp == now)
        try await directory.close()
    }

    @Test("a configuration that makes no sense is refused and changes nothing")
    func nonsense() async throws {
        let directory = try await LogDirectory.open(root, flushing(1))
        let log = try directory.makeLog()
        let before = log.configuration
        let error = await failure { try directory.setConfiguration(flushing(0), ofTopic: "t") }
        #expect(error?.code == .invalidArgument)
        #expect(await failure { try log.setConfiguration(flushing(0)) }?.code == .invalidArgument)
        #expect(log.configuration == before)
        try await directory.close()
        try log.setConfiguration(flushing(5))
    }

    @Test("a topic's logs change, those that are made later too, and no others")
    func topic() async throws {
        let directory = try await LogDirectory.open(root)
        let logs = try [("t", 0), ("t", 1), ("tt", 0)].map { try directory.createLog(.named($0, $1)) }
        try directory.setConfiguration(flushing(7), ofTopic: "t")
        let later = try directory.createLog(.named("t", 2))
        #expect(logs.map(\.configuration.flushMessages) == [7, 7, 1] && later.configuration.flushMessages == 7)
        try await directory.close()
    }

    @Test("a cut below what is only readable takes it away from readers")
    func cut() async throws {
        let directory = try await LogDirectory.open(root, flushing(.max))
        let log = try directory.makeLog()
        for tag in 0..<5 { _ = try log.append(Batches.batch(tag: tag)) }
        let gate = Gate()
        let injector = holdSyncs(gate)
        try log.setConfiguration(flushing(1))
        #expect(log.highWatermark == Offset(5))
        gate.open()
        injector.remove()
        try log.truncateTail(to: Offset(3))
        #expect(log.highWatermark == Offset(3) && log.logEndOffset == Offset(3))
        #expect(try await log.readAll().count == 3)
        try await log.appendDurably(Batches.batch())
        #expect(log.highWatermark == Offset(4))
        try await directory.close()
    }

    @Test(
        "whatever is changed while others append and read, the high watermark never goes back, and what is below it reads back"
    )
    func besideOthers() async throws {
        let directory = try await LogDirectory.open(root, flushing(1))
        let log = try directory.makeLog()
        let isOver = Gate()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while !isOver.isOpened {
                    let result = try log.append(Batches.batch(valueBytes: 100))
                    if result.lastOffset.rawValue % 5 == 0 { try await log.waitUntilDurable(result.lastOffset) }
                    await Task.yield()
                }
            }
            group.addTask {
                var highest = Offset(0)
                while !isOver.isOpened {
                    let end = log.highWatermark
                    #expect(end >= highest)
                    highest = max(end, highest)
                    if end > Offset(0) {
                        let last = try await log.slice(from: end + -1, maxBytes: 1000)
                        #expect(!last.isEmpty)
                    }
                    await Task.yield()
                }
            }
            for round in 0..<200 {
                try log.setConfiguration(
                    flushing(round % 2 == 0 ? .max : 1) { $0.segmentBytes = 1000 + round % 3 * 1000 }
                )
                await Task.yield()
            }
            isOver.open()
            try await group.waitForAll()
        }
        try await log.flush()
        #expect(log.highWatermark == log.logEndOffset)
        #expect(try await log.readAll().count == Int(log.logEndOffset.rawValue))
        try await directory.close()
    }
}
