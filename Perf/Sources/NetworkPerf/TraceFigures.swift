import Foundation
import Loads
import Measuring
import SystemPackage

/// What a node reads of files while it answers warm fetches, by what strace(1) sees of its calls.
///
/// Index pages, batch headers, and a byte of each range, to know that it is in the page cache. That all records go by
/// sendfile(2), of which the bytes are counted too, shows that none of them are read by calls that strace does not see,
/// those that an io_uring makes.
struct TraceFigures {
    let workplace: Workplace
    let answers: Int

    private static let megabytes = 64
    private static let reads: Set<String> = ["read", "pread64", "readv", "preadv", "preadv2", "splice", "mmap"]

    func run(_ report: (Outcome) -> Void, where isWanted: (String) -> Bool) async throws {
        let name = "warm fetch of 1 MiB under strace"
        guard isWanted(name) else { return }
        let log = try await WarmLog("trace", in: workplace, megabytes: Self.megabytes)
        let node = try ServerProcess.node(log.directory)
        let requests = log.requests
        // What is only done once is over then.
        _ = try requests.exchange(with: node, count: answers)
        let output = try workplace.fresh("calls")
        let strace = try Strace(node, to: output)
        _ = try requests.exchange(with: node, count: answers)
        node.stop()
        strace.waitUntilExit()
        let (calls, bytes) = try Self.count(output)
        let answered = Double(answers)
        let (read, sent) = (bytes.filter { Self.reads.contains($0.key) }.values.reduce(0, +), bytes["sendfile"] ?? 0)
        report(
            Outcome(
                Figure("\(name): of files, read", .amount(unit: "KiB/answer"), goal: .below(64)),
                measured: [Double(read) / answered / 1024]
            )
        )
        report(
            Outcome(
                Figure("\(name): of files, by sendfile", .amount(unit: "KiB/answer"), goal: .atLeast(1024)),
                measured: [Double(sent) / answered / 1024]
            )
        )
        for (call, count) in calls.sorted(by: { $0.value > $1.value }) where Double(count) / answered > 0.05 {
            report(
                Outcome(Figure("\(name): \(call)", .amount(unit: "calls/answer")), measured: [Double(count) / answered])
            )
        }
        try workplace.remove(log.directory)
    }

    /// How often each call was made, and how many bytes it returned.
    private static func count(_ output: FilePath) throws -> (calls: [String: Int], bytes: [String: Int]) {
        var (calls, bytes): ([String: Int], [String: Int]) = ([:], [:])
        for line in try String(contentsOfFile: output.string, encoding: .utf8).split(separator: "\n") {
            // "17 preadv2(...) = 4096", or the second half of a call: "17 <... preadv2 resumed>...) = 4096".
            guard let equals = line.range(of: " = ", options: .backwards), let start = line.firstIndex(of: " ") else {
                continue
            }
            let call = line[start...].drop { " <.".contains($0) }.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            calls[String(call), default: 0] += 1
            let result = line[equals.upperBound...].prefix { $0.isNumber }
            bytes[String(call), default: 0] += Int(result) ?? 0
        }
        return (calls, bytes)
    }
}

/// strace(1), which looks at all threads of a server.
private final class Strace {
    private let process = Process()

    init(_ server: ServerProcess, to output: FilePath) throws {
        let errors = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["strace", "-f", "-o", output.string, "-p", "\(server.identifier)"]
        process.standardError = errors
        try process.run()
        let attached = errors.fileHandleForReading.availableData
        let words = String(decoding: attached, as: UTF8.self)
        guard words.contains("attached") else { throw ServerFailure("strace cannot look at a server: \(words)") }
    }

    /// Waits for its end, which comes with the server's.
    func waitUntilExit() { process.waitUntilExit() }
}
