import Foundation
import SystemPackage

/// A `.tar.zst` file that is unpacked at most once for each content.
struct FixtureArchive {
    let path: FilePath

    /// Unpacks into a directory named for the archive's content, unless that directory is there already.
    ///
    /// Several processes may do so at once: each unpacks to a name of its own, and the first rename wins. A directory
    /// under the final name is therefore always complete.
    /// - Returns: The directory with the archive's members.
    /// - Throws: ``TestSupportError``.
    func unpack(below parent: FilePath) throws -> FilePath {
        let files = FileManager.default
        guard let contents = files.contents(atPath: path.string) else {
            throw TestSupportError("Could not read \(path); the checkout is incomplete.")
        }
        let destination = parent.appending(Self.contentName(of: contents))
        guard !files.fileExists(atPath: destination.string) else { return destination }

        let temporary = parent.appending("\(destination.lastComponent?.string ?? "")-\(UUID().uuidString)")
        try files.createDirectory(atPath: temporary.string, withIntermediateDirectories: true)
        do {
            try extract(into: temporary)
            try files.moveItem(atPath: temporary.string, toPath: destination.string)
        } catch {
            try? files.removeItem(atPath: temporary.string)
            // Another process renamed its copy first: that copy is as good as ours.
            guard files.fileExists(atPath: destination.string) else { throw error }
        }
        return destination
    }

    private func extract(into directory: FilePath) throws {
        let tar = try ChildProcess(
            "tar",
            ["--zstd", "--no-same-owner", "-xf", path.string, "-C", directory.string],
            input: .file("/dev/null"),
            output: .inherited,
            errors: .pipe
        )
        let message = String(decoding: tar.readErrorsToEnd(), as: UTF8.self)
        let status = tar.wait()
        guard status == 0 else {
            throw TestSupportError(
                """
                Could not unpack \(path): tar --zstd ended with status \(status). \
                Run Scripts/setup, which installs what the tests need. tar said: \(message)
                """
            )
        }
    }

    /// 64-bit FNV-1a over the archive taken as words: tells versions of a file apart, and is no protection against
    /// an opponent.
    private static func contentName(of contents: Data) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        contents.withUnsafeBytes { bytes in
            func mix(_ word: UInt64) {
                hash = (hash ^ word) &* 0x0000_0100_0000_01b3
                hash ^= hash >> 29  // words, unlike bytes, would leave the low half nearly unmixed
            }
            let whole = bytes.count & ~7
            for position in stride(from: 0, to: whole, by: 8) {
                mix(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)))
            }
            for byte in bytes[whole...] { mix(UInt64(byte)) }
        }
        return String(hash, radix: 16)
    }
}
