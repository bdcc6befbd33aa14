import KafkaProtocol
import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import LogServer

@Suite("What records are sent from", .temporaryDirectory)
struct ResponseSenderTests {
    private var path: FilePath { TemporaryDirectory.current.appending("records") }

    private struct IsClosed: Error {}

    private func file(_ content: [UInt8]) throws -> FileHandle {
        let file = FileHandle(try File.open(path, .readWrite, create: .mustNotExist))
        try file.file.write(content, at: 0)
        try file.file.synchronizeData()
        return file
    }

    /// Serves answers of one partition for each range, and checks what a client gets.
    private func send(_ ranges: [FileRange], of content: [UInt8], _ backend: IOBackend, times: Int = 1) async throws {
        let handler = TestHandler { (header, _) throws(ProtocolError) in
            var message = FetchResponse()
            var topic = FetchResponse.FetchableTopicResponse()
            topic.partitions = ranges.map { range in
                var partition = FetchResponse.FetchableTopicResponse.PartitionData()
                partition.records = RecordsField(byteCount: Int(range.byteCount))
                return partition
            }
            message.responses = [topic]
            return .ready(try Response(message, to: header, records: ranges.map { [.file($0)] }))
        }
        let server = try TestServer(backend, handler)
        let client = try await server.connect()
        for _ in 0..<times {
            try await client.send(frame(.fetch, 12, 5))
            guard let response = try await client.response() else { throw IsClosed() }
            let message = try FetchResponse(reading: response.span.bytes, from: 5, version: 12)
            let partitions = try #require(message.responses.first?.partitions)
            #expect(partitions.count == ranges.count)
            for (partition, range) in zip(partitions, ranges) {
                let place = try #require(partition.records?.range)
                let start = Int(range.position)
                #expect(response[place] == content[start..<start + Int(range.byteCount)])
            }
        }
        try await server.stop()
    }

    private func content(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 / 7 ^ $0 >> 12) } }

    @Test("a range in the page cache is sent from there, and never read", arguments: IOBackend.testable)
    func warm(_ backend: IOBackend) async throws {
        let content = content(5_000_000)
        let file = try file(content)
        let injector = FaultInjector.install(under: path) { _ in .proceed }
        try await send([FileRange(file, from: 77, byteCount: 4_500_000)], of: content, backend)
        injector.remove()
        #expect(injector.count(of: .sendfile) >= 5)
        #expect(injector.calls.allSatisfy { [.sendfile, .cachestat].contains($0.name) || $0.bytes == 1 })
    }

    @Test("a range that only a disk has is not waited for by sendfile", arguments: IOBackend.testable, [true, false])
    func cold(_ backend: IOBackend, isShared: Bool) async throws {
        let content = content(3_000_000)
        let file = try file(content)
        try file.file.dropCache(from: 0, bytes: 0)
        // A file system in memory has no disk.
        guard try !file.file.isResident(from: 0, bytes: 3_000_000) else { return }
        let injector = FaultInjector.install(under: path) { _ in .proceed }
        try await send(
            [FileRange(file, from: 5, byteCount: 2_900_000, isShared: isShared)],
            of: content,
            backend
        )
        injector.remove()
        let read = injector.calls.filter { $0.name == .pread || $0.name == .preadv2 && $0.bytes > 1 }
        #expect(read.reduce(0) { $0 + $1.bytes } > 1_000_000, "at least what read-ahead has not brought")
        // Most of it: where memory is reclaimed, the kernel may have taken some back.
        if isShared, let status = try file.file.cacheStatus(from: 0, bytes: 2_900_000) {
            #expect(status.cached * 4096 > 1_450_000)
        }
    }

    @Test("small ranges of a response that has several go together", arguments: IOBackend.testable, [true, false])
    func small(_ backend: IOBackend, isCold: Bool) async throws {
        let content = content(2_000_000)
        let file = try file(content)
        if isCold { try file.file.dropCache(from: 0, bytes: 0) }
        let ranges = (0..<150).map { FileRange(file, from: Int64($0 * 13_001), byteCount: Int64(1 + $0 * 60)) }
        let injector = FaultInjector.install(under: path) { _ in .proceed }
        try await send(ranges, of: content, backend, times: 4)
        injector.remove()
        #expect(injector.count(of: .sendfile) == 0)
    }

    @Test("where a file has become shorter the connection ends, in the middle of the answer", arguments: [1, 3])
    func short(count: Int) async throws {
        let content = content(10_000)
        let file = try file(content)
        let ranges = (0..<count).map { _ in FileRange(file, from: 9000, byteCount: 2000) }
        await #expect(throws: (any Error).self) {
            try await send(ranges, of: content + content, .testable[0])
        }
    }
}
