import LinuxIO
import RecordBatch
public import SystemPackage

/// Checks everything that lies in a log directory, Kafka's or Millrace's, or in the directory of one partition.
///
/// Nothing is changed, no lock is taken, and nothing is opened for writing, so a directory can be checked whether or
/// not a process has it open. Of a running node's logs what lies behind the last checkpoint is in motion: a note about
/// the end of an active segment may be stale by the time it is read, and says nothing about the node.
///
/// What is checked:
/// - each batch: its structure, its CRC, and every record in it, inflated;
/// - offsets and leader epochs, from batch to batch, from segment to segment, and against the names of the segments
///   and the list of leader epochs. Offsets that compaction has taken away are no fault;
/// - each entry of each index, against the batches;
/// - producer snapshots, checkpoints, `meta.properties` and `partition.metadata`, and whether the checkpoints agree
///   with the logs.
///
/// What a crash leaves is told from what has rotted in the way in which the next opening does: bad bytes above what is
/// known to be durable are a note, bad bytes below are a fault. A partition's directory on its own, without the
/// checkpoints beside it, is taken to have been closed in good order.
///
/// ```swift
/// var verifier = try LogVerifier("/var/lib/millrace")
/// while let event = verifier.next() {
///     if case .fault(let fault) = event { print(fault) }
/// }
/// ```
///
/// Waits for the disk, and reads all of the logs: not for a thread that others wait for. Not thread-safe, but may move
/// between threads. Memory is bounded by the largest batch, the names in a directory and the largest small file.
public struct LogVerifier: ~Copyable {
    /// What a call of ``LogVerifier/next()`` returns.
    public enum Event: Hashable, Sendable {
        /// Something is not as it should be.
        case fault(VerificationFault)
        /// Nothing was found lately; time to tell how far the work is.
        case progress
    }

    /// How much is read between two events of progress.
    private static let progressBytes: Int64 = 8 << 20

    /// The bytes of all logs that are checked, as they were at the beginning.
    public let totalBytes: Int64
    /// How much was looked at so far.
    public private(set) var counts = VerificationCounts()

    private let root: RootVerification?
    private var partitions: ArraySlice<(path: FilePath, partition: TopicPartition?)>
    private var current: PartitionVerification?
    private var records: RecordCheck
    /// Faults of the last step that were not given out yet, the last one first.
    private var faults: [VerificationFault]
    private var nextProgress = progressBytes

    /// Looks at what lies in a directory, and reads the files at its root.
    /// - Parameters:
    ///   - path: A log directory, or the directory of a partition, of which the checkpoints are then taken from the
    ///     directory above it.
    ///   - batchLimit: How many bytes a batch may have, and how many its records may inflate to; of what is larger only
    ///     the CRC is checked. 1 to `Int32.max`; 64 MiB by default.
    /// - Throws: ``LogError/Code/notFound`` if there is no such directory; ``LogError/Code/invalidDirectory`` if it
    ///   holds neither logs nor the files of one; errors of the operating system.
    public init(_ path: FilePath, batchLimit: Int = 64 << 20) throws(LogError) {
        precondition((1...Int(Int32.max)).contains(batchLimit), "Cannot check batches of up to \(batchLimit) bytes")
        let contents: DirectoryContents
        let root: RootVerification?
        let totalBytes: Int64
        do throws(IOError) {
            contents = try DirectoryContents(path)
            root = try Self.root(of: path, contents.kind)
            totalBytes = try contents.logBytes()
        } catch {
            throw LogError(error)
        }
        var faults = root?.faults ?? []
        switch contents.kind {
        case .absent:
            throw LogError(.notFound, "There is no directory \(path)", at: .init(path: path))
        case .neither:
            throw LogError(
                .invalidDirectory,
                "\(path) is no log directory, which has a meta.properties, nor a partition's, which has segments",
                at: .init(path: path)
            )
        case .partition:
            break
        case .logDirectory:
            faults += root?.absent(from: Set(contents.partitions.compactMap(\.partition))) ?? []
        }
        self.root = root
        self.totalBytes = totalBytes
        self.faults = faults.reversed()
        partitions = contents.partitions[...]
        records = RecordCheck(limit: batchLimit)
    }

    /// The files that speak of the partitions: those of the directory, or of the one above a partition's.
    private static func root(of path: FilePath, _ kind: DirectoryContents.Kind) throws(IOError) -> RootVerification? {
        switch kind {
        case .logDirectory:
            return try RootVerification(path)
        case .partition:
            let parent = path.removingLastComponent()
            let above: FilePath = parent.isEmpty ? "." : parent
            let hasRoot = try FileSystem.status(above.appending(MetaProperties.fileName)) != nil
            return hasRoot ? try RootVerification(above) : nil
        case .absent, .neither:
            return nil
        }
    }

    /// Goes on until there is something to tell.
    /// - Returns: `nil` at the end.
    public mutating func next() -> Event? {
        while true {
            if let fault = faults.popLast() { return .fault(fault) }
            if counts.checkedBytes >= nextProgress {
                nextProgress = counts.checkedBytes + Self.progressBytes
                return .progress
            }
            guard step() else { return nil }
        }
    }

    /// Does a small part of the work; `false` when all is done.
    private mutating func step() -> Bool {
        var found: [VerificationFault] = []
        defer { faults = found.reversed() }
        if var partition = current.take() {
            counts = counts + partition.step(&records, &found)
            if !partition.isOver { current = partition }
            return true
        }
        guard let (path, partition) = partitions.popFirst() else { return false }
        // Without anything that would speak of a crash there was none.
        let expectations =
            partition.flatMap { root?.expectations(of: $0) } ?? PartitionExpectations(isClean: root == nil)
        do {
            current = try PartitionVerification(path, expectations, &found)
        } catch {
            found.append(VerificationFault(.unreadable, path, error.description))
        }
        return true
    }
}
