import LinuxIO
import RecordBatch
import SystemPackage

/// The files at the root of a log directory, and what they say of its partitions.
struct RootVerification {
    private let directory: FilePath
    private let isClean: Bool
    private let durable: DurableCheckpoint?
    private let offsets: [CheckpointFile: [TopicPartition: Offset]]
    /// What is wrong with the files themselves.
    private(set) var faults: [VerificationFault]

    /// Reads all of them.
    /// - Throws: `IOError` where the directory cannot be asked.
    init(_ directory: FilePath) throws(IOError) {
        self.directory = directory
        var reader = SmallFileReader()
        let cleanShutdown = directory.appending(CleanShutdownFile.fileName)
        isClean = try FileSystem.status(cleanShutdown) != nil
        _ = reader.read(cleanShutdown) { (bytes) throws(FormatError) in try CleanShutdownFile(parsing: bytes) }
        let properties = directory.appending(MetaProperties.fileName)
        _ = reader.read(properties) { (bytes) throws(FormatError) in try MetaProperties(parsing: bytes) }

        // Our own checkpoint counts only together with the recovery points that it was written for.
        var recoveryPointChecksum = CRC32C.checksum(of: [UInt8]().rawSpan)
        var offsets: [CheckpointFile: [TopicPartition: Offset]] = [:]
        for file in CheckpointFile.allCases where file != .durable {
            offsets[file] = reader.read(directory.appending(file.rawValue)) { (bytes) throws(FormatError) in
                if file == .recoveryPoint { recoveryPointChecksum = CRC32C.checksum(of: bytes.rawSpan) }
                return try OffsetCheckpoint(parsing: bytes).offsets
            }
        }
        self.offsets = offsets
        let path = directory.appending(CheckpointFile.durable.rawValue)
        let found = reader.read(path) { (bytes) throws(FormatError) in try DurableCheckpoint(parsing: bytes) }
        durable = found.flatMap { $0.recoveryPointChecksums.contains(recoveryPointChecksum) ? $0 : nil }
        faults = reader.takeFaults()
        if found != nil, durable == nil, offsets[.recoveryPoint] != nil {
            faults.append(
                VerificationFault(
                    .note,
                    .checkpoint,
                    path,
                    "it does not go with \(CheckpointFile.recoveryPoint.rawValue): Kafka has had the directory, or that file has changed"
                )
            )
        }
        if try FileSystem.status(properties) == nil {
            faults.append(VerificationFault(.missing, properties, "every log directory has this file"))
        }
    }

    /// What the files say of a partition.
    func expectations(of partition: TopicPartition) -> PartitionExpectations {
        let own = durable?.entries[partition]
        let head = HeadDecision.Evidence(checkpointed: offsets[.startOffset]?[partition], durable: own?.start)
        return PartitionExpectations(
            isClean: isClean,
            // As an opening does: ours is the newer one.
            recoveryPoint: own?.recoveryPoint ?? offsets[.recoveryPoint]?[partition],
            highWatermark: offsets[.highWatermark]?[partition],
            startOffset: own?.start ?? head.checkpointed,
            contradictoryStart: head.isContradictory ? head.checkpointed ?? Offset(0) : nil,
            durable: own,
            isCompacted: offsets[.cleaner]?[partition] != nil
        )
    }

    /// Tells of the partitions that the files name, but that have no directory.
    ///
    /// A note, since a partition that was deleted stays in the checkpoints until they are written the next time.
    func absent(from present: Set<TopicPartition>) -> [VerificationFault] {
        var absent: [VerificationFault] = []
        for file in CheckpointFile.allCases where file != .cleaner {
            let named = file == .durable ? durable.map { Array($0.entries.keys) } : offsets[file].map { Array($0.keys) }
            for partition in (named ?? []).sorted() where !present.contains(partition) {
                absent.append(
                    VerificationFault(
                        isClean ? .fault : .note,
                        .checkpoint,
                        directory.appending(file.rawValue),
                        "it names \(partition), which has no directory"
                    )
                )
            }
        }
        return absent
    }
}
