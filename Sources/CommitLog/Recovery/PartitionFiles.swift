import RecordBatch

/// What the names in a partition's directory tell.
struct PartitionFiles: Hashable, Sendable {
    /// The base offsets of the log files, ascending.
    private(set) var segments: [Offset] = []
    /// Files that an interrupted deletion, compaction or preparation left behind; nothing in them is needed.
    private(set) var leftovers: [String] = []
    /// The segments of which a file was renamed to be deleted.
    private(set) var doomed: Set<Offset> = []
    /// The offsets of the snapshots of producers, ascending.
    private(set) var snapshots: [Offset] = []
    /// Index files of segments that do not exist.
    private(set) var strays: [String] = []
    /// Results of a compaction that was interrupted while they took their places.
    private(set) var swaps: [String] = []
    /// Whether an fsync had failed when the log was last in use.
    private(set) var hasUnsyncedMark = false

    init(names: [String]) {
        var others: [(String, SegmentFileName)] = []
        for name in names {
            if name == UnsyncedMark.fileName { hasUnsyncedMark = true }
            if name.hasSuffix(".tmp") { leftovers.append(name) }
            guard let file = SegmentFileName(parsing: name) else { continue }
            if file.suffix == .deleted { doomed.insert(file.baseOffset) }
            switch (file.suffix, file.kind) {
            case (.deleted, _), (.cleaned, _), (.prepared, _): leftovers.append(name)
            case (.swap, _): swaps.append(name)
            case (.torn, _): break
            case (nil, .log): segments.append(file.baseOffset)
            case (nil, .index), (nil, .timeindex), (nil, .txnindex): others.append((name, file))
            case (nil, .snapshot): snapshots.append(file.baseOffset)
            }
        }
        segments.sort()
        snapshots.sort()
        let known = Set(segments)
        strays = others.filter { !known.contains($0.1.baseOffset) }.map(\.0)
    }
}
