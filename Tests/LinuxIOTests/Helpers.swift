import SystemPackage
import TestSupport

@testable import LinuxIO

/// `count` bytes that repeat with a prime period, so that a piece misplaced by a block or a page is noticed.
func patternBytes(_ count: Int, startingAt start: Int = 0) -> [UInt8] {
    var bytes = [UInt8](0..<251)
    while bytes.count < start + count { bytes += bytes }
    return Array(bytes[start..<start + count])
}

extension FileSystem {
    /// Makes a file with those contents.
    static func make(_ path: FilePath, _ contents: [UInt8]) throws {
        let file = try File.open(path, .readWrite, create: .mustNotExist)
        try file.write(contents, at: 0)
        try file.close()
    }
}

extension File {
    /// Reads up to `count` bytes at `position` with one of the reading calls.
    borrowing func bytes(
        _ count: Int,
        at position: Int64 = 0,
        with read: (borrowing File, inout MutableRawSpan, Int64) throws -> Int? = { try $0.read(into: &$1, at: $2) }
    ) throws -> [UInt8]? {
        var bytes = [UInt8](repeating: 0xEE, count: count)
        var elements = bytes.mutableSpan
        var room = elements.mutableBytes
        guard let done = try read(self, &room, position) else { return nil }
        return Array(bytes.prefix(done))
    }
}

/// The error that `body` throws, or nil.
func ioError(_ body: () throws -> Void) -> IOError? {
    do {
        try body()
        return nil
    } catch {
        return error as? IOError
    }
}

extension BufferUse {
    /// That of a test which lends a buffer itself.
    static let test = BufferUse(call: .pread, path: "test", position: 7, count: 1)
}
