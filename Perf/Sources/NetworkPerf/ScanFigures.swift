import CommitLog
import Foundation
import Limits
import Loads
import Measuring
import SystemPackage

/// How long another client's requests take beside a consumer that reads old records at 200 MB/s: when these are on the
/// disk only, against when they are in the page cache.
///
/// The other client produces a record of 1 KiB every 2 ms (`acks=1`), and fetches it at the end of the log, where it is
/// seen once it is on the disk. What is told is the 99th percentile of each round, from the moment in which the record was
/// due.
struct ScanFigures {
    let workplace: Workplace
    let rounds: InterleavedRounds
    /// How long a round takes.
    let seconds: Double

    private static let megabytesPerSecond = 200.0
    private static let interval = 0.002
    private static let tail = "tail"

    func run(_ report: (Outcome) -> Void, where isWanted: (String) -> Bool) async throws {
        let name = "beside a cold scan at \(Int(Self.megabytesPerSecond)) MB/s"
        guard isWanted(name) else { return }
        let scanned = Int(seconds * Self.megabytesPerSecond * 1e6) >> 20
        // The active segment is not scanned: what is read of it is kept in the page cache, being about to be read by others.
        let log = try await WarmLog("scan", in: workplace, megabytes: (scanned >> 10 + 1) << 10 + 16)
        let node = try ServerProcess.node(log.directory)
        let samples = try await rounds.run([
            {
                try log.warm()
                return try await scan(log, scanned, node)
            },
            {
                try log.cool()
                return try await scan(log, scanned, node)
            },
        ])
        let ratio = Figure.Goal.timesLimit(atMost: 1.3)
        for (what, value) in [("produce", \Sample.produced), ("tail fetch", \Sample.consumed)] {
            for (share, goal) in [(0.5, nil), (0.99, ratio)] {
                let figure = Figure("\(what) \(name), p\(Int(share * 100))", .microseconds(of: 1), goal: goal)
                let percentiles = samples.map { $0.map { percentile(share, of: $0[keyPath: value]) } }
                report(Outcome(figure, measured: percentiles[1], limit: percentiles[0]))
            }
        }
        let speeds = samples.map { $0.map { Double(scanned << 20) / 1e6 / $0.scanSeconds } }
        let reached = Figure("the scan \(name), if cold", .amount(unit: "MB/s"))
        report(Outcome(reached, measured: speeds[1]))
        node.stop()
        try workplace.remove(log.directory)
    }

    private struct Sample: Sendable {
        let produced: [Double]
        let consumed: [Double]
        let scanSeconds: Double
    }

    private func percentile(_ share: Double, of values: [Double]) -> Double {
        let sorted = values.sorted()
        return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }

    private func scan(_ log: WarmLog, _ megabytes: Int, _ node: ServerProcess) async throws -> Sample {
        try node.create(Self.tail)
        let requests = log.requests
        let interval = Double(1 << 20) / (Self.megabytesPerSecond * 1e6)
        let port = node.port
        async let scanning = onThread {
            try requests.exchange(on: port, connections: 1, count: megabytes, window: 1, interval: interval)
        }
        let count = Int(seconds / Self.interval)
        let (produced, consumed) = try await onThread { try Self.follow(count, on: port) }
        let scanSeconds = try await scanning
        try node.delete(Self.tail)
        return Sample(produced: produced, consumed: consumed, scanSeconds: scanSeconds)
    }

    private static func follow(_ count: Int, on port: UInt16) throws -> ([Double], [Double]) {
        let load = try BatchLoad(batches: 1, of: 1 << 10, recordBytes: 1 << 10)
        let produce = Frames.produce(tail, acks: 1, load.bytes)
        let fetch = Frames.fetch(tail, from: 0, most: 1 << 20, waiting: 10_000)
        let (produceAnswer, fetchAnswer) = (Frames.produceAnswer(tail), Frames.fetchAnswer(tail))
        var (produced, consumed) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
        let result = produce.withUnsafeBufferPointer { produce in
            fetch.withUnsafeBufferPointer { fetch in
                let tail = wire_tail(
                    produce: produce.baseAddress,
                    produce_bytes: produce.count,
                    produce_answer_bytes: produceAnswer.bytes,
                    produce_error_at: produceAnswer.errorAt,
                    batch_bytes: load.batchBytes,
                    records: load.recordsPerBatch,
                    fetch: fetch.baseAddress,
                    fetch_bytes: fetch.count,
                    fetch_offset_at: Frames.fetchOffsetPosition(tail),
                    fetch_answer_bytes: fetchAnswer.bytes,
                    fetch_error_at: fetchAnswer.errorAt
                )
                return wire_follow(port, tail, count, interval, &produced, &consumed)
            }
        }
        _ = try LimitFailure.check(result)
        return (produced, consumed)
    }
}

/// Runs what blocks on a thread of its own.
private func onThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: .init(catching: body)) }
    }
}

extension WarmLog {
    /// The files of its segments.
    private var files: [String] {
        get throws {
            let partition = directory.appending("\(Frames.topic)-0").string
            return try FileManager.default.contentsOfDirectory(atPath: partition).filter { $0.hasSuffix(".log") }
                .map { "\(partition)/\($0)" }
        }
    }

    /// Brings all of it into the page cache.
    func warm() throws {
        for file in try files {
            let handle = try FileDescriptor.open(file, .readOnly)
            try handle.closeAfter {
                let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
                defer { buffer.deallocate() }
                while try handle.read(into: buffer) > 0 {}
            }
        }
    }

    /// Drops all of it from the page cache.
    func cool() throws {
        for file in try files {
            let handle = try FileDescriptor.open(file, .readOnly)
            try handle.closeAfter {
                fsync(handle.rawValue)
                guard posix_fadvise(handle.rawValue, 0, 0, POSIX_FADV_DONTNEED) == 0 else {
                    throw ServerFailure("\(file) stays in the page cache")
                }
            }
        }
    }
}
