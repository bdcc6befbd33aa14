extension IOBuffer {
    /// Reads from a file into the buffer's start, waiting for the disk: ``File/read(into:at:)``.
    /// - Parameters:
    ///   - file: The file to read from.
    ///   - count: How many bytes, at most ``count``.
    ///   - position: Where in the file.
    /// - Returns: How many bytes were read: fewer than asked for only at the end of the file.
    /// - Throws: `IOError` of pread(2).
    public func fill(from file: borrowing File, count: Int, at position: Int64) throws(IOError) -> Int {
        try withMutableBytes { (bytes) throws(IOError) in
            var start = bytes._mutatingExtracting(first: count)
            return try file.read(into: &start, at: position)
        }
    }

    /// Reads from a file into the buffer's start if that needs no disk: ``File/readIfResident(into:at:)``.
    /// - Parameters:
    ///   - file: The file to read from.
    ///   - count: How many bytes, at most ``count``.
    ///   - position: Where in the file.
    /// - Returns: How many bytes were read, fewer than asked for only at the end of the file; nil if the kernel would have
    ///   had to wait.
    /// - Throws: `IOError` of preadv2(2).
    public func fillIfResident(from file: borrowing File, count: Int, at position: Int64) throws(IOError) -> Int? {
        try withMutableBytes { (bytes) throws(IOError) in
            var start = bytes._mutatingExtracting(first: count)
            return try file.readIfResident(into: &start, at: position)
        }
    }
}
