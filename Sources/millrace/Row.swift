import RecordBatch

/// One object to print: named values in order.
struct Row: ExpressibleByDictionaryLiteral {
    /// A value, with the distinctions that JSON makes.
    enum Value {
        case null
        case integer(Int64)
        case boolean(Bool)
        case text(String)
        /// In JSON as base64.
        case bytes([UInt8])
        /// In JSON as an array of `[name, base64 or null]`.
        case headers([RecordHeader])
    }

    let fields: [(name: String, value: Value)]
    /// The names of the fields that a table has room for; all of them if there are none here.
    var columns: [String] = []

    init(dictionaryLiteral elements: (String, Value)...) {
        fields = elements.map { (name: $0.0, value: $0.1) }
    }

    init(_ fields: [(name: String, value: Value)]) {
        self.fields = fields
    }

    /// The row with a choice of fields for tables.
    func table(_ columns: [String]) -> Row {
        var row = self
        row.columns = columns
        return row
    }
}

extension Row.Value {
    /// The integer, or null.
    init(_ value: (some FixedWidthInteger)?) {
        self = value.map { .integer(Int64($0)) } ?? .null
    }

    /// The bytes, or null.
    init(_ value: [UInt8]?) {
        self = value.map { .bytes($0) } ?? .null
    }
}
