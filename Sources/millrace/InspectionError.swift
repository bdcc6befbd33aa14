import CommitLog
import LinuxIO
import RecordBatch
import SystemPackage

/// Why a file cannot be shown, or no further.
struct InspectionError: Error, CustomStringConvertible {
    /// The file, and the place in it.
    let subject: String
    /// What is wrong there.
    let reason: String

    var description: String { "\(subject): \(reason)" }

    init(_ path: FilePath, _ reason: String) {
        subject = path.string
        self.reason = reason
    }

    /// A batch that begins at a position, in bytes, of the file has a defect.
    init(_ path: FilePath, batchAt position: Int64, _ error: RecordBatchError) {
        let offset = error.location?.baseOffset.map { " with base offset \($0.rawValue)" } ?? ""
        subject = "\(path): position \(position)"
        reason = "the batch\(offset) cannot be read (\(error.code)): \(error.message)"
    }

    init(_ path: FilePath, _ error: FormatError) {
        subject = "\(path): \(error.place)"
        reason = "not a valid \(error.format) (\(error.code)): \(error.reason)"
    }

    init(_ path: FilePath, _ error: IOError) {
        subject = path.string
        reason = error.description
    }
}
