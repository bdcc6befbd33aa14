import SystemPackage
import TestSupport
import Testing

@testable import LinuxIO

@Suite(.temporaryDirectory, .enabled(if: IOBackend.testable.contains(.ring)))
struct RingTests {
    /// Turns the ring until `count` results are there.
    private func collect(_ count: Int, from ring: inout Ring) throws -> [UInt64: Int] {
        var results: [UInt64: Int] = [:]
        while results.count < count {
            try ring.turn(.unlimited) { token, result in results[token] = result }
        }
        return results
    }

    @Test("a batch of different requests is carried out, each with its own result")
    func batch() throws {
        let file = try File.open(TemporaryDirectory.current.appending("file"), .readWrite, create: .mustNotExist)
        try file.write(patternBytes(5000), at: 0)
        var ring = try Ring(entries: 8, diskWorkers: 4)
        let (target, source) = (IOBuffer(count: 4096), IOBuffer(count: 4096))
        source.withMutableBytes { $0.storeBytes(of: 7, as: UInt8.self) }
        ring.add(
            .read(file.descriptor, into: target.lendForFilling(4096, for: .test), at: 4000, uncached: false),
            token: 1
        )
        ring.add(.write(file.descriptor, from: source.lendForReading(1, for: .test), at: 9000), token: 2)
        ring.add(.synchronizeData(file.descriptor), token: 3)
        ring.add(.reserve(file.descriptor, from: 0, bytes: 1 << 20), token: 4)
        ring.add(.synchronizeData(-1), token: 5)
        let results = try collect(5, from: &ring)
        target.endWriting()
        source.endReading()
        // The write may come before the read or after it, and decides how much there is to read.
        #expect(results[1] == 1000 || results[1] == 4096)
        #expect(results[2] == 1)
        #expect(results[3] == 0)
        #expect(results[4] == 0)
        #expect(results[5] == -Int(Errno.badFileDescriptor.rawValue))
        #expect(target.withBytes { $0.unsafeLoad(as: UInt8.self) } == patternBytes(1, startingAt: 4000)[0])
        #expect(try file.bytes(1, at: 9000) == [7])
        #expect(try file.status().allocatedBytes >= 1 << 20)
    }

    @Test("requests beyond the size of the ring go with later turns")
    func moreThanFit() throws {
        let file = try File.open(TemporaryDirectory.current.appending("file"), .readWrite, create: .mustNotExist)
        var ring = try Ring(entries: 4, diskWorkers: 4)
        #expect(ring.entries == 4)
        for token in 0..<UInt64(50) { ring.add(.reserve(file.descriptor, from: 0, bytes: 4096), token: token) }
        let results = try collect(50, from: &ring)
        #expect(results.values.allSatisfy { $0 == 0 })
    }

    @Test("a request that waits can be cancelled")
    func cancellation() throws {
        let wakeUp = try WakeUp(owner: "test")
        var ring = try Ring(entries: 4, diskWorkers: 1)
        let count = IOBuffer(count: 8)
        ring.add(readOf: wakeUp.descriptor, into: count.lendForFilling(8, for: .test), token: 1)
        ring.add(cancellationOf: 1, token: 2)
        ring.add(cancellationOf: 99, token: 3)
        let results = try collect(3, from: &ring)
        count.endWriting()
        #expect(results[1] == -Int(Errno.canceled.rawValue))
        #expect(results[2] == 0)
        #expect(results[3] == -Int(Errno.noSuchFileOrDirectory.rawValue))
    }

    @Test("a wait is over when its descriptor is ready, and says for what; one that is not can be cancelled")
    func readiness() throws {
        let (idle, signalled) = (try WakeUp(owner: "test"), try WakeUp(owner: "test"))
        var ring = try Ring(entries: 4, diskWorkers: 1)
        signalled.signal()
        ring.add(waitFor: .reading, of: signalled.descriptor, token: 1)
        ring.add(waitFor: [.reading, .writing], of: idle.descriptor, token: 2)
        ring.add(waitFor: .reading, of: idle.descriptor, token: 3)
        ring.add(cancellationOf: 3, token: 4)
        let results = try collect(4, from: &ring)
        #expect(results[1] == Int(Readiness.reading.rawValue))
        #expect(results[2] == Int(Readiness.writing.rawValue))
        #expect(results[3] == -Int(Errno.canceled.rawValue))
        #expect(results[4] == 0)
    }

    @Test("a signal of the wake-up counter ends a wait, and its count is read")
    func wakeUp() throws {
        let wakeUp = try WakeUp(owner: "test")
        var ring = try Ring(entries: 4, diskWorkers: 1)
        let count = IOBuffer(count: 8)
        ring.add(readOf: wakeUp.descriptor, into: count.lendForFilling(8, for: .test), token: 1)
        var results = 0
        try ring.turn(.none) { _, _ in results += 1 }
        try ring.turn(.atMost(.microseconds(1))) { _, _ in results += 1 }
        #expect(results == 0)
        wakeUp.signal()
        wakeUp.signal()
        #expect(try collect(1, from: &ring) == [1: 8])
        count.endWriting()
        #expect(count.withBytes { $0.unsafeLoad(as: UInt64.self) } == 2)
    }
}
