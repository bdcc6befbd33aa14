import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import LinuxIO

private typealias Handle = LinuxIO.FileHandle

@Suite(.temporaryDirectory) struct ReactorDiskTests {
    private let path = TemporaryDirectory.current.appending("file")

    private func makeFile(_ contents: [UInt8] = []) throws -> Handle {
        try FileSystem.make(path, contents)
        return Handle(try File.open(path, .readWrite))
    }

    private func contents(_ buffer: IOBuffer, _ count: Int) -> [UInt8] {
        buffer.withBytes { bytes in bytes.withUnsafeBytes { Array($0.prefix(count)) } }
    }

    @Test("what was written is read back, up to the end of the file", arguments: IOBackend.testable)
    func roundTrip(backend: IOBackend) async throws {
        let reactor = try Reactor(name: "test", backend: backend)
        let (file, buffer) = (try makeFile(), IOBuffer(count: 100_000))
        let bytes = patternBytes(70_000)
        buffer.withMutableBytes { target in target.withUnsafeMutableBytes { $0.copyBytes(from: bytes) } }
        try await reactor.write(file, from: buffer, count: 70_000, at: 1000)
        #expect(try await reactor.read(file, into: buffer, count: 100_000, at: 0) == 71_000)
        #expect(contents(buffer, 71_000) == [UInt8](repeating: 0, count: 1000) + bytes)
        try file.file.synchronize()
        try file.file.dropCache(from: 0, bytes: 0)
        #expect(try await reactor.read(file, into: buffer, count: 100_000, at: 2000, uncached: true) == 69_000)
        #expect(contents(buffer, 69_000) == Array(bytes[1000...]))
        #expect(try await reactor.read(file, into: buffer, count: 100, at: 1 << 40) == 0)
        #expect(try await reactor.read(file, into: buffer, count: 0, at: 0) == 0)
        reactor.shutdown()
    }

    @Test("files are made durable together, each with its own result, in order", arguments: IOBackend.testable)
    func synchronization(backend: IOBackend) async throws {
        let reactor = try Reactor(name: "test", backend: backend)
        let directory = TemporaryDirectory.current
        let files = try (0..<64).map { number in
            let file = try File.open(directory.appending("\(number)"), .readWrite, create: .mustNotExist)
            try file.write(patternBytes(100), at: 0)
            return Handle(file)
        }
        let injector = FaultInjector.install(under: directory) { call in
            call.name == .fdatasync && call.path.lastComponent == "17" ? .fail(.ioError) : .proceed
        }
        defer { injector.remove() }
        let errors = await reactor.synchronizeData(files)
        #expect(errors.count == 64)
        #expect(injector.count(of: .fdatasync) == 64)
        for (number, error) in errors.enumerated() {
            #expect(error?.errno == (number == 17 ? .ioError : nil))
            #expect(error == nil || error?.path == directory.appending("17"))
        }
        #expect(await reactor.synchronizeData([]) == [])
        reactor.shutdown()
    }

    @Test("the results of a batch come on the reactor's thread, in one call", arguments: IOBackend.testable)
    func completionThread(backend: IOBackend) throws {
        let reactor = try Reactor(name: "test", backend: backend)
        let file = try makeFile()
        let calls = Lock(0)
        for count in [0, 1, 5] {
            reactor.synchronizeData(Array(repeating: file, count: count)) { errors in
                #expect(reactor.isCurrent)
                #expect(errors == Array(repeating: nil, count: count))
                calls.withLock { $0 += 1 }
            }
        }
        reactor.shutdown()
        #expect(calls.withLock { $0 } == 3)
    }

    @Test("space is reserved, and a refusal says of what", arguments: IOBackend.testable)
    func reservation(backend: IOBackend) async throws {
        let reactor = try Reactor(name: "test", backend: backend)
        let file = try makeFile()
        try await reactor.reserve(file, from: 4096, bytes: 1 << 20)
        #expect(try file.file.status().allocatedBytes >= 1 << 20)
        #expect(try file.file.status().size == 0)
        let injector = FaultInjector.install(under: path) { $0.name == .fallocate ? .fail(.noSpace) : .proceed }
        defer { injector.remove() }
        await #expect(throws: IOError.reserving(path, 4096, from: 8192, .noSpace)) {
            try await reactor.reserve(file, from: 8192, bytes: 4096)
        }
        reactor.shutdown()
    }

    @Test("far more operations than fit into the ring are all done", arguments: IOBackend.testable)
    func beyondDepth(backend: IOBackend) async throws {
        let reactor = try Reactor(name: "test", backend: backend, queueDepth: 8, diskWorkers: 4)
        let file = try makeFile(patternBytes(10_000))
        let wrong = try await withThrowingTaskGroup(of: Int.self) { group in
            for position in 0..<10_000 {
                group.addTask {
                    let buffer = IOBuffer(count: 1)
                    let count = try await reactor.read(file, into: buffer, count: 1, at: Int64(position))
                    let byte = buffer.withBytes { $0.unsafeLoad(as: UInt8.self) }
                    return count == 1 && byte == UInt8(position % 251) ? 0 : 1
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(wrong == 0)
        reactor.shutdown()
    }

    @Test(
        "operations beyond the depth have their turn when those before them fail at once",
        arguments: IOBackend.testable
    )
    func failuresBeyondDepth(backend: IOBackend) async throws {
        let reactor = try Reactor(name: "test", backend: backend, queueDepth: 4, diskWorkers: 4)
        let file = try makeFile()
        let injector = FaultInjector.install(under: path) { $0.name == .fdatasync ? .fail(.ioError) : .proceed }
        defer { injector.remove() }
        let errors = await reactor.synchronizeData(Array(repeating: file, count: 100))
        #expect(errors == Array(repeating: IOError.synchronizingData(path, .ioError), count: 100))
        reactor.shutdown()
    }

    @Test("short transfers are continued until all is done", arguments: IOBackend.testable, [1, 33])
    func short(backend: IOBackend, most: Int) async throws {
        let reactor = try Reactor(name: "test", backend: backend)
        let (file, buffer) = (try makeFile(patternBytes(100)), IOBuffer(count: 4096))
        let injector = FaultInjector.install(under: path) {
            [.pread, .pwrite].contains($0.name) ? .short(most) : .proceed
        }
        defer { injector.remove() }
        #expect(try await reactor.read(file, into: buffer, count: 100, at: 0) == 100)
        #expect(contents(buffer, 100) == patternBytes(100))
        #expect(injector.count(of: .pread) == (100 + most - 1) / most)
        try await reactor.write(file, from: buffer, count: 100, at: 100)
        #expect(injector.count(of: .pwrite) == (100 + most - 1) / most)
        #expect(try file.file.readAll(limit: 1000) == patternBytes(100) + patternBytes(100))
        reactor.shutdown()
    }

    @Test("interrupted calls are made again", arguments: IOBackend.testable)
    func interrupted(backend: IOBackend) async throws {
        let reactor = try Reactor(name: "test", backend: backend)
        let (file, buffer) = (try makeFile(patternBytes(100)), IOBuffer(count: 4096))
        let injector = FaultInjector.install(under: path) { $0.occurrence < 3 ? .fail(.interrupted) : .proceed }
        defer { injector.remove() }
        #expect(try await reactor.read(file, into: buffer, count: 100, at: 0) == 100)
        try await reactor.write(file, from: buffer, count: 100, at: 0)
        try await reactor.reserve(file, from: 0, bytes: 4096)
        #expect(await reactor.synchronizeData([file]) == [nil])
        for call in [SystemCall.pread, .pwrite, .fallocate, .fdatasync] { #expect(injector.count(of: call) == 4) }
        reactor.shutdown()
    }

    @Test(
        "a failure says what was attempted, where and why",
        arguments: IOBackend.testable,
        [Errno.ioError, .noSpace, .tooManyOpenFiles]
    )
    func failure(backend: IOBackend, errno: Errno) async throws {
        let reactor = try Reactor(name: "test", backend: backend)
        let (file, buffer) = (try makeFile(patternBytes(100)), IOBuffer(count: 4096))
        let injector = FaultInjector.install(under: path) { _ in .fail(errno) }
        defer { injector.remove() }
        await #expect(throws: IOError.reading(.pread, path, 100, at: 7, errno)) {
            _ = try await reactor.read(file, into: buffer, count: 100, at: 7)
        }
        await #expect(throws: IOError.reading(.preadv2, path, 100, at: 7, errno)) {
            _ = try await reactor.read(file, into: buffer, count: 100, at: 7, uncached: true)
        }
        await #expect(throws: IOError.writing(.pwrite, path, 100, at: 7, errno)) {
            try await reactor.write(file, from: buffer, count: 100, at: 7)
        }
        #expect(await reactor.synchronizeData([file]) == [.synchronizingData(path, errno)])
        // The buffer is free again after each of them.
        buffer.withMutableBytes { _ in }
        reactor.shutdown()
    }

    @Test("what the kernel itself refuses is reported", arguments: IOBackend.testable)
    func refused(backend: IOBackend) async throws {
        let reactor = try Reactor(name: "test", backend: backend)
        let buffer = IOBuffer(count: 4096)
        _ = try makeFile()
        let readOnly = Handle(try File.open(path))
        await #expect(throws: IOError.writing(.pwrite, path, 1, at: 0, .badFileDescriptor)) {
            try await reactor.write(readOnly, from: buffer, count: 1, at: 0)
        }
        await #expect(throws: IOError.reading(.pread, path, 1, at: -1, .invalidArgument)) {
            _ = try await reactor.read(readOnly, into: buffer, count: 1, at: -1)
        }
        await #expect(throws: IOError.reserving(path, -1, from: 0, .invalidArgument)) {
            try await reactor.reserve(readOnly, from: 0, bytes: -1)
        }
        reactor.shutdown()
    }

    @Test("an uncached read works where the file system refuses it", arguments: IOBackend.testable)
    func uncachedRefused(backend: IOBackend) async throws {
        let reactor = try Reactor(name: "test", backend: backend)
        let (file, buffer) = (try makeFile(patternBytes(100)), IOBuffer(count: 4096))
        let injector = FaultInjector.install(under: path) { $0.name == .preadv2 ? .fail(.notSupported) : .proceed }
        defer { injector.remove() }
        #expect(try await reactor.read(file, into: buffer, count: 100, at: 0, uncached: true) == 100)
        #expect(contents(buffer, 100) == patternBytes(100))
        #expect(injector.calls.map(\.name) == [.preadv2, .pread])
        reactor.shutdown()
    }

    @Test("cancelling a task does not take its buffer from the kernel", arguments: IOBackend.testable)
    func cancellation(backend: IOBackend) async throws {
        let reactor = try Reactor(name: "test", backend: backend)
        let (file, buffer) = (try makeFile(patternBytes(4096)), IOBuffer(count: 4096))
        for _ in 0..<20 {
            try file.file.synchronize()
            try file.file.dropCache(from: 0, bytes: 0)
            let reading = Task { try await reactor.read(file, into: buffer, count: 4096, at: 0) }
            reading.cancel()
            #expect(try await reading.value == 4096)
            #expect(contents(buffer, 4096) == patternBytes(4096))
        }
        reactor.shutdown()
    }

    @Test("the end waits for what is under way, and refuses what comes later", arguments: IOBackend.testable)
    func end(backend: IOBackend) async throws {
        let reactor = try Reactor(name: "test", backend: backend, queueDepth: 4)
        let (file, buffer) = (try makeFile(), IOBuffer(count: 4096))
        let done = Lock(0)
        for _ in 0..<100 {
            try file.file.write([1], at: 0)
            reactor.synchronizeData([file]) { errors in
                #expect(errors == [nil])
                done.withLock { $0 += 1 }
            }
        }
        reactor.shutdown()
        #expect(done.withLock { $0 } == 100)
        #expect(await reactor.synchronizeData([file]).first??.errno == .canceled)
        await #expect(throws: IOError.reading(.pread, path, 1, at: 0, .canceled)) {
            _ = try await reactor.read(file, into: buffer, count: 1, at: 0)
        }
        buffer.withMutableBytes { _ in }
    }

    @Test("a file stays open while it is under way, and is closed when that is over", arguments: IOBackend.testable)
    func lifetime(backend: IOBackend) throws {
        let reactor = try Reactor(name: "test", backend: backend)
        var file: Handle? = try makeFile()
        let injector = FaultInjector.install(under: path)
        defer { injector.remove() }
        let held = try #require(file)
        weak let observed = held
        reactor.synchronizeData([held]) { errors in #expect(errors == [nil]) }
        _ = consume held
        file = nil
        reactor.shutdown()
        #expect(observed == nil)
        #expect(injector.calls.map(\.name) == [.fdatasync, .close])
    }

    @Test("reactors leave no descriptor behind")
    func descriptors() async {
        // A process of its own, in which no other test opens anything.
        await #expect(processExitsWith: .success) {
            let backends = IOBackend.testable
            let rounds = 10
            let before = try FileSystem.list("/proc/self/fd").count
            for backend in Array(repeating: backends, count: rounds).joined() {
                let path = FilePath("/tmp").appending("millrace-\(getpid())")
                let file = Handle(try File.open(path, .readWrite, create: .mustNotExist))
                try FileSystem.removeFile(path)
                let reactor = try Reactor(name: "test", backend: backend)
                #expect(await reactor.synchronizeData([file]) == [nil])
                reactor.shutdown()
            }
            // The runtime may have opened a few of its own meanwhile, though not one a reactor.
            #expect(try FileSystem.list("/proc/self/fd").count < before + rounds)
            #expect(Handle.openCount == 0)
        }
    }

    @Test("reactors leave no thread behind", arguments: IOBackend.testable)
    func threads(backend: IOBackend) async throws {
        let name = "left\(backend.rawValue)"
        let file = try makeFile(patternBytes(100))
        for _ in 0..<3 {
            let reactor = try Reactor(name: name, backend: backend)
            #expect(await reactor.synchronizeData([file, file, file]) == [nil, nil, nil])
            #expect(try threads(named: name) > 0)
            reactor.shutdown()
        }
        #expect(try threads(named: name) == 0)
    }

    /// How many threads of this process have that name.
    private func threads(named name: String) throws -> Int {
        try FileSystem.list("/proc/self/task").count { entry in
            let comm = FilePath("/proc/self/task").appending(entry.component).appending("comm")
            // A thread may end between the two calls.
            guard let bytes = try? FileSystem.readFile(comm, limit: 64) else { return false }
            return String(decoding: bytes, as: UTF8.self) == "\(name)\n"
        }
    }
}
