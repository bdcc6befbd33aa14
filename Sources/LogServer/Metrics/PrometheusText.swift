/// Numbers in the text format that Prometheus reads, version 0.0.4.
///
/// ```
/// # HELP name What it counts.
/// # TYPE name counter
/// name{label="value"} 12
/// ```
///
/// Source: Prometheus' documentation, "Exposition formats".
package struct PrometheusText: Sendable {
    /// What a metric's numbers mean.
    package enum Kind: String, Hashable, Sendable {
        case counter, gauge, histogram, summary
    }

    /// Names of what is counted, and which: `("api", "Fetch")`.
    package typealias Labels = [(name: String, value: String)]

    /// What the format is called in HTTP.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// What was written.
    package private(set) var bytes: [UInt8] = []

    /// Nothing.
    package init() {}

    /// Begins a metric; all its samples have to follow, and its name must not have been there.
    package mutating func begin(_ name: String, _ kind: Kind, help: String?) {
        if let help {
            let escaped = Self.escaped(help, quote: false)
            bytes += "# HELP \(Self.name(name)) \(escaped)\n".utf8
        }
        bytes += "# TYPE \(Self.name(name)) \(kind.rawValue)\n".utf8
    }

    /// Adds a sample.
    package mutating func sample(_ name: String, _ labels: Labels, _ value: Double) {
        bytes += Self.name(name).utf8
        if !labels.isEmpty {
            let pairs = labels.map { "\(Self.label($0.name))=\"\(Self.escaped($0.value, quote: true))\"" }
            bytes += "{\(pairs.joined(separator: ","))}".utf8
        }
        bytes += " \(Self.number(value))\n".utf8
    }

    /// A name of a metric, with what is not allowed in one replaced by `_`.
    static func name(_ text: String) -> String { valid(text, colons: true) }

    private static func label(_ text: String) -> String { valid(text, colons: false) }

    private static func valid(_ text: String, colons: Bool) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            if isDigit, bytes.isEmpty { bytes.append(UInt8(ascii: "_")) }
            let isAllowed = isLetter || isDigit || byte == UInt8(ascii: "_") || (colons && byte == UInt8(ascii: ":"))
            bytes.append(isAllowed ? byte : UInt8(ascii: "_"))
        }
        return bytes.isEmpty ? "_" : String(decoding: bytes, as: UTF8.self)
    }

    private static func escaped(_ text: String, quote: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quote: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// A number; integers without a point, as far as they are exact.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if abs(value) < 0x1p53, value == value.rounded() { return "\(Int64(value))" }
        return "\(value)"
    }
}
