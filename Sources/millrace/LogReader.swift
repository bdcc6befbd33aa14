import CommitLog
import LinuxIO
import RecordBatch
import SystemPackage

/// Reads a file of record batches from its start to its end, holding one batch in memory (or a window of small ones).
///
/// What is appended to the file meanwhile may be read or not.
struct LogReader: ~Copyable {
    /// The largest batch that is read, in bytes: far above the 1 MiB that brokers take unless configured otherwise.
    static let largestBatch = 256 << 20

    private static let windowSize = 256 << 10

    private let file: File
    /// Bytes of the file from `windowStart` on; the first `windowCount` are valid.
    private var window: [UInt8]
    private var windowStart: Int64 = 0
    private var windowCount = 0
    /// Where the next batch begins, in bytes from the start of the file.
    private(set) var position: Int64 = 0

    /// Opens the file.
    init(_ path: FilePath) throws(InspectionError) {
        do {
            file = try File.open(path)
        } catch {
            throw InspectionError(path, error)
        }
        window = [UInt8](repeating: 0, count: Self.windowSize)
    }

    /// Reads the next batch, with its CRC checked.
    /// - Returns: The batch, valid until the next call; `nil` at the end of the file.
    /// - Throws: `InspectionError` when a batch is cut short or damaged. Further calls throw the same.
    @_lifetime(&self)
    mutating func next() throws(InspectionError) -> RecordBatchView? {
        guard try loadBatch() else { return nil }
        do {
            let start = Int(position - windowStart)
            let batch = try RecordBatchView(window.rawSpan.extracting(start..<windowCount))
            try batch.validateCRC()
            position += Int64(batch.bytes.byteCount)
            return batch
        } catch {
            throw InspectionError(file.path, batchAt: position, error)
        }
    }

    /// Brings the next batch into the window, as far as the file has it; false at the end of the file.
    private mutating func loadBatch() throws(InspectionError) -> Bool {
        if unreadCount < RecordBatchHeader.byteCount { try fillWindow() }
        guard unreadCount > 0 else { return false }
        let size: Int
        do {
            let start = Int(position - windowStart)
            size = try RecordBatchHeader(parsing: window.rawSpan.extracting(start..<windowCount)).byteCount
        } catch {
            throw InspectionError(file.path, batchAt: position, error)
        }
        guard size > unreadCount else { return true }
        if size > window.count { try widenWindow(to: size) }
        try fillWindow()
        return true
    }

    /// How many bytes of the window belong to no batch yet.
    private var unreadCount: Int { windowCount - Int(position - windowStart) }

    /// Reads from the next batch on, until the window is full or the file ends.
    private mutating func fillWindow() throws(InspectionError) {
        do {
            windowCount = try file.read(into: &window, at: position)
        } catch {
            throw InspectionError(file.path, error)
        }
        windowStart = position
    }

    /// Makes the window as large as a batch is said to be: not before the file is seen to have so many bytes.
    private mutating func widenWindow(to size: Int) throws(InspectionError) {
        let left: Int64
        do {
            left = try file.status().size - position
        } catch {
            throw InspectionError(file.path, error)
        }
        guard size <= left, size <= Self.largestBatch else {
            let bound = size <= left ? "batches of up to \(Self.largestBatch) are read" : "the file has \(left) more"
            throw InspectionError(file.path, "position \(position): the batch is said to have \(size) bytes; \(bound)")
        }
        window = [UInt8](repeating: 0, count: size)
        windowCount = 0
    }
}
