import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import LinuxIO

@Suite(.temporaryDirectory) struct FileTests {
    private let path = TemporaryDirectory.current.appending("file")

    @Test("what was written is read back, by each way of reading")
    func roundTrip() throws {
        let bytes = patternBytes(100_000)
        let file = try File.open(path, .readWrite, create: .mustNotExist)
        try file.write(bytes, at: 0)
        #expect(try file.bytes(100_000) == bytes)
        #expect(try file.bytes(100_000) { try $0.readIfResident(into: &$1, at: $2) } == bytes)
        try file.synchronize()
        #expect(try file.bytes(100_000) { try $0.readUncached(into: &$1, at: $2) } == bytes)
        #expect(try file.readAll(limit: 100_000) == bytes)
    }

    @Test("a read beyond the end gives what there is", arguments: [0, 1, 99, 100, 101, 5000])
    func endOfFile(position: Int) throws {
        try FileSystem.make(path, patternBytes(100))
        let file = try File.open(path)
        let expected = Array(patternBytes(100).dropFirst(position))
        #expect(try file.bytes(4096, at: Int64(position)) == expected)
        #expect(try file.bytes(4096, at: Int64(position)) { try $0.readIfResident(into: &$1, at: $2) } == expected)
        #expect(try file.bytes(4096, at: Int64(position)) { try $0.readUncached(into: &$1, at: $2) } == expected)
    }

    @Test("reading and writing nothing is allowed, at any position")
    func nothing() throws {
        let file = try File.open(path, .readWrite, create: .mustNotExist)
        try file.write([], at: 1 << 40)
        #expect(try file.bytes(0, at: 1 << 40) == [])
        #expect(try file.status().size == 0)
    }

    @Test("a range that is not one of file positions is refused", arguments: [-1, Int64.max])
    func badRange(position: Int64) throws {
        let file = try File.open(path, .readWrite, create: .mustNotExist)
        #expect(ioError { try file.write([1, 2], at: position) }?.errno == .invalidArgument)
        #expect(ioError { _ = try file.bytes(2, at: position) }?.errno == .invalidArgument)
        #expect(ioError { try file.copy(from: position, bytes: 2, to: file, at: 0) }?.errno == .invalidArgument)
        #expect(ioError { try file.copy(from: 0, bytes: 2, to: file, at: position) }?.errno == .invalidArgument)
        #expect(ioError { _ = try file.cacheStatus(from: -1, bytes: 1) }?.errno == .invalidArgument)
        #expect(ioError { try file.reserve(from: position, bytes: 2) } != nil)
        #expect(ioError { try file.truncate(to: -1) }?.errno == .invalidArgument)
    }

    @Test("opening keeps to what was said about creation")
    func creation() throws {
        #expect(ioError { _ = try File.open(path) }?.isNotFound == true)
        try File.open(path, .readWrite, create: .mustNotExist).close()
        #expect(ioError { _ = try File.open(path, .readWrite, create: .mustNotExist) }?.errno == .fileExists)
        let file = try File.open(path, .readWrite, create: .ifMissing)
        try file.write([1], at: 0)
        #expect(try File.open(path, create: .ifMissing).readAll(limit: 1) == [1])
        let readOnly = try File.open(path)
        #expect(ioError { try readOnly.write([2], at: 0) }?.errno == .badFileDescriptor)
    }

    @Test("a file that is made has the mode that was asked for")
    func mode() throws {
        _ = try File.open(path, .readWrite, create: .mustNotExist, mode: [.ownerReadWrite])
        let descriptor = try FileDescriptor.open(path, .readOnly)
        defer { try? descriptor.close() }
        var status = stat()
        #expect(fstat(descriptor.rawValue, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
    }

    @Test("reading a whole file stops at the limit", arguments: [0, 1, 511, 512, 513, 100_000])
    func limit(size: Int) throws {
        try FileSystem.make(path, patternBytes(size))
        #expect(try File.open(path).readAll(limit: size) == patternBytes(size))
        #expect(try File.open(path).readAll(limit: size + 1) == patternBytes(size))
        guard size > 0 else { return }
        let error = ioError { _ = try File.open(path).readAll(limit: size - 1) }
        #expect(error?.errno == .fileTooLarge)
        #expect(error?.description.contains("\(size - 1) bytes") == true)
    }

    @Test("a file of unknown size is read whole")
    func unknownSize() throws {
        let status = try File.open("/proc/self/status").readAll(limit: 1 << 20)
        #expect(String(decoding: status, as: UTF8.self).hasPrefix("Name:"))
        #expect(status.last == UInt8(ascii: "\n"))
    }

    @Test("space is reserved without changing the size, and given back by setting the size")
    func reservation() throws {
        let file = try File.open(path, .readWrite, create: .mustNotExist)
        try file.write([1], at: 0)
        try file.reserve(from: 0, bytes: 1 << 20)
        var status = try file.status()
        #expect(status.size == 1)
        #expect(status.allocatedBytes >= 1 << 20)
        try file.truncate(to: 1)
        status = try file.status()
        #expect(status.size == 1)
        #expect(status.allocatedBytes < 1 << 20)
    }

    @Test("setting the size cuts and extends with zeros")
    func truncation() throws {
        try FileSystem.make(path, patternBytes(10))
        let file = try File.open(path, .readWrite)
        try file.truncate(to: 4)
        try file.truncate(to: 6)
        #expect(try file.readAll(limit: 10) == patternBytes(4) + [0, 0])
    }

    @Test("status tells kind, identity and time")
    func status() throws {
        try FileSystem.make(path, [1, 2, 3])
        let file = try File.open(path)
        let status = try file.status()
        #expect(status.size == 3)
        #expect(status.kind == .regular)
        #expect(status.inode != 0)
        #expect(status.modificationTime > 1_500_000_000_000_000_000)
        #expect(try FileSystem.status(path) == status)
        #expect(try FileSystem.status(TemporaryDirectory.current)?.kind == .directory)
    }

    @Test("the page cache can be asked and emptied")
    func pageCache() throws {
        let file = try File.open(path, .readWrite, create: .mustNotExist)
        try file.write(patternBytes(1 << 20), at: 0)
        guard let written = try file.cacheStatus(from: 0, bytes: 1 << 20) else { return }  // before Linux 6.5
        #expect(written.cached == 256)
        try file.startWriteback(from: 0, bytes: 1 << 20)
        try file.synchronizeData()
        #expect(try file.cacheStatus(from: 0, bytes: 0)?.dirty == 0)
        try file.dropCache(from: 0, bytes: 0)
        #expect(try file.cacheStatus(from: 0, bytes: 1 << 20)?.cached == 0)
        // Asking starts the kernel's read-ahead, which can be faster than the asking.
        let resident = try file.bytes(1 << 20) { try $0.readIfResident(into: &$1, at: $2) }
        #expect(resident == nil || resident == patternBytes(1 << 20))
        #expect(try file.bytes(1 << 20) { try $0.readUncached(into: &$1, at: $2) } == patternBytes(1 << 20))
        try file.writeUncached(patternBytes(1 << 20, startingAt: 3), at: 0)
        #expect(try file.readAll(limit: 1 << 20) == patternBytes(1 << 20, startingAt: 3))
    }

    @Test("ranges are copied, up to the end of the source", arguments: [0, 1, 4096, 300_000, 1_000_000])
    func copying(count: Int) throws {
        let bytes = patternBytes(700_000)
        try FileSystem.make(path, bytes)
        let source = try File.open(path)
        let target = try File.open(TemporaryDirectory.current.appending("copy"), .readWrite, create: .mustNotExist)
        let copied = try source.copy(from: 100, bytes: Int64(count), to: target, at: 10)
        let expected = Array(bytes.dropFirst(100).prefix(count))
        #expect(copied == Int64(expected.count))
        #expect(try target.readAll(limit: 1 << 20).dropFirst(10) == expected[...])
    }

    @Test("what the kernel cannot copy is read and written")
    func copyingFromProc() throws {
        let source = try File.open("/proc/self/status")
        let target = try File.open(path, .readWrite, create: .mustNotExist)
        try source.copy(from: 0, bytes: 1 << 20, to: target, at: 0)
        #expect(try target.bytes(5) == Array("Name:".utf8))
    }
}
