import LinuxIO
import RecordBatch
import SystemPackage
import Synchronization
import TestSupport
import Testing

@testable import CommitLog

@Suite("Many at a time", .temporaryDirectory)
struct ConcurrencyTests {
    private var root: FilePath { TemporaryDirectory.current.appending("data") }

    /// Writers append numbered records, readers follow, the head is cut behind them, segments roll, few files may be open.
    @Test("every record is read once and in order, by every reader", arguments: [Int64(1), 1000])
    func everybody(flushMessages: Int64) async throws {
        var configuration = LogConfiguration.small
        configuration.flushMessages = flushMessages
        let directory = try await LogDirectory.open(root, configuration, openFiles: 12)
        let logs = try (0..<3).map { try directory.createLog(.named("t", $0)) }
        let writers = 4
        let each = 100
        let total = writers * each
        try await withThrowingTaskGroup(of: Void.self) { group in
            for log in logs {
                let progress = Progress(readers: 2)
                for writer in 0..<writers {
                    group.addTask {
                        for number in 0..<each {
                            let result = try log.append(Batches.batch(valueBytes: 80, tag: writer * each + number))
                            if number % 10 == 0 { try await log.waitUntilDurable(result.lastOffset) }
                        }
                    }
                }
                for reader in 0..<2 {
                    group.addTask {
                        var seen: [Int] = []
                        for try await record in log.records(from: Offset(0)) {
                            #expect(record.offset == Offset(Int64(seen.count)))
                            let text = String(decoding: record.value ?? [], as: UTF8.self)
                            seen.append(Int(text.prefix { $0 != ":" }) ?? -1)
                            progress.note(seen.count, of: reader)
                            if seen.count == total { break }
                        }
                        #expect(seen.sorted() == Array(0..<total))
                        for writer in 0..<writers {
                            let own = seen.filter { $0 / each == writer }
                            #expect(own == own.sorted(), "one writer's records stay in order")
                        }
                    }
                }
                group.addTask {
                    // Lookups beside everything else, and the head is cut behind the readers.
                    for step in 1...10 {
                        _ = try await log.readable.wait(for: Offset(Int64(total * step / 10)))
                        _ = try await log.offset(for: .maxTimestamp)
                        _ = try await log.offset(for: .timestamp(Timestamp(1_700_000_000_000)))
                        try await log.truncateHead(to: Offset(Int64(min(progress.least, total / 2))))
                    }
                    try await log.truncateHead(to: Offset(Int64(total / 2)))
                }
            }
            try await group.waitForAll()
        }
        for log in logs { try await log.flush() }
        #expect(directory.bytesAtRisk == 0)
        try await directory.close()
        let again = try await LogDirectory.open(root, configuration)
        for log in again.logs {
            #expect(try await log.readAll().map(\.offset.rawValue) == Array(Int64(total / 2)..<Int64(total)))
        }
        try await again.close()
    }

    @Test("logs are made and deleted beside appends to others")
    func createAndDelete() async throws {
        let directory = try await LogDirectory.open(root, .small)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<6 {
                group.addTask {
                    for round in 0..<5 {
                        let partition = TopicPartition.named("t\(task)", Int32(round))
                        let log = try directory.createLog(partition)
                        for tag in 0..<30 { _ = try log.append(Batches.batch(valueBytes: 100, tag: tag)) }
                        if round % 2 == 0 { try await log.flush() }
                        try directory.deleteLog(partition)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(directory.logs.isEmpty)
        try await directory.close()
        #expect(try FileSystem.list(root).allSatisfy { $0.kind != .directory })
    }
}

/// How far each of several readers has come.
private final class Progress: Sendable {
    private let counts: Lock<[Int]>

    init(readers: Int) { counts = Lock([Int](repeating: 0, count: readers)) }

    func note(_ count: Int, of reader: Int) { counts.withLock { $0[reader] = count } }

    var least: Int { counts.withLock { $0.min() ?? 0 } }
}
