import LinuxIO
import Synchronization
import SystemPackage

/// The exclusive right to a log directory: a lock on its `.lock` file, as the JVM takes it, so that Kafka and Millrace
/// exclude each other.
///
/// Such a lock belongs to the process (`fcntl(2)`, "Record locks"): it does not keep the same process from opening the
/// directory twice, and closing any descriptor of the file drops it. Hence the list of what this process holds, which is
/// asked before the file is opened.
final class DirectoryLock: Sendable {
    private struct Identity: Hashable {
        var device: UInt64
        var inode: UInt64
    }

    private static let held = Lock<Set<Identity>>([])

    private let identity: Identity
    private let handle: Lock<FileHandle?>

    /// - Throws: ``LogError/Code/locked``, naming the holder's process id, if somebody has the directory.
    init(_ directory: FilePath) throws(LogError) {
        let path = directory.appending(".lock")
        do {
            guard let status = try FileSystem.status(directory) else {
                throw LogError(.notFound, "There is no directory \(directory)", at: .init(path: directory))
            }
            let identity = Identity(device: status.device, inode: status.inode)
            guard Self.held.withLock({ $0.insert(identity).inserted }) else {
                throw LogError(
                    .locked,
                    "\(directory) is open in this process already; close it first",
                    at: .init(path: path)
                )
            }
            do {
                let file = try File.open(path, .readWrite, create: .ifMissing)
                if case .heldBy(let pid) = try file.tryLock() {
                    let holder = pid.map { "process \($0)" } ?? "another process"
                    throw LogError(
                        .locked,
                        "\(directory) is in use by \(holder); stop it, or use another directory",
                        at: .init(path: path)
                    )
                }
                handle = Lock(FileHandle(file))
            } catch {
                Self.held.withLock { _ = $0.remove(identity) }
                throw error
            }
            self.identity = identity
        } catch {
            throw LogError(error, at: .init(path: path))
        }
    }

    /// Gives the directory free.
    ///
    /// Doing it twice does nothing.
    func release() {
        // Closing the file drops the lock.
        guard handle.withLock({ $0.take() }) != nil else { return }
        Self.held.withLock { _ = $0.remove(identity) }
    }

    deinit { release() }
}
