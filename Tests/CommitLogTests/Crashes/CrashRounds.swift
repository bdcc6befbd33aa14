import Foundation
import LinuxIO
import Logging
import RecordBatch
import SystemPackage
import TestSupport

@testable import CommitLog
@testable import CrashWriter

/// Rounds of a writer that is cut off, and of openings that have to find what it was promised.
struct CrashRounds: Sendable {
    /// The log directory.
    let root: FilePath
    let loss: Loss
    private var promises: [String: Promises]
    private var checks = 0

    init(_ root: FilePath, _ loss: Loss) {
        self.root = root
        self.loss = loss
        promises = Dictionary(uniqueKeysWithValues: CrashWriter.topics.map { ($0, Promises($0, loss)) })
    }

    /// How many rounds the environment asks for.
    static func count(_ variable: String, default count: Int) -> Int {
        ProcessInfo.processInfo.environment[variable].flatMap { Int($0) } ?? count
    }

    /// Starts a writer, and ends it.
    ///
    /// Waits for other processes.
    ///
    /// - Parameters:
    ///   - round: tells the records of this writer from those of others.
    ///   - lines: after how many of its statements the crash comes.
    ///   - crash: what comes before the writer is killed.
    /// - Returns: what is wrong with what the writer said.
    mutating func crash(round: Int, after lines: Int, _ crash: () throws -> Void = {}) throws -> [String] {
        // Swift's backtrace program would hang on a process that is killed, and keep its output open.
        let writer = try ChildProcess(
            Repository.products.appending("CrashWriter").string,
            [root.string, "\(round)"],
            environment: ["SWIFT_BACKTRACE": "enable=no"]
        )
        var said: [UInt8] = []
        var count = 0
        while count < lines {
            let more = writer.read()
            guard !more.isEmpty else {
                let last = said.split(separator: UInt8(ascii: "\n")).last.map { String(decoding: $0, as: UTF8.self) }
                return ["the writer ended by itself, with \(writer.wait()): \(last ?? "")"]
                    + note(said, binding: said.count)
            }
            count += more.count { $0 == UInt8(ascii: "\n") }
            said += more
        }
        try crash()
        let heard = said.count
        writer.kill()
        said += writer.readToEnd()
        let code = writer.wait()
        // A kill takes nothing of what was said before it.
        var problems = note(said, binding: loss == .process ? said.count : heard)
        // That its disk is gone may end it, with an error.
        if code != -SIGKILL && code != 1 { problems.append("the writer ended with \(code)") }
        return problems
    }

    private mutating func note(_ said: [UInt8], binding: Int) -> [String] {
        var problems: [String] = []
        var position = 0
        for line in said.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            position += line.count + 1
            guard let statement = Statement(parsing: String(decoding: line, as: UTF8.self)) else { continue }
            let problem = promises[statement.log]?.note(statement, isBinding: position <= binding)
            if let problem { problems.append("\(statement.log): \(problem)") }
        }
        return problems
    }

    /// Opens the directory, which has to succeed, and compares all logs with what was promised; then appends to them, closes
    /// them, and has everything verified.
    ///
    /// - Returns: what is wrong.
    mutating func check() async throws -> [String] {
        checks += 1
        let directory = try await LogDirectory.open(root, configuration: CrashWriter.configuration, logger: quietLogger)
        var problems: [String] = []
        for topic in CrashWriter.topics {
            let log = directory.log(for: .named(topic))
            var found: [String] = []
            if let log {
                if let failure = log.failure {
                    problems.append("\(topic): \(failure)")
                    continue
                }
                found = try tornPromises(of: log)
                let finding = try await Self.finding(log)
                found += promises[topic]?.check(finding) ?? []
                try await append(to: log)
            } else {
                found = promises[topic]?.check(nil) ?? []
            }
            problems += found.map { "\(topic): \($0)" }
        }
        let isSound = directory.logs.allSatisfy { $0.failure == nil }
        do {
            try await directory.close()
        } catch {
            if isSound { throw error }
        }
        var verifier = try LogVerifier(root)
        problems += verifier.findAll().faults.map { "verify: \($0)" }
        return problems
    }

    private mutating func append(to log: PartitionLog) async throws {
        let (topic, tag) = (log.topicPartition.topic, "\(log.topicPartition.topic):check:\(checks)")
        let record = Record(offset: Offset(0), timestamp: .now, key: nil, value: Statement.value(tag: tag, index: 0))
        let result = try log.append(records: [record])
        try await log.waitUntilDurable(result.lastOffset)
        _ = promises[topic]?.note(
            Statement(.appended, topic, result.baseOffset.rawValue, number: 1, tag: tag),
            isBinding: true
        )
        _ = promises[topic]?.note(Statement(.durable, topic, result.lastOffset.rawValue), isBinding: true)
    }

    /// Promised batches that lie in a `.torn` file, and whole ones where only the process ended; the files are removed.
    ///
    /// A write that is under way ends between two pages when its process is killed, so a part of its batch may be there.
    private func tornPromises(of log: PartitionLog) throws -> [String] {
        var problems: [String] = []
        for entry in try FileSystem.list(log.directory) where entry.name.contains(".torn") {
            let path = log.directory.appending(entry.component)
            let bytes = try FileSystem.readFile(path, limit: 1 << 30)
            var batches = RecordBatchIterator(bytes.span.bytes)
            while let batch = try? batches.next() {
                let isPromised = promises[log.topicPartition.topic]?.promises(batch.header) == true
                guard isPromised || loss == .process else { continue }
                let what = isPromised ? "promised" : "whole"
                problems.append("\(entry.name) has the \(what) batch at \(batch.header.baseOffset)")
            }
            try FileSystem.removeFile(path)
        }
        return problems
    }

    private static func finding(_ log: PartitionLog) async throws -> Promises.Finding {
        let (start, end) = (log.logStartOffset, log.logEndOffset)
        var finding = Promises.Finding(start: start.rawValue, end: end.rawValue)
        for record in try await log.readAll() {
            finding.records[record.offset.rawValue] = name(of: record.value ?? [])
        }
        var next = start
        while next < end {
            let bytes = try await log.slice(from: next, maxBytes: 1 << 20).readBytes()
            var batches = RecordBatchIterator(bytes.span.bytes)
            while let batch = try batches.next() {
                finding.checksums[batch.header.baseOffset.rawValue] = batch.header.crc
                next = batch.header.nextOffset
            }
        }
        return finding
    }

    /// What a value says that it is, if it is that to the last byte.
    private static func name(of value: [UInt8]) -> String {
        let words = value.split(separator: UInt8(ascii: "/"), maxSplits: 2, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard words.count == 3, let index = Int(words[1]), Statement.value(tag: words[0], index: index) == value else {
            return "what nobody appended"
        }
        return "\(words[0])/\(index)"
    }
}
