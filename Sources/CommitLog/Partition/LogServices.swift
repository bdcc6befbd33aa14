import LinuxIO
import Logging
import RecordBatch

/// What the logs of a directory share.
struct LogServices: Sendable {
    let cache: FileCache
    let committer: Committer
    let housekeeper: Housekeeper
    let reader: ResidentReader
    let exposure: Exposure
    let checkpoints: Checkpoints
    /// Held for as long as any log may be appended to, even if the directory was let go of without being closed.
    let lock: DirectoryLock
    let logger: Logger
    /// The epoch of everything appended until the directory is closed.
    let leaderEpoch: LeaderEpoch
}
