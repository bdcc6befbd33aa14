import CommitLog
import LinuxIO
import RecordBatch
import SystemPackage

/// What a path names, told by its last component: every file of a log directory has a name that says what it is.
struct Inspection {
    private enum Content {
        /// A directory with segments.
        case partition
        case recordBatches
        case offsetIndex(base: Offset)
        case timeIndex(base: Offset)
        case transactionIndex
        case smallFile(SmallFile)
    }

    private let path: FilePath
    private let content: Content

    /// - Throws: `InspectionError` when nothing is there, or the name says nothing.
    init(_ path: FilePath) throws(InspectionError) {
        self.path = path
        let status: FileStatus?
        do {
            status = try FileSystem.status(path)
        } catch {
            throw InspectionError(path, error)
        }
        guard let status else { throw InspectionError(path, "there is no such file or directory") }
        if status.kind == .directory {
            content = .partition
        } else if status.kind != .regular {
            throw InspectionError(path, "this is neither a file nor a directory")
        } else if let content = Self.content(named: path.lastComponent?.string ?? "") {
            self.content = content
        } else {
            throw InspectionError(
                path,
                """
                the name is none that a file of a log directory has, such as 00000000000000000000.log or \
                recovery-point-offset-checkpoint
                """
            )
        }
    }

    private static func content(named name: String) -> Content? {
        if let segmentFile = SegmentFileName(parsing: name) {
            return switch segmentFile.kind {
            case .log: .recordBatches
            case .index: .offsetIndex(base: segmentFile.baseOffset)
            case .timeindex: .timeIndex(base: segmentFile.baseOffset)
            case .txnindex: .transactionIndex
            case .snapshot: .smallFile(.producerSnapshot)
            }
        }
        // A copy of a log under another name, and the snapshots of the Raft layer, which are batches too.
        if name.hasSuffix(".log") || name.hasSuffix(".checkpoint") { return .recordBatches }
        return SmallFile(named: name).map { .smallFile($0) }
    }

    /// Prints everything, or what comes before the first defect.
    /// - Throws: `InspectionError` with the place of the defect, or of a failed read or write.
    func print(_ selection: LogSelection, to printer: inout RowPrinter) throws(InspectionError) {
        switch content {
        case .partition:
            var inspection = LogInspection(selection)
            for log in try segments() { try inspection.print(log, to: &printer) }
        case .recordBatches:
            var inspection = LogInspection(selection)
            try inspection.print(path, to: &printer)
        case .offsetIndex(let base):
            try IndexInspection<OffsetIndexEntry>(path).print(to: &printer) { $0.row(base: base) }
        case .timeIndex(let base):
            try IndexInspection<TimeIndexEntry>(path).print(to: &printer) { $0.row(base: base) }
        case .transactionIndex:
            try IndexInspection<AbortedTransaction>(path).print(to: &printer) { $0.row }
        case .smallFile(let file):
            try print(file, to: &printer)
        }
    }

    /// The logs of the directory's segments, by offset.
    private func segments() throws(InspectionError) -> [FilePath] {
        let entries: [DirectoryEntry]
        do {
            entries = try FileSystem.list(path)
        } catch {
            throw InspectionError(path, error)
        }
        let logs = entries.filter { entry in
            guard let name = SegmentFileName(parsing: entry.name) else { return false }
            return name.kind == .log && name.suffix == nil
        }
        guard !logs.isEmpty else {
            throw InspectionError(path, "there is no segment here; name the directory of a partition, <topic>-<number>")
        }
        return logs.map { path.appending($0.component) }
    }

    private func print(_ file: SmallFile, to printer: inout RowPrinter) throws(InspectionError) {
        let bytes: [UInt8]
        do {
            bytes = try FileSystem.readFile(path, limit: SmallFile.largestSize)
        } catch {
            throw InspectionError(path, error)
        }
        let rows: [Row]
        do {
            rows = try file.rows(parsing: bytes)
        } catch {
            throw InspectionError(path, error)
        }
        for row in rows { try printer.print(row) }
    }
}
