/// Keys and values in the text form of `java.util.Properties`, in which Kafka keeps `meta.properties` and is configured.
///
/// ```
/// # comment                  also after '!'; empty lines are skipped
/// node.id=1                  key and value parted by '=', ':' or white space
/// long = first, \
///        second              a backslash at its end continues a line; white space in front of the rest is dropped
/// key\ with\ blanks=\u00e9   escapes: \t \n \r \f \uXXXX; any other character stands for itself
/// ```
///
/// Bytes are ISO 8859-1; other characters are written as `\uXXXX` (UTF-16). The last line has to end in a line end, which
/// Java always writes: without that rule a file cut short within a value would be read as another value.
///
/// Source: the Java SE specification of `java.util.Properties`, methods `load` and `store`.
package struct JavaProperties: Hashable, Sendable {
    /// A key, and its value.
    package struct Property: Hashable, Sendable {
        package let key: String
        package let value: String
    }

    /// In the order of the file.
    package private(set) var properties: [Property]

    init(_ properties: [Property]) {
        self.properties = properties
    }

    /// Parses the contents of a file.
    /// - Parameters:
    ///   - bytes: The whole file.
    ///   - format: What the file is called in an error.
    /// - Throws: `FormatError` when an escape is broken, the last line has no end, or a key comes twice.
    package init(parsing bytes: [UInt8], format: String) throws(FormatError) {
        properties = []
        var reader = LineReader(bytes: bytes, format: format)
        var keys: Set<String> = []
        while let line = try reader.next() {
            let property = try Self.property(in: line, format: format)
            guard keys.insert(property.key).inserted else {
                throw FormatError(
                    .malformed,
                    format: format,
                    at: .line(line.number),
                    reason: "the key \"\(property.key.prefix(100))\" stands in the file twice"
                )
            }
            properties.append(property)
        }
    }

    /// The contents of a file with these properties.
    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        for property in properties {
            Self.append(property.key, escapingEveryBlank: true, to: &bytes)
            bytes.append(UInt8(ascii: "="))
            Self.append(property.value, escapingEveryBlank: false, to: &bytes)
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }
}

extension JavaProperties {
    /// A line as the format means it: comments skipped, continued lines joined, escapes still in place.
    private struct LogicalLine {
        /// The number of its first line in the file, counted from 1.
        let number: Int
        var bytes: [UInt8]
    }

    private struct LineReader {
        let bytes: [UInt8]
        let format: String
        var position = 0
        var lineNumber = 0

        mutating func next() throws(FormatError) -> LogicalLine? {
            while position < bytes.count {
                let first = try naturalLine().drop(while: isBlank)
                guard let start = first.first, start != UInt8(ascii: "#"), start != UInt8(ascii: "!") else { continue }
                var line = LogicalLine(number: lineNumber, bytes: Array(first))
                while Self.endsInLoneBackslash(line.bytes) {
                    line.bytes.removeLast()
                    guard position < bytes.count else { break }
                    line.bytes += try naturalLine().drop(while: isBlank)
                }
                return line
            }
            return nil
        }

        /// The bytes up to `\n`, `\r` or `\r\n`.
        private mutating func naturalLine() throws(FormatError) -> ArraySlice<UInt8> {
            lineNumber += 1
            let rest = bytes[position...]
            guard let end = rest.firstIndex(where: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) else {
                throw FormatError(
                    .truncated,
                    format: format,
                    at: .line(lineNumber),
                    reason: "the last line has no end; the file was cut short"
                )
            }
            position = end + 1
            if rest[end] == UInt8(ascii: "\r"), position < bytes.count, bytes[position] == UInt8(ascii: "\n") {
                position += 1
            }
            return rest[..<end]
        }

        private static func endsInLoneBackslash(_ bytes: [UInt8]) -> Bool {
            bytes.reversed().prefix { $0 == UInt8(ascii: "\\") }.count % 2 == 1
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == 0x0c
    }

    private static func property(in line: LogicalLine, format: String) throws(FormatError) -> Property {
        let bytes = line.bytes[...]
        var keyEnd = bytes.startIndex
        while keyEnd < bytes.endIndex {
            let byte = bytes[keyEnd]
            if byte == UInt8(ascii: "=") || byte == UInt8(ascii: ":") || isBlank(byte) { break }
            keyEnd += byte == UInt8(ascii: "\\") ? 2 : 1
        }
        keyEnd = min(keyEnd, bytes.endIndex)
        var value = bytes[keyEnd...].drop(while: isBlank)
        if value.first == UInt8(ascii: "=") || value.first == UInt8(ascii: ":") {
            value = value.dropFirst().drop(while: isBlank)
        }
        return Property(
            key: try unescape(bytes[..<keyEnd], line: line.number, format: format),
            value: try unescape(value, line: line.number, format: format)
        )
    }

    private static func unescape(
        _ bytes: ArraySlice<UInt8>,
        line: Int,
        format: String
    ) throws(FormatError) -> String {
        var units: [UInt16] = []
        var rest = bytes
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let escaped = rest.popFirst() else {
                units.append(UInt16(byte))
                continue
            }
            switch escaped {
            case UInt8(ascii: "t"): units.append(0x09)
            case UInt8(ascii: "n"): units.append(0x0a)
            case UInt8(ascii: "f"): units.append(0x0c)
            case UInt8(ascii: "r"): units.append(0x0d)
            case UInt8(ascii: "u"):
                let digits = String(decoding: rest.prefix(4), as: UTF8.self)
                guard digits.utf8.count == 4, let unit = UInt16(digits, radix: 16), digits.first != "+" else {
                    throw FormatError(
                        .malformed,
                        format: format,
                        at: .line(line),
                        reason: "\\u\(digits) is not \\u and four hexadecimal digits"
                    )
                }
                units.append(unit)
                rest = rest.dropFirst(4)
            default: units.append(UInt16(escaped))
            }
        }
        return String(decoding: units, as: UTF16.self)
    }

    private static func append(_ text: String, escapingEveryBlank: Bool, to bytes: inout [UInt8]) {
        var isFirst = true
        for unit in text.utf16 {
            switch unit {
            case 0x09: bytes += "\\t".utf8
            case 0x0a: bytes += "\\n".utf8
            case 0x0c: bytes += "\\f".utf8
            case 0x0d: bytes += "\\r".utf8
            case 0x20:
                // In a value only a blank in front would be lost.
                if isFirst || escapingEveryBlank { bytes.append(UInt8(ascii: "\\")) }
                bytes.append(0x20)
            case 0x21, 0x23, 0x3a, 0x3d, 0x5c:  // ! # : = and the backslash
                bytes += [UInt8(ascii: "\\"), UInt8(truncatingIfNeeded: unit)]
            case 0x21...0x7e: bytes.append(UInt8(truncatingIfNeeded: unit))
            default:
                let digits = String(unit, radix: 16, uppercase: true)
                bytes += "\\u\(String(repeating: "0", count: 4 - digits.utf8.count))\(digits)".utf8
            }
            isFirst = false
        }
    }
}
