/// Parses the one kind of JSON text that log directories hold: a flat object of integers.
///
/// Names are taken as they stand; a name with an escape is refused, for none of those that are looked for has one.
struct JSONIntegers {
    let bytes: [UInt8]
    let format: String
    private var position = 0

    init(bytes: [UInt8], format: String) {
        self.bytes = bytes
        self.format = format
    }

    /// The members of the object, which has to be all that there is.
    /// - Throws: `FormatError` at the first byte that does not fit, or when a name comes twice.
    mutating func object() throws(FormatError) -> [String: Int64] {
        var members: [String: Int64] = [:]
        try expect(UInt8(ascii: "{"))
        if peek() != UInt8(ascii: "}") {
            while true {
                let start = position
                let name = try string()
                try expect(UInt8(ascii: ":"))
                let value = try integer()
                guard members.updateValue(value, forKey: name) == nil else {
                    throw error(.malformed, at: start, "the name \"\(name.prefix(40))\" comes twice")
                }
                guard peek() == UInt8(ascii: ",") else { break }
                position += 1
            }
        }
        try expect(UInt8(ascii: "}"))
        guard peek() == nil else { throw error(.malformed, at: position, "something stands behind the object") }
        return members
    }

    private mutating func string() throws(FormatError) -> String {
        try expect(UInt8(ascii: "\""))
        let start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            guard bytes[position] != UInt8(ascii: "\\"), bytes[position] >= 0x20 else {
                throw error(.malformed, at: position, "a name without escapes was expected")
            }
            position += 1
        }
        let name = String(decoding: bytes[start..<position], as: UTF8.self)
        try expect(UInt8(ascii: "\""))
        return name
    }

    private mutating func integer() throws(FormatError) -> Int64 {
        _ = peek()
        let start = position
        while position < bytes.count, bytes[position] == UInt8(ascii: "-") || isDigit(bytes[position]) {
            position += 1
        }
        guard let value = Int64(decimalDigits: bytes[start..<position]) else {
            throw error(position == bytes.count ? .truncated : .malformed, at: start, "a 64-bit integer was expected")
        }
        return value
    }

    private func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// The next byte that is not white space, without consuming it; `nil` at the end.
    private mutating func peek() -> UInt8? {
        while position < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[position]) { position += 1 }
        return position < bytes.count ? bytes[position] : nil
    }

    private mutating func expect(_ byte: UInt8) throws(FormatError) {
        guard let found = peek() else {
            throw error(.truncated, at: position, "the text ends where \(Character(Unicode.Scalar(byte))) was expected")
        }
        guard found == byte else {
            throw error(.malformed, at: position, "\(Character(Unicode.Scalar(byte))) was expected")
        }
        position += 1
    }

    private func error(_ code: FormatError.Code, at position: Int, _ reason: String) -> FormatError {
        FormatError(code, format: format, at: .byte(position), reason: reason)
    }
}
