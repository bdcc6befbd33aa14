import RecordBatch

/// Lays rows out below their column names.
///
/// Rows are printed as they come, so a column widens when a longer cell comes.
struct TableLayout {
    /// The most characters that are shown of a text or of bytes.
    private static let longestCell = 40

    private var names: [String] = []
    private var widths: [Int] = []

    /// Appends a row, below a line of names when they differ from those of the row before.
    mutating func append(_ row: Row, to bytes: inout [UInt8]) {
        let fields = row.columns.isEmpty ? row.fields : row.fields.filter { row.columns.contains($0.name) }
        let names = fields.map { $0.name.hasSuffix("Base64") ? String($0.name.dropLast(6)) : $0.name }
        let cells = fields.map { Self.text($0.value) }
        let numbers = fields.map { Self.isNumber($0.value) }
        if names != self.names {
            if !self.names.isEmpty { bytes.append(UInt8(ascii: "\n")) }
            self.names = names
            widths = zip(names, fields).map { max($0.count, Self.usualWidth($1.value)) }
            widen(for: cells)
            append(names, rightAligned: numbers, to: &bytes)
        }
        widen(for: cells)
        append(cells, rightAligned: numbers, to: &bytes)
    }

    private mutating func widen(for cells: [String]) {
        for (index, cell) in cells.enumerated() { widths[index] = max(widths[index], cell.count) }
    }

    /// What to start a column with, so that it seldom widens.
    private static func usualWidth(_ value: Row.Value) -> Int {
        if case .bytes = value { 20 } else { 0 }
    }

    private func append(_ cells: [String], rightAligned: [Bool], to bytes: inout [UInt8]) {
        var line = ""
        for (index, cell) in cells.enumerated() {
            let padding = String(repeating: " ", count: widths[index] - cell.count)
            if index > 0 { line += "  " }
            line += rightAligned[index] ? padding + cell : cell + padding
        }
        while line.last == " " { line.removeLast() }
        bytes += line.utf8
        bytes.append(UInt8(ascii: "\n"))
    }

    private static func isNumber(_ value: Row.Value) -> Bool {
        if case .integer = value { true } else { false }
    }

    private static func text(_ value: Row.Value) -> String {
        switch value {
        case .null: "null"
        case .integer(let integer): String(integer)
        case .boolean(let boolean): boolean ? "yes" : "no"
        case .text(let text): printable(text)
        case .bytes(let content): text(of: content)
        case .headers(let headers):
            headers.map { "\(printable($0.key))=\($0.value.map { text(of: $0) } ?? "null")" }.joined(separator: " ")
        }
    }

    /// Bytes as quoted text if they are some, else as hexadecimal digits; the number of bytes if not all are shown.
    private static func text(of content: [UInt8]) -> String {
        let start = content.prefix(longestCell)
        let rest = content.count > start.count ? "… (\(content.count) bytes)" : ""
        if start.allSatisfy({ (0x20..<0x7f).contains($0) }) {
            return "\"\(String(decoding: start, as: UTF8.self))\"\(rest)"
        }
        let digits = start.prefix(longestCell / 2).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }
        let isWhole = digits.count == content.count
        return "0x" + digits.joined() + (isWhole ? "" : "… (\(content.count) bytes)")
    }

    /// The text without what a terminal would obey instead of show.
    private static func printable(_ text: String) -> String {
        String(text.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{fffd}" : Character($0) })
    }
}
