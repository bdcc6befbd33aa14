/// The text form that Kafka's checkpoint files share.
///
/// ```
/// 0                      version of the format
/// 2                      number of entries
/// plain-none 0 2000      one entry a line, its fields parted by one blank
/// txn 0 850
/// ```
///
/// Every line ends in `\n`, the last one too, so that a file cut short at any byte is told from a whole one. An empty
/// file is valid and has no entries: Kafka creates a checkpoint before it writes to it.
///
/// Source: Kafka's `CheckpointFile`.
struct CheckpointText {
    /// The only version there is, of either file.
    private static let version = "0"

    /// One line of entries.
    struct Entry {
        let format: String
        /// Counted from 1.
        let line: Int
        let fields: [Substring]

        /// The field as a decimal integer.
        /// - Throws: `FormatError` when it is not one, is below `least`, or does not fit the type.
        func integer<Value: FixedWidthInteger>(
            _ index: Int,
            _ name: String,
            least: Value
        ) throws(FormatError) -> Value {
            guard let value = Value(decimalDigits: fields[index].utf8), value >= least else {
                throw malformed(
                    "\(name) is \"\(fields[index].prefix(40))\"; it has to be a decimal number of at least \(least)"
                )
            }
            return value
        }

        func malformed(_ reason: String) -> FormatError {
            FormatError(.malformed, format: format, at: .line(line), reason: reason)
        }
    }

    let format: String
    let fieldsPerEntry: Int

    /// The entries of a file.
    /// - Throws: `FormatError` when version, count or shape are not as drawn.
    func entries(parsing bytes: [UInt8]) throws(FormatError) -> [Entry] {
        guard !bytes.isEmpty else { return [] }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw FormatError(.malformed, format: format, at: .line(1), reason: "the file is not UTF-8 text")
        }
        var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Substring.init)
        guard lines.removeLast().isEmpty else {
            throw FormatError(
                .truncated,
                format: format,
                at: .line(lines.count + 1),
                reason: "the last line has no end; the file was cut short"
            )
        }
        guard lines[0] == Self.version else {
            throw FormatError(
                .unsupportedVersion,
                format: format,
                at: .line(1),
                reason: "version \"\(lines[0].prefix(40))\"; only version \(Self.version) is known"
            )
        }
        guard lines.count >= 2 else {
            throw FormatError(.truncated, format: format, at: .line(2), reason: "the number of entries is missing")
        }
        // Nothing is sized by the count: it is compared with the lines that are there.
        guard let count = Int(decimalDigits: lines[1].utf8), count >= 0 else {
            throw FormatError(
                .malformed,
                format: format,
                at: .line(2),
                reason: "the number of entries is \"\(lines[1].prefix(40))\""
            )
        }
        guard count == lines.count - 2 else {
            throw FormatError(
                count > lines.count - 2 ? .truncated : .malformed,
                format: format,
                at: .line(2),
                reason: "\(count) entries are announced, \(lines.count - 2) lines follow"
            )
        }
        var entries: [Entry] = []
        entries.reserveCapacity(count)
        for (index, line) in lines.dropFirst(2).enumerated() {
            let fields = line.split(separator: " ", omittingEmptySubsequences: false)
            let entry = Entry(format: format, line: index + 3, fields: fields)
            guard fields.count == fieldsPerEntry else {
                throw entry.malformed("\(fields.count) fields between single blanks, where \(fieldsPerEntry) belong")
            }
            entries.append(entry)
        }
        return entries
    }

    /// The file with these entries, each given as its fields in order.
    static func encode(_ entries: [[String]]) -> [UInt8] {
        var text = "\(version)\n\(entries.count)\n"
        for fields in entries {
            text += fields.joined(separator: " ") + "\n"
        }
        return Array(text.utf8)
    }
}
