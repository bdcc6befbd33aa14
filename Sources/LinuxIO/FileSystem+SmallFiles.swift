public import SystemPackage

extension FileSystem {
    /// Reads a file into memory.
    /// - Parameters:
    ///   - path: The file.
    ///   - limit: The most bytes to accept.
    /// - Returns: All its bytes.
    /// - Throws: `IOError`: ENOENT when it does not exist, EFBIG when it has more than `limit` bytes.
    public static func readFile(_ path: FilePath, limit: Int) throws(IOError) -> [UInt8] {
        let file = try File.open(path)
        return try file.readAll(limit: limit)
    }

    /// Replaces the contents of a file, or makes it: whoever looks, after a crash too, finds the old or the new contents
    /// and never a mixture.
    ///
    /// ```
    /// write path.tmp → fsync path.tmp → rename path.tmp to path → fsync the directory
    /// ```
    /// A leftover under the temporary name is overwritten. Only one caller may replace a given path at a time. Costs two
    /// fsyncs.
    /// - Parameters:
    ///   - path: The file to replace.
    ///   - contents: What it is to hold.
    ///   - temporarySuffix: What to append to the last component for the temporary name.
    /// - Throws: `IOError`. The old file is untouched then and the temporary one removed; except where only the very last
    ///   step failed, the fsync of the directory: then the new file is in place and a crash may bring back the old one.
    public static func replaceFile(
        _ path: FilePath,
        contents: [UInt8],
        temporarySuffix: String = ".tmp"
    ) throws(IOError) {
        let parent = path.removingLastComponent()
        let temporary = parent.appending("\(path.lastComponent?.string ?? "")\(temporarySuffix)")
        // Opened first: after the rename nothing must be left that can fail for lack of a descriptor.
        let directory = try File.open(directory: parent.isEmpty ? "." : parent)
        do {
            try write(contents, toNew: temporary)
            try rename(from: temporary, to: path)
        } catch {
            try? removeFile(temporary)
            throw error
        }
        try directory.synchronize()
        try directory.close()
    }

    private static func write(_ contents: [UInt8], toNew path: FilePath) throws(IOError) {
        let file = try File.open(path, .readWrite, create: .ifMissing)
        try file.truncate(to: 0)
        try file.write(contents, at: 0)
        try file.synchronize()
        try file.close()
    }
}
