import RecordBatch
import SystemPackage

/// Prints what lies in logs, one batch at a time.
struct LogInspection: ~Copyable {
    private let selection: LogSelection
    /// Kept from log to log: inflating then allocates nothing.
    private var decompressor = Decompressor(limit: LogReader.largestBatch)

    init(_ selection: LogSelection) {
        self.selection = selection
    }

    /// Prints the selected rows of a log, or those before the first defect.
    /// - Throws: `InspectionError` with the place of the defect, or of a failed read or write.
    mutating func print(_ path: FilePath, to printer: inout RowPrinter) throws(InspectionError) {
        let segment = path.lastComponent?.string ?? ""
        var reader = try LogReader(path)
        while true {
            let position = reader.position
            guard let batch = try reader.next() else { return }
            if selection == .batches {
                try printer.print(batch.header.row(segment: segment, position: position))
            } else if batch.header.isControl == (selection == .control) {
                try printRecords(of: batch, in: path, at: position, to: &printer)
            }
        }
    }

    private mutating func printRecords(
        of batch: borrowing RecordBatchView,
        in path: FilePath,
        at position: Int64,
        to printer: inout RowPrinter
    ) throws(InspectionError) {
        var records: RecordIterator
        do {
            records = try batch.records(using: &decompressor)
        } catch {
            throw InspectionError(path, batchAt: position, error)
        }
        while true {
            let row: Row
            do {
                guard let record = try records.next() else { return }
                row = try Self.row(record, in: batch.header)
            } catch {
                throw InspectionError(path, batchAt: position, error)
            }
            try printer.print(row)
        }
    }

    private static func row(
        _ record: borrowing RecordView,
        in batch: RecordBatchHeader
    ) throws(RecordBatchError) -> Row {
        batch.isControl ? Record(record).row(try ControlRecord(record), in: batch) : Record(record).row
    }
}
