import LinuxIO
import Logging
import RecordBatch
import Synchronization
import SystemPackage

/// Writes the checkpoint files at the root of a directory: Kafka's, once a minute and when it is closed, and our own, within
/// a second of any progress.
final class Checkpoints: Sendable {
    static let recoveryPointFileName = "recovery-point-offset-checkpoint"
    static let logStartFileName = "log-start-offset-checkpoint"
    static let highWatermarkFileName = "replication-offset-checkpoint"

    /// Kafka's `log.flush.offset.checkpoint.interval.ms`.
    private static let interval = Duration.seconds(60)

    private let directory: FilePath
    private let leaderEpoch: LeaderEpoch
    private let logger: Logger
    /// What was found of logs that are fenced: it has to stay as it is until they are repaired.
    private let found: FoundCheckpoints
    private let state: Lock<State>

    private struct State {
        /// `nil` once the directory is gone: then nothing is known, and nothing must be overwritten.
        var logs: @Sendable () -> [PartitionLog]? = { nil }
        var lastFull: ContinuousClock.Instant?
        /// Of the recovery-point file as it stands.
        var recoveryPointChecksum: UInt32
    }

    init(_ directory: FilePath, leaderEpoch: LeaderEpoch, found: FoundCheckpoints, logger: Logger) {
        self.directory = directory
        self.leaderEpoch = leaderEpoch
        self.found = found
        self.logger = logger
        state = Lock(State(recoveryPointChecksum: found.recoveryPointChecksum))
    }

    /// Sets where the logs are asked for.
    func setLogs(_ logs: @escaping @Sendable () -> [PartitionLog]?) { state.withLock { $0.logs = logs } }

    /// On the housekeeper's thread, a second after progress: writes our own file, and Kafka's if a minute has passed.
    func writeAfterProgress() {
        do {
            try state.withLock { (state) throws(LogError) in
                if let last = state.lastFull, ContinuousClock.now - last < Self.interval {
                    try writeDurable(&state)
                } else {
                    try writeAll(&state)
                }
            }
        } catch {
            logger.warning("A checkpoint could not be written, so a recovery would have more to read: \(error)")
        }
    }

    /// Writes all files.
    func writeAll() throws(LogError) {
        try state.withLock { (state) throws(LogError) in try writeAll(&state) }
    }

    /// Writes our own file alone.
    func writeDurable() throws(LogError) {
        try state.withLock { (state) throws(LogError) in try writeDurable(&state) }
    }

    /// Writes what tells the log start offsets: our own file, then Kafka's.
    ///
    /// What both of them take away may be deleted.
    func writeStartOffsets() throws(LogError) {
        try state.withLock { (state) throws(LogError) in
            guard let logs = state.logs() else { return }
            try writeDurable(&state, logs, nextRecoveryPoints: nil)
            try writeStartOffsets(logs)
        }
    }

    /// Leaves the mark of a clean shutdown, last of all.
    func writeCleanShutdown() throws(LogError) {
        try replace(CleanShutdownFile.fileName, CleanShutdownFile(brokerEpoch: -1).encoded())
    }

    /// Takes the mark away, before anything is appended.
    func removeCleanShutdown() throws(LogError) {
        do {
            try FileSystem.removeFile(directory.appending(CleanShutdownFile.fileName))
            try FileSystem.synchronizeDirectory(directory)
        } catch {
            if !error.isNotFound { throw LogError(error) }
        }
    }

    private func writeAll(_ state: inout State) throws(LogError) {
        guard let logs = state.logs() else { return }
        for log in logs where log.failure == nil { try log.persistEpochs() }
        var recoveryPoints = OffsetCheckpoint()
        var highWatermarks = OffsetCheckpoint()
        for log in logs {
            let partition = log.topicPartition
            recoveryPoints.offsets[partition] =
                log.isFenced ? found.recoveryPoints[partition] : log.recoveryPoint
            highWatermarks.offsets[partition] =
                log.isFenced ? found.highWatermarks[partition] : log.highWatermark
        }
        let encoded = recoveryPoints.encoded()
        try writeDurable(&state, logs, nextRecoveryPoints: encoded)
        try replace(Self.recoveryPointFileName, encoded)
        state.recoveryPointChecksum = CRC32C.checksum(of: encoded.rawSpan)
        try writeStartOffsets(logs)
        try replace(Self.highWatermarkFileName, highWatermarks.encoded())
        state.lastFull = .now
    }

    private func writeDurable(_ state: inout State) throws(LogError) {
        if let logs = state.logs() { try writeDurable(&state, logs, nextRecoveryPoints: nil) }
    }

    /// - Parameter nextRecoveryPoints: the recovery-point file that is about to be written.
    private func writeDurable(
        _ state: inout State,
        _ logs: [PartitionLog],
        nextRecoveryPoints: [UInt8]?
    ) throws(LogError) {
        var checkpoint = DurableCheckpoint()
        checkpoint.leaderEpoch = leaderEpoch
        checkpoint.recoveryPointChecksums = [state.recoveryPointChecksum]
        if let nextRecoveryPoints {
            checkpoint.recoveryPointChecksums.append(CRC32C.checksum(of: nextRecoveryPoints.rawSpan))
        }
        for log in logs {
            let partition = log.topicPartition
            checkpoint.entries[partition] = log.isFenced ? found.durable?.entries[partition] : log.durableEntry
        }
        try replace(DurableCheckpoint.fileName, checkpoint.encoded())
    }

    private func writeStartOffsets(_ logs: [PartitionLog]) throws(LogError) {
        var starts = OffsetCheckpoint()
        for log in logs {
            if log.isFenced {
                starts.offsets[log.topicPartition] = found.starts[log.topicPartition]
            } else if log.logStartOffset > Offset(0) {
                // Kafka leaves out a start that the first segment's name tells. But a crash may bring back the segments
                // below, or come before their files are gone.
                starts.offsets[log.topicPartition] = log.logStartOffset
            }
        }
        try replace(Self.logStartFileName, starts.encoded())
    }

    private func replace(_ name: String, _ contents: [UInt8]) throws(LogError) {
        do {
            try FileSystem.replaceFile(directory.appending(name), contents: contents)
        } catch {
            throw LogError(error)
        }
    }
}
