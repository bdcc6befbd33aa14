import CommitLog
import KafkaProtocol
import LinuxIO
import SystemPackage

/// The register of topics in its file, of which it is the only writer.
///
/// Not thread-safe: used by one thread at a time.
struct TopicRegisterFile {
    /// The most bytes that the file may have: some ten thousand topics take a megabyte.
    private static let maximumBytes = 256 << 20

    private let path: FilePath
    /// Set by a sync that failed: what a reader of the file sees since then may not be on the disk.
    private var failure: IOError?

    /// - Parameter root: The log directory.
    init(in root: FilePath) { path = root.appending(TopicRegister.fileName) }

    /// Reads the register.
    /// - Parameter root: The log directory.
    /// - Returns: `nil` if there is none.
    /// - Throws: `LogError` of code `invalidDirectory` if the file is damaged; errors of the operating system.
    static func read(in root: FilePath) throws(LogError) -> TopicRegister? {
        let path = root.appending(TopicRegister.fileName)
        do {
            return try TopicRegister(parsing: FileSystem.readFile(path, limit: maximumBytes))
        } catch let error as IOError where error.isNotFound {
            return nil
        } catch let error as IOError {
            throw LogError(.storage, error.description, at: .init(path: path), cause: error)
        } catch {
            throw LogError(
                .invalidDirectory,
                "\(path): \(error). Put a copy back; or remove it, and topics are taken from their directories, without "
                    + "their configurations",
                at: .init(path: path),
                cause: error
            )
        }
    }

    /// Whether the register can be written.
    /// - Throws: `IOError` once a sync has failed. The register may then be on the disk as it was before the last change or as
    ///   it was after it, and directories have to fit either.
    func check() throws(IOError) {
        if let failure { throw failure }
    }

    /// Replaces the register, durably.
    /// - Throws: `IOError`: the old one is in place, unless a sync failed. After that the file is not written again until it
    ///   was opened anew, and every call throws.
    mutating func write(_ register: TopicRegister) throws(IOError) {
        try check()
        do {
            try FileSystem.replaceFile(path, contents: register.encoded())
        } catch {
            if error.isFailedSync { failure = error }
            throw error
        }
    }

    /// What a change is refused with after an error of the logs.
    ///
    /// If that was a failed sync, a directory may come or go with a crash. The register has to tell of it then, and so stays
    /// as it is.
    mutating func refusal(after error: LogError) -> APIError {
        if let cause = error.cause as? IOError, cause.isFailedSync { failure = cause }
        return APIError(.kafkaStorageError, error.description)
    }
}
