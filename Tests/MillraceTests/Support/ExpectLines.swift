import TestSupport
import Testing

/// Expects two texts to be equal, and tells the first line that differs: two whole files would not help anybody.
func expectSame(
    _ actual: [UInt8],
    _ expected: [UInt8],
    _ subject: String,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    guard actual != expected else { return }
    expectLines(Fixtures.lines(of: actual), Fixtures.lines(of: expected), subject, sourceLocation: sourceLocation)
    Issue.record("\(subject): the texts differ", sourceLocation: sourceLocation)
}

/// Expects lines to be equal, and tells the first that differs.
func expectLines(
    _ actual: [String],
    _ expected: [String],
    _ subject: String,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    for (number, (actual, expected)) in zip(actual, expected).enumerated() where actual != expected {
        Issue.record(
            "\(subject), line \(number + 1): is\n\(actual)\nand has to be\n\(expected)",
            sourceLocation: sourceLocation
        )
        return
    }
    #expect(actual.count == expected.count, "\(subject): number of lines", sourceLocation: sourceLocation)
}
