import RecordBatch
import SystemPackage

/// A log as it was found on disk.
struct LoadedLog: Sendable {
    /// Ordered by base offset; the last one is the active one.
    var segments: [Segment]
    var active: Segment
    var nextOffset: Offset
    var startOffset: Offset
    var epochs: LeaderEpochCache
    /// Whether the file of epochs says otherwise.
    var epochsChanged = false
    /// What is known of producers at the end of the log.
    var producers = ProducerStates()
    /// Whether there is a snapshot of them.
    var hasProducerSnapshot = false
    var topicID: TopicID?
    /// Why the log cannot be used.
    var fence: LogError?
    var report = RecoveryReport()

    /// A log that is closed to appends and reads, with its files left as they are.
    init(fenced error: LogError, in directory: FilePath, cache: FileCache) {
        active = Segment(
            baseOffset: Offset(0),
            in: directory,
            cache: cache,
            size: .start,
            isSettled: true,
            indexCounts: (0, 0)
        )
        segments = []
        nextOffset = Offset(0)
        startOffset = Offset(0)
        epochs = LeaderEpochCache()
        fence = error
    }

    /// A log that was made just now.
    init(emptyIn directory: FilePath, cache: FileCache) {
        let segment = Segment(
            baseOffset: Offset(0),
            in: directory,
            cache: cache,
            size: .start,
            isSettled: false,
            indexCounts: (0, 0)
        )
        self.init(
            segments: [segment],
            active: segment,
            nextOffset: Offset(0),
            startOffset: Offset(0),
            epochs: LeaderEpochCache(),
            report: RecoveryReport()
        )
    }

    init(
        segments: [Segment],
        active: Segment,
        nextOffset: Offset,
        startOffset: Offset,
        epochs: LeaderEpochCache,
        report: RecoveryReport
    ) {
        self.segments = segments
        self.active = active
        self.nextOffset = nextOffset
        self.startOffset = startOffset
        self.epochs = epochs
        self.report = report
    }
}

/// What recovery did.
public struct RecoveryReport: Hashable, Sendable {
    /// Segments of which at least the end was scanned.
    public var scannedSegments = 0
    /// Bytes whose CRC was checked.
    public var checkedBytes = 0
    /// Bytes cut off as torn, and kept in `.torn` files.
    public var tornBytes = 0
    /// Index entries that were made anew.
    public var rebuiltIndexEntries = 0

    /// Makes a report of nothing.
    public init() {}

    static func + (a: RecoveryReport, b: RecoveryReport) -> RecoveryReport {
        var sum = a
        sum.scannedSegments += b.scannedSegments
        sum.checkedBytes += b.checkedBytes
        sum.tornBytes += b.tornBytes
        sum.rebuiltIndexEntries += b.rebuiltIndexEntries
        return sum
    }
}
