import Foundation

/// The outcomes of a run, and what it ran on.
public struct Report: Sendable, Codable {
    /// When it began, in ISO 8601.
    public var date = Date.now.ISO8601Format()
    /// The kernel.
    public var kernel = Report.line(of: "/proc/sys/kernel/osrelease")
    /// How many processors there are.
    public var processors = ProcessInfo.processInfo.activeProcessorCount
    /// The congestion control of TCP, where the network is measured.
    public var congestionControl: String?
    /// What else ran at the beginning: how many threads could run or waited for a disk, in the mean of the last minute.
    public var load = Report.line(of: "/proc/loadavg")
    /// What was measured.
    public var outcomes: [Outcome] = []

    /// An empty report of a run that begins now.
    public init() {}

    private static let columns = ["figure", "unit", "measured", "limit", "ratio", "min", "max", "goal", ""]
    private static let widths = [58, 12, 10, 10, 6, 6, 6, 17, 6]

    /// The heading of the table.
    public static var heading: String {
        row(columns) + "\n" + String(repeating: "-", count: widths.reduce(0) { $0 + $1 + 1 })
    }

    /// An outcome as a line of the table.
    public static func line(_ outcome: Outcome) -> String {
        row([
            outcome.name, outcome.unit, outcome.values.median.shortened, outcome.limit?.median.shortened ?? "",
            (outcome.ratio?.median.shortened) ?? "", (outcome.ratio ?? outcome.values).min.shortened,
            (outcome.ratio ?? outcome.values).max.shortened, outcome.goal ?? "",
            outcome.isMet.map { $0 ? "met" : "MISSED" } ?? "",
        ])
    }

    /// Writes the report as JSON.
    public func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(self).write(to: URL(filePath: path))
    }

    private static func row(_ cells: [String]) -> String {
        zip(cells, widths)
            .map { cell, width in cell + String(repeating: " ", count: max(0, width - cell.count)) }
            .joined(separator: " ")
    }

    private static func line(of path: String) -> String {
        (try? String(contentsOfFile: path, encoding: .utf8))?.trimmingCharacters(in: .newlines) ?? "unknown"
    }
}
