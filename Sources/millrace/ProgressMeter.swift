/// Tells how far a long piece of work is, without telling it too often.
///
/// Decides only; a ``ProgressLine`` shows what it says.
struct ProgressMeter {
    /// Nothing is shown of work that is over sooner than this.
    private static let quiet = Duration.milliseconds(500)
    /// More than some lines a second would flicker.
    private static let interval = Duration.milliseconds(200)

    /// What is being done, such as "Appending".
    let work: String
    /// How many bytes there are to do; `nil` if that is not known.
    let totalBytes: Int64?
    private var shownAt: Duration?

    init(_ work: String, totalBytes: Int64?) {
        self.work = work
        self.totalBytes = totalBytes
    }

    /// The line to show now; `nil` if what is shown is good enough.
    /// - Parameters:
    ///   - bytes: How many bytes are done.
    ///   - elapsed: How long it took.
    mutating func line(bytes: Int64, elapsed: Duration) -> String? {
        guard elapsed >= Self.quiet, shownAt.map({ elapsed - $0 >= Self.interval }) ?? true else { return nil }
        shownAt = elapsed
        var text = "\(work): "
        if let totalBytes, totalBytes > 0 {
            text += "\(min(100, Int(Double(bytes) / Double(totalBytes) * 100))) % of \(ByteCount(totalBytes)), "
        } else {
            text += "\(ByteCount(bytes)), "
        }
        return text + "\(Rate(bytes: bytes, elapsed: elapsed))"
    }
}

/// A number of bytes as people read it: "640 bytes", "12.5 MB".
///
/// Units are powers of 1000.
struct ByteCount: CustomStringConvertible {
    private let bytes: Int64

    init(_ bytes: some BinaryInteger) { self.bytes = Int64(clamping: bytes) }

    var description: String {
        if bytes == 1 { return "1 byte" }
        if bytes < 1000 { return "\(bytes) bytes" }
        var tenths = Double(bytes) / 100
        for unit in ["kB", "MB", "GB"] {
            // Rounded first: 999,950 bytes are not "1000.0 kB".
            if tenths.rounded() < 10_000 { return "\(Self.decimal(tenths)) \(unit)" }
            tenths /= 1000
        }
        return "\(Self.decimal(tenths)) TB"
    }

    private static func decimal(_ tenths: Double) -> String {
        let rounded = Int64(tenths.rounded())
        return "\(rounded / 10).\(rounded % 10)"
    }
}

/// Bytes a second.
struct Rate: CustomStringConvertible {
    private let bytesPerSecond: Int64

    init(bytes: Int64, elapsed: Duration) {
        let seconds = elapsed / .seconds(1)
        bytesPerSecond = seconds > 0 ? Int64(min(Double(bytes) / seconds, Double(1 << 60))) : bytes
    }

    var description: String { "\(ByteCount(bytesPerSecond))/s" }
}
