/// A configuration's value, in the form in which it is used and reported.
///
/// Source: Kafka's `ConfigDef.parseType` and `ConfigDef.convertToString`: white space around a value is dropped, and so is
/// that around the commas of a list.
package struct ConfigValue: Hashable, Sendable, CustomStringConvertible {
    /// The value as it is reported.
    package let description: String
    /// The value of an integer; 0 for other types.
    package let integer: Int64

    /// The parts of a list.
    package var list: [String] { description.isEmpty ? [] : Self.split(description) }

    /// Reads a value.
    /// - Parameters:
    ///   - text: What was set.
    ///   - type: The type that it has to have.
    ///   - rule: What holds for it beyond that.
    /// - Returns: `nil` if it has another type, or breaks the rule.
    package init?(_ text: String, type: ConfigType, rule: ConfigRule) {
        let text = Self.trimmed(text)
        var integer: Int64 = 0
        switch type {
        case .boolean:
            let lowercased = text.lowercased()
            guard lowercased == "true" || lowercased == "false" else { return nil }
            description = lowercased
        case .string:
            if case .words(let words) = rule, !words.contains(text) { return nil }
            description = text
        case .int, .long:
            guard let value = type == .int ? Int32(text).map(Int64.init) : Int64(text), Self.allows(value, rule) else {
                return nil
            }
            integer = value
            description = "\(value)"
        case .double:
            guard let value = Double(text), value.isFinite else { return nil }
            if rule == .fraction, !(0...1).contains(value) { return nil }
            description = "\(value)"
        case .list:
            let parts = text.isEmpty ? [] : Self.split(text)
            guard Self.allows(parts, rule) else { return nil }
            description = parts.joined(separator: ",")
        }
        self.integer = integer
    }

    private static func allows(_ value: Int64, _ rule: ConfigRule) -> Bool {
        switch rule {
        case .range(let range): range.contains(value)
        case .noneOrRange(let range): value == -1 || range.contains(value)
        default: true
        }
    }

    private static func allows(_ parts: [String], _ rule: ConfigRule) -> Bool {
        switch rule {
        case .words(let words): parts.allSatisfy(words.contains)
        case .throttledReplicas: parts == ["*"] || parts.allSatisfy(isThrottledReplica)
        default: true
        }
    }

    /// Whether a part is `partition:broker`.
    private static func isThrottledReplica(_ part: String) -> Bool {
        let numbers = part.split(separator: ":", omittingEmptySubsequences: false)
        return numbers.count == 2
            && numbers.allSatisfy { number in
                !number.isEmpty && number.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            }
    }

    private static func split(_ text: String) -> [String] {
        text.split(separator: ",", omittingEmptySubsequences: false).map { trimmed(String($0)) }
    }

    /// Without the white space, and the control characters, around it: as Java's `trim`.
    static func trimmed(_ text: String) -> String {
        let bytes = text.utf8.drop { $0 <= UInt8(ascii: " ") }
        guard let last = bytes.lastIndex(where: { $0 > UInt8(ascii: " ") }) else { return "" }
        return String(text[bytes.startIndex...last])
    }
}
