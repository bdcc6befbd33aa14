import ArgumentParser
import RecordBatch
import SystemPackage

/// How `read` prints a record.
enum RecordForm: String, CaseIterable, ExpressibleByArgument {
    /// The bytes of the value, and the end of a line.
    case value
    /// A JSON object with all that a record has, as `inspect` prints it.
    case json
}

/// Prints records to standard output, through a buffer of bounded size.
struct RecordPrinter {
    private static let flushThreshold = 64 << 10

    private let form: RecordForm
    private let keySeparator: [UInt8]?
    private var buffer: [UInt8] = []
    /// How many bytes were printed, or are about to be.
    private(set) var byteCount: Int64 = 0

    /// - Parameters:
    ///   - form: How to print a record.
    ///   - keySeparator: What to print between key and value; `nil` for printing no keys.
    init(_ form: RecordForm, keySeparator: [UInt8]?) {
        self.form = form
        self.keySeparator = keySeparator
    }

    /// Prints a record.
    /// - Throws: `CancellationError` if nobody reads what is printed any more; `CommandFailure` if it cannot be
    ///   written.
    mutating func print(_ record: Record) throws {
        let start = buffer.count
        switch form {
        case .json:
            JSONText.append(record.row, to: &buffer)
        case .value:
            if let keySeparator, let key = record.key { buffer += key + keySeparator }
            if let value = record.value { buffer += value }
            buffer.append(UInt8(ascii: "\n"))
        }
        byteCount += Int64(buffer.count - start)
        if buffer.count >= Self.flushThreshold { try flush() }
    }

    /// Writes out what is in the buffer.
    /// - Throws: As ``print(_:)``.
    mutating func flush() throws {
        do {
            try FileDescriptor.standardOutput.writeAll(buffer)
        } catch Errno.brokenPipe {
            // Such as `head`, which has seen enough.
            throw CancellationError()
        } catch {
            throw CommandFailure("Could not write to standard output: \(error)")
        }
        buffer.removeAll(keepingCapacity: true)
    }
}
