import RecordBatch

/// Writes rows as JSON (RFC 8259), UTF-8, without white space.
///
/// Of characters only those are escaped that have to be: quotation mark, backslash, and controls below U+0020.
enum JSONText {
    /// Appends a row as one object and the end of the line.
    static func append(_ row: Row, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "{"))
        for (index, field) in row.fields.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            append(field.name, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            append(field.value, to: &bytes)
        }
        bytes += "}\n".utf8
    }

    private static func append(_ value: Row.Value, to bytes: inout [UInt8]) {
        switch value {
        case .null: bytes += "null".utf8
        case .integer(let integer): bytes += String(integer).utf8
        case .boolean(let boolean): bytes += (boolean ? "true" : "false").utf8
        case .text(let text): append(text, to: &bytes)
        case .bytes(let content): appendBase64(content, to: &bytes)
        case .headers(let headers):
            bytes.append(UInt8(ascii: "["))
            for (index, header) in headers.enumerated() {
                bytes += (index > 0 ? ",[" : "[").utf8
                append(header.key, to: &bytes)
                bytes.append(UInt8(ascii: ","))
                append(Row.Value(header.value), to: &bytes)
                bytes.append(UInt8(ascii: "]"))
            }
            bytes.append(UInt8(ascii: "]"))
        }
    }

    private static let hexadecimalDigits = Array("0123456789abcdef".utf8)

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): bytes += "\\\"".utf8
            case UInt8(ascii: "\\"): bytes += "\\\\".utf8
            case 0x08: bytes += "\\b".utf8
            case 0x09: bytes += "\\t".utf8
            case 0x0a: bytes += "\\n".utf8
            case 0x0c: bytes += "\\f".utf8
            case 0x0d: bytes += "\\r".utf8
            case 0x00..<0x20:
                bytes += "\\u00".utf8
                bytes += [hexadecimalDigits[Int(byte >> 4)], hexadecimalDigits[Int(byte & 0xf)]]
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static let base64Alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Base64 with padding (RFC 4648 section 4), in quotation marks.
    private static func appendBase64(_ content: [UInt8], to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        bytes.reserveCapacity(bytes.count + content.count / 3 * 4 + 8)
        for start in stride(from: 0, to: content.count, by: 3) {
            // Three bytes are four digits of six bits; bytes that are missing at the end count as zero.
            let count = min(3, content.count - start)
            var bits = UInt32(content[start]) << 16
            if count > 1 { bits |= UInt32(content[start + 1]) << 8 }
            if count > 2 { bits |= UInt32(content[start + 2]) }
            bytes.append(base64Alphabet[Int(bits >> 18)])
            bytes.append(base64Alphabet[Int(bits >> 12 & 0b11_1111)])
            bytes.append(count > 1 ? base64Alphabet[Int(bits >> 6 & 0b11_1111)] : UInt8(ascii: "="))
            bytes.append(count > 2 ? base64Alphabet[Int(bits & 0b11_1111)] : UInt8(ascii: "="))
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
