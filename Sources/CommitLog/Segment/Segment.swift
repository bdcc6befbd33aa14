import LinuxIO
import RecordBatch
import Synchronization
import SystemPackage

/// A part of a log: the record batches from its base offset up to the next segment's, in one file, with two indexes.
///
/// The last segment of a log is the active one; its log appends to it. All others are sealed and never change. How far the
/// file is written and how far it is durable are published with atomic stores after the fact, so readers need no lock.
final class Segment: Sendable {
    let baseOffset: Offset
    let log: CachedFile
    let offsetIndex: SegmentIndex<OffsetIndexEntry>
    let timeIndex: SegmentIndex<TimeIndexEntry>
    /// The end of the whole batches written.
    ///
    /// Bytes below it never change.
    private let written: Atomic<Int64>
    /// The end of what is known to be on disk.
    private let durable: Atomic<Int64>
    /// The end of what was readable before it was durable, when readers began to be held to that.
    private let exposed = Atomic<Int64>(0)
    /// The largest timestamp so far; `unknown` until somebody has found it.
    private let largest: Atomic<Int64>
    /// Set once the file ends where its batches end, and both indexes are complete and on disk.
    private let settled: Atomic<Bool>

    private static let unknown = Int64.min

    /// - Parameters:
    ///   - handle: the open log file, where there is one already.
    ///   - size: the end of the whole batches in the file.
    ///   - isSettled: whether the indexes are complete and on disk, as those of a log that was closed cleanly are.
    ///   - indexCounts: how many entries the index files hold, `nil` where that is yet to be read from their sizes.
    init(
        baseOffset: Offset,
        in directory: FilePath,
        cache: FileCache,
        handle: FileHandle? = nil,
        size: FilePosition,
        isSettled: Bool,
        indexCounts: (offset: Int, time: Int)?
    ) {
        self.baseOffset = baseOffset
        func file(_ kind: SegmentFileName.Kind, _ handle: FileHandle? = nil) -> CachedFile {
            CachedFile(SegmentFileName(baseOffset: baseOffset, kind: kind), in: directory, cache: cache, handle: handle)
        }
        log = file(.log, handle)
        offsetIndex = SegmentIndex(file(.index), persisted: indexCounts?.offset)
        timeIndex = SegmentIndex(file(.timeindex), persisted: indexCounts?.time)
        written = Atomic(size.rawValue)
        durable = Atomic(size.rawValue)
        largest = Atomic(indexCounts.map { $0.time == 0 } == true && size == .start ? -1 : Self.unknown)
        settled = Atomic(isSettled)
    }

    /// The end of what was appended.
    var writtenEnd: FilePosition { FilePosition(written.load(ordering: .acquiring)) }

    /// The end of what is durable.
    var durableEnd: FilePosition { FilePosition(durable.load(ordering: .acquiring)) }

    /// Publishes an append.
    ///
    /// Called by the log's one appender.
    func publish(writtenEnd: FilePosition) { written.store(writtenEnd.rawValue, ordering: .releasing) }

    /// Publishes a sync.
    ///
    /// Called by commits. Returns how many bytes became durable by it.
    func publish(durableEnd: FilePosition) -> Int {
        let (old, new) = durable.max(durableEnd.rawValue, ordering: .acquiringAndReleasing)
        return Int(new - old)
    }

    /// The end of what stays readable whether it is durable or not.
    var exposedEnd: FilePosition { FilePosition(exposed.load(ordering: .acquiring)) }

    /// Lets all that was appended so far stay readable.
    ///
    /// Called with the log's appender held.
    func expose() { exposed.store(written.load(ordering: .acquiring), ordering: .releasing) }

    /// Takes the segment's bytes at risk out of the count: it is being removed, and nothing of it can be lost any more.
    func forgetExposure(in exposure: Exposure) { exposure.subtract(publish(durableEnd: writtenEnd)) }

    var isSettled: Bool {
        get { settled.load(ordering: .acquiring) }
        set { settled.store(newValue, ordering: .releasing) }
    }

    /// The largest timestamp in the segment, `Timestamp.none` if there is none; `nil` if it is not known yet.
    var knownLargestTimestamp: Timestamp? {
        let known = largest.load(ordering: .relaxed)
        return known == Self.unknown ? nil : Timestamp(known)
    }

    /// Publishes the largest timestamp.
    ///
    /// Called by the log's one appender where it has written the whole segment, else by who has looked through it once it is
    /// sealed.
    func publish(largestTimestamp: Timestamp) {
        largest.store(largestTimestamp.rawValue, ordering: .relaxed)
    }
}
