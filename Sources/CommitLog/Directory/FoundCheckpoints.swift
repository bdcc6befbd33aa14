import LinuxIO
import Logging
import RecordBatch
import SystemPackage

/// The checkpoint files of a directory, as they are found when it is opened.
struct FoundCheckpoints: Sendable {
    var recoveryPoints: [TopicPartition: Offset]
    var starts: [TopicPartition: Offset]
    /// Kept for logs that cannot be opened, and used for nothing else.
    var highWatermarks: [TopicPartition: Offset]
    /// The checksum of the file that ``recoveryPoints`` were read from.
    var recoveryPointChecksum: UInt32
    /// Our own, if it speaks of the directory as it is.
    var durable: DurableCheckpoint?
    /// The highest leader epoch that Millrace used here.
    var lastLeaderEpoch: LeaderEpoch
    /// Whether the directory was closed cleanly.
    var isClean: Bool

    private static let limitBytes = 256 << 20

    init(in directory: FilePath, _ logger: Logger) throws {
        let recoveryPointFile = try Self.read(directory.appending(Checkpoints.recoveryPointFileName))
        recoveryPoints = try Self.parse(recoveryPointFile, directory.appending(Checkpoints.recoveryPointFileName))
        let startsPath = directory.appending(Checkpoints.logStartFileName)
        starts = try Self.parse(try Self.read(startsPath), startsPath)
        let highWatermarkFile = try Self.read(directory.appending(Checkpoints.highWatermarkFileName))
        highWatermarks = (try? OffsetCheckpoint(parsing: highWatermarkFile ?? []).offsets) ?? [:]
        isClean = try FileSystem.status(directory.appending(CleanShutdownFile.fileName)) != nil

        let recoveryPointBytes = recoveryPointFile ?? []
        recoveryPointChecksum = CRC32C.checksum(of: recoveryPointBytes.rawSpan)
        let durablePath = directory.appending(DurableCheckpoint.fileName)
        lastLeaderEpoch = .none
        guard let bytes = try Self.read(durablePath) else { return }
        do {
            let durable = try DurableCheckpoint(parsing: bytes)
            lastLeaderEpoch = durable.leaderEpoch
            if durable.recoveryPointChecksums.contains(recoveryPointChecksum) {
                self.durable = durable
            } else {
                logger.notice(
                    "\(directory) was in other hands since Millrace closed it: Kafka's checkpoints are followed"
                )
            }
        } catch {
            // Without it recovery knows less and reads more, and that is all.
            logger.warning("\(durablePath) is not used: \(error)")
        }
    }

    private static func read(_ path: FilePath) throws(IOError) -> [UInt8]? {
        do {
            return try FileSystem.readFile(path, limit: limitBytes)
        } catch  where error.isNotFound {
            return nil
        }
    }

    private static func parse(_ bytes: [UInt8]?, _ path: FilePath) throws(LogError) -> [TopicPartition: Offset] {
        do {
            return try OffsetCheckpoint(parsing: bytes ?? []).offsets
        } catch {
            throw LogError(
                .invalidDirectory,
                "\(path): \(error). Restore it from a copy, or remove it to have all logs scanned from their start",
                at: .init(path: path),
                cause: error
            )
        }
    }
}
