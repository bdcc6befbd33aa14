import SystemPackage
import TestSupport
import Testing

@testable import LinuxIO

/// One call of a file, and how to get it made.
private struct Case: Sendable, CustomTestStringConvertible {
    let call: SystemCall
    let run: @Sendable (borrowing File) throws -> Void

    var testDescription: String { call.name }

    static let all: [Case] = [
        Case(call: .pread) { _ = try $0.bytes(100) },
        Case(call: .preadv2) { _ = try $0.bytes(100) { try $0.readUncached(into: &$1, at: $2) } },
        Case(call: .preadv2) { _ = try $0.bytes(100) { try $0.readIfResident(into: &$1, at: $2) } },
        Case(call: .pwrite) { try $0.write(patternBytes(100), at: 0) },
        Case(call: .pwritev2) { try $0.writeUncached(patternBytes(100), at: 0) },
        Case(call: .fdatasync) { try $0.synchronizeData() },
        Case(call: .fsync) { try $0.synchronize() },
        Case(call: .ftruncate) { try $0.truncate(to: 50) },
        Case(call: .fallocate) { try $0.reserve(from: 0, bytes: 4096) },
        Case(call: .fstat) { _ = try $0.status() },
        Case(call: .syncFileRange) { try $0.startWriteback(from: 0, bytes: 100) },
        Case(call: .fadvise) { try $0.dropCache(from: 0, bytes: 100) },
        Case(call: .cachestat) { _ = try $0.cacheStatus(from: 0, bytes: 100) },
        Case(call: .copyFileRange) { try $0.copy(from: 0, bytes: 50, to: $0, at: 50) },
        Case(call: .fcntl) { _ = try $0.tryLock() },
    ]
}

@Suite(.temporaryDirectory) struct FileFaultTests {
    private let path = TemporaryDirectory.current.appending("file")

    private func makeFile() throws -> File {
        try FileSystem.make(path, patternBytes(100))
        return try File.open(path, .readWrite)
    }

    @Test(
        "a failed call is reported with call, path and reason",
        arguments: Case.all,
        [Errno.ioError, .noSpace, .tooManyOpenFiles]
    )
    private func failed(_ this: Case, _ errno: Errno) throws {
        let file = try makeFile()
        let injector = FaultInjector.install(under: path) { $0.name == this.call ? .fail(errno) : .proceed }
        defer { injector.remove() }
        let error = ioError { try this.run(file) }
        #expect(error?.call == this.call)
        #expect(error?.path == path)
        #expect(error?.errno == errno)
        #expect(error?.description.contains("\(path)") == true)
        #expect(error?.description.contains("(\(errno.symbol), \(this.call))") == true)
    }

    @Test("an interrupted call is made again", arguments: Case.all)
    private func interrupted(_ this: Case) throws {
        let file = try makeFile()
        let injector = FaultInjector.install(under: path) { call in
            call.name == this.call && call.occurrence < 3 ? .fail(.interrupted) : .proceed
        }
        defer { injector.remove() }
        try this.run(file)
        #expect(injector.count(of: this.call) > 3)
    }

    @Test("an interrupted open is made again, and a failed one says what could not be opened")
    func opening() throws {
        let injector = FaultInjector.install(under: path) { call in
            guard call.name == .open else { return .proceed }
            if call.occurrence < 2 { return .fail(.interrupted) }
            return call.occurrence == 3 ? .fail(.tooManyOpenFiles) : .proceed
        }
        defer { injector.remove() }
        try File.open(path, .readWrite, create: .mustNotExist).close()
        let error = try #require(ioError { _ = try File.open(path) })
        #expect(error.isOutOfDescriptors)
        #expect(error.description.hasPrefix("Could not open \(path): "))
    }

    @Test("a close interrupted by a signal is not repeated and not an error")
    func interruptedClose() throws {
        let file = try makeFile()
        let injector = FaultInjector.install(under: path) { $0.name == .close ? .fail(.interrupted) : .proceed }
        defer { injector.remove() }
        try file.close()
        #expect(injector.count(of: .close) == 1)
    }

    @Test("short transfers are continued until all is done", arguments: [1, 7, 99])
    func short(most: Int) throws {
        let file = try makeFile()
        let calls: Set<SystemCall> = [.pread, .preadv2, .pwrite, .pwritev2, .copyFileRange]
        let injector = FaultInjector.install(under: path) { calls.contains($0.name) ? .short(most) : .proceed }
        defer { injector.remove() }
        let expected = (100 + most - 1) / most
        #expect(try file.bytes(100) == patternBytes(100))
        #expect(injector.count(of: .pread) == expected)
        #expect(try file.bytes(100) { try $0.readUncached(into: &$1, at: $2) } == patternBytes(100))
        #expect(try file.bytes(100) { try $0.readIfResident(into: &$1, at: $2) } == patternBytes(100))
        try file.write(patternBytes(100, startingAt: 5), at: 0)
        #expect(injector.count(of: .pwrite) == expected)
        try file.writeUncached(patternBytes(100, startingAt: 5), at: 0)
        #expect(injector.count(of: .pwritev2) == expected)
        #expect(try file.copy(from: 0, bytes: 100, to: file, at: 100) == 100)
        #expect(injector.count(of: .copyFileRange) == expected)
        #expect(try file.readAll(limit: 200) == patternBytes(100, startingAt: 5) + patternBytes(100, startingAt: 5))
    }

    @Test("a write that makes no progress is an error and not an endless loop")
    func stuckWrite() throws {
        let file = try makeFile()
        let injector = FaultInjector.install(under: path) { $0.name == .pwrite ? .short(0) : .proceed }
        defer { injector.remove() }
        #expect(ioError { try file.write([1], at: 0) }?.errno == .ioError)
    }

    @Test("a full disk in the middle of a write is reported, and what came before stays")
    func fullDisk() throws {
        let file = try makeFile()
        let injector = FaultInjector.install(under: path) { call in
            guard call.name == .pwrite else { return .proceed }
            return call.occurrence == 0 ? .short(40) : .fail(.noSpace)
        }
        defer { injector.remove() }
        let error = try #require(ioError { try file.write([UInt8](repeating: 1, count: 100), at: 100) })
        #expect(error.isOutOfSpace)
        #expect(try file.status().size == 140)
        #expect(error.attempt == "write 100 bytes at position 100 of \(path)")
    }

    @Test("where flags of preadv2 and pwritev2 are not supported, pread and pwrite do it")
    func unsupportedFlags() throws {
        let file = try makeFile()
        let flagged: Set<SystemCall> = [.preadv2, .pwritev2]
        let injector = FaultInjector.install(under: path) {
            flagged.contains($0.name) ? .fail(.notSupported) : .proceed
        }
        defer { injector.remove() }
        #expect(try file.bytes(100) { try $0.readUncached(into: &$1, at: $2) } == patternBytes(100))
        #expect(try file.bytes(100) { try $0.readIfResident(into: &$1, at: $2) } == patternBytes(100))
        #expect(injector.count(of: .pread) == 2)
        try file.writeUncached(patternBytes(100, startingAt: 7), at: 0)
        #expect(injector.count(of: .pwrite) == 1)
        #expect(try file.readAll(limit: 100) == patternBytes(100, startingAt: 7))
    }

    @Test("a range of which only the first part is resident is not resident")
    func partlyResident() throws {
        let file = try makeFile()
        let injector = FaultInjector.install(under: path) { call in
            guard call.name == .preadv2 else { return .proceed }
            return call.occurrence == 0 ? .short(40) : .fail(.resourceTemporarilyUnavailable)
        }
        defer { injector.remove() }
        #expect(try file.bytes(100) { try $0.readIfResident(into: &$1, at: $2) } == nil)
    }

    @Test("a kernel that does not count cached pages says so by nil", arguments: [Errno.noFunction, .notPermitted])
    func noCacheStatus(errno: Errno) throws {
        let file = try makeFile()
        let injector = FaultInjector.install(under: path) { $0.name == .cachestat ? .fail(errno) : .proceed }
        defer { injector.remove() }
        #expect(try file.cacheStatus(from: 0, bytes: 100) == nil)
    }

    @Test(
        "a copy that the kernel refuses is done through memory, from where it was refused",
        arguments: [Errno.improperLink, .notSupported, .invalidArgument, .noFunction]
    )
    func copyThroughMemory(errno: Errno) throws {
        let file = try makeFile()
        let target = try File.open(TemporaryDirectory.current.appending("copy"), .readWrite, create: .mustNotExist)
        let injector = FaultInjector.install(under: path) { call in
            guard call.name == .copyFileRange else { return call.name == .pread ? .short(33) : .proceed }
            return call.occurrence == 0 ? .short(10) : .fail(errno)
        }
        defer { injector.remove() }
        #expect(try file.copy(from: 0, bytes: 1000, to: target, at: 0) == 100)
        #expect(try target.readAll(limit: 1000) == patternBytes(100))
        #expect(injector.calls.first { $0.name == .pread }?.position == 10)
    }
}
