import Glibc
import SystemPackage

/// One line on standard error that is written over again and again while work is going on, if that is a terminal.
struct ProgressLine {
    private var meter: ProgressMeter
    private let started = ContinuousClock.now
    private let isShown: Bool
    private var isOnScreen = false

    /// - Parameters:
    ///   - work: What is being done, such as "Appending".
    ///   - totalBytes: How many bytes there are to do, if that is known.
    ///   - sharesTerminal: Whether the work itself prints to standard output, so that nothing is shown if that is the
    ///     terminal.
    init(_ work: String, totalBytes: Int64? = nil, sharesTerminal: Bool = false) {
        meter = ProgressMeter(work, totalBytes: totalBytes)
        isShown = isatty(STDERR_FILENO) == 1 && !(sharesTerminal && isatty(STDOUT_FILENO) == 1)
    }

    /// How long the work has taken.
    var elapsed: Duration { ContinuousClock.now - started }

    /// Shows how far the work is, if it is time to.
    mutating func update(bytes: Int64) {
        guard isShown, let line = meter.line(bytes: bytes, elapsed: elapsed) else { return }
        isOnScreen = true
        // Written at once, over what is there: the rest of an older, longer line is erased behind it.
        write("\r\(line)\u{1b}[K")
    }

    /// Takes the line away, before something else is written.
    mutating func clear() {
        guard isOnScreen else { return }
        isOnScreen = false
        write("\r\u{1b}[K")
    }

    private func write(_ text: String) {
        // A terminal that has gone away is no reason to stop working.
        _ = try? FileDescriptor.standardError.writeAll(text.utf8)
    }
}
