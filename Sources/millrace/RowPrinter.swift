import SystemPackage

/// Prints rows to standard output, through a buffer of bounded size.
struct RowPrinter {
    /// How rows are printed.
    enum Form {
        /// One JSON object a line.
        case json
        /// Cells below column names.
        case table
    }

    private static let flushThreshold = 1 << 16

    private let form: Form
    private var table = TableLayout()
    private var buffer: [UInt8] = []

    init(form: Form) {
        self.form = form
        buffer.reserveCapacity(Self.flushThreshold + 4096)
    }

    /// Prints one row.
    /// - Throws: `InspectionError` when standard output does not take it.
    mutating func print(_ row: Row) throws(InspectionError) {
        switch form {
        case .json: JSONText.append(row, to: &buffer)
        case .table: table.append(row, to: &buffer)
        }
        if buffer.count >= Self.flushThreshold { try flush() }
    }

    /// Writes out what is in the buffer.
    /// - Throws: `InspectionError` when standard output does not take it.
    mutating func flush() throws(InspectionError) {
        do {
            try FileDescriptor.standardOutput.writeAll(buffer)
        } catch {
            throw InspectionError("standard output", "could not write: \(error)")
        }
        buffer.removeAll(keepingCapacity: true)
    }
}
