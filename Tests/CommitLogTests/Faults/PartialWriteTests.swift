import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import CommitLog

@Suite("A write that fails half way", .temporaryDirectory)
struct PartialWriteTests {
    private var root: FilePath { TemporaryDirectory.current.appending("data") }
    private var partition: FilePath { root.appending("t-0") }

    @Test("what it has left is cut off before its segment is sealed")
    func partialWrite() async throws {
        let directory = try await LogDirectory.open(root, .small)
        let log = try directory.makeLog()
        while log.byteCount < 3000 { try await log.appendDurably(Batches.batch(valueBytes: 500)) }
        await directory.services.housekeeper.run {}
        let segment = log.segments[0]
        let (path, end) = (segment.log.path, segment.writtenEnd)
        let fault = FaultInjector.install(under: path) { call in
            switch call.name {
            case .pwrite: call.occurrence == 0 ? .short(40) : .fail(.noSpace)
            case .ftruncate: .fail(.ioError)
            default: .proceed
            }
        }
        #expect(throws: LogError.self) { try log.append(Batches.batch(valueBytes: 500)) }
        #expect(try FileSystem.status(path)?.size == end.rawValue + 40)
        // Neither does an append that would begin the next segment go by it.
        #expect(throws: LogError.self) { try log.append(Batches.batch(valueBytes: 3000)) }
        #expect(log.segmentCount == 1)
        fault.remove()
        let sizes = Lock<[Int?]>([])
        let roll = FaultInjector.install(under: partition) { call in
            if call.destination?.string.hasSuffix(".log") == true || call.name == .open {
                sizes.withLock { $0.append(try? Fixtures.bytes(of: path).count) }
            }
            return .proceed
        }
        try await log.appendDurably(Batches.batch(valueBytes: 3000))
        roll.remove()
        #expect(log.segmentCount == 2)
        #expect(sizes.withLock { $0.first } == Int(end.rawValue))
        try await directory.close()
    }
}
