import Foundation
import Glibc
import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import CommitLog

@Suite("A process that is killed", .temporaryDirectory)
struct KillTests {
    private var root: FilePath { TemporaryDirectory.current.appending("data") }

    /// What the killed processes said, all rounds together.
    private struct Promises {
        var values: [String: [Int64: String]] = [:]
        var crcs: [String: [Int64: UInt32]] = [:]
        var durable: [String: Int64] = [:]
        var starts: [String: Int64] = [:]

        mutating func note(_ line: Substring) {
            let words = line.split(separator: " ", maxSplits: 3)
            guard words.count >= 3, let offset = Int64(words[2]) else { return }
            let topic = String(words[1])
            switch words[0] {
            case "append": values[topic, default: [:]][offset] = String(words[3])
            case "durable": durable[topic] = max(durable[topic] ?? -1, offset)
            case "read": crcs[topic, default: [:]][offset] = UInt32(words[3])
            case "start": starts[topic] = max(starts[topic] ?? 0, offset)
            default: break
            }
        }
    }

    @Test("loses nothing that it acknowledged at either level, and nothing that it gave to a reader")
    func kill() async throws {
        var random = SystemRandomNumberGenerator()
        var promises = Promises()
        for round in 0..<24 {
            try runAndKill(round: round, afterLines: Int.random(in: 1...1500, using: &random), &promises)
            // Now and then the next process has to cope with what a killed one left of a killed one.
            if round % 3 != 1 { try await check(promises) }
        }
        try await check(promises)
        #expect(promises.values.count == 2 && promises.durable.count == 2 && promises.crcs.count == 2)
    }

    private func runAndKill(round: Int, afterLines count: Int, _ promises: inout Promises) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Repository.products.appending("CrashWriter").string)
        process.arguments = [root.string, "\(round)"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        var text: [UInt8] = []
        var lines = 0
        while lines < count {
            let data = output.fileHandleForReading.availableData
            if data.isEmpty { break }
            lines += data.count { $0 == UInt8(ascii: "\n") }
            text += data
        }
        Glibc.kill(process.processIdentifier, SIGKILL)
        // What it still managed to say counts too.
        text += try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal, "round \(round) ended by itself")
        for line in String(decoding: text, as: UTF8.self).split(separator: "\n") { promises.note(line) }
    }

    private func check(_ promises: Promises) async throws {
        var configuration = LogConfiguration()
        configuration.segmentBytes = 20_000
        configuration.indexIntervalBytes = 500
        let directory = try await LogDirectory.open(root, configuration)
        #expect(directory.recovery.tornBytes == 0, "the page cache outlives the process")
        for topic in ["durable", "cached"] {
            guard let log = directory.log(for: .named(topic)) else { continue }
            #expect(log.failure == nil)
            let start = log.logStartOffset
            #expect(start.rawValue >= promises.starts[topic] ?? 0)
            #expect(log.logEndOffset.rawValue > promises.durable[topic] ?? -1)
            var found: [Int64: String] = [:]
            for record in try await log.readAll() {
                found[record.offset.rawValue] = String(decoding: record.value ?? [], as: UTF8.self)
            }
            #expect(found.count == Int(log.logEndOffset.rawValue - start.rawValue))
            for (offset, value) in promises.values[topic] ?? [:] where offset >= start.rawValue {
                #expect(found[offset] == value, "\(topic) \(offset)")
            }
            let crcs = promises.crcs[topic] ?? [:]
            for (base, crc) in crcs where base >= start.rawValue {
                let slice = try await log.slice(from: Offset(base), maxBytes: 0)
                let bytes = try log.bytes(of: slice)
                #expect(try RecordBatchHeader(parsing: bytes.rawSpan).crc == crc, "\(topic) \(base)")
            }
        }
        try await directory.close()
    }
}
