import LinuxIO

/// Reads that do not make the calling thread wait for a disk: from the page cache where the bytes are there, else by the
/// reactor, while the task is suspended.
struct ResidentReader: Sendable {
    let reactor: Reactor

    /// Reads `count` bytes into the start of `buffer`.
    ///
    /// Returns fewer only at the end of the file.
    func read(
        _ handle: FileHandle,
        into buffer: IOBuffer,
        count: Int,
        at position: FilePosition
    ) async throws(IOError) -> Int {
        if let read = try buffer.fillIfResident(from: handle.file, count: count, at: position.rawValue) { return read }
        return try await reactor.read(handle, into: buffer, count: count, at: position.rawValue)
    }
}
