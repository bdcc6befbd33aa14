import LinuxIO
import SystemPackage

/// Reads and parses the small files of a log directory, and gathers what is wrong with them.
struct SmallFileReader {
    /// Such a file with a million entries has fewer bytes; one that has more is something else.
    private static let limitBytes = 256 << 20

    private(set) var faults: [VerificationFault] = []

    /// The parsed file; `nil` if there is none, or if it is not as it should be, which becomes a fault.
    mutating func read<Contents>(
        _ path: FilePath,
        _ parse: ([UInt8]) throws(FormatError) -> Contents
    ) -> Contents? {
        let bytes: [UInt8]
        do {
            bytes = try FileSystem.readFile(path, limit: Self.limitBytes)
        } catch {
            if !error.isNotFound { faults.append(VerificationFault(.unreadable, path, error.description)) }
            return nil
        }
        do {
            return try parse(bytes)
        } catch {
            faults.append(VerificationFault(.malformed, path, "\(error.place): \(error.reason)"))
            return nil
        }
    }

    /// The faults so far, which are not kept.
    mutating func takeFaults() -> [VerificationFault] {
        defer { faults = [] }
        return faults
    }
}
