import SystemPackage
import Testing

@testable import LinuxIO

@Suite struct DiskOperationTests {
    private func result(_ errno: Errno) -> Int { -Int(errno.rawValue) }

    @Test("a read goes on until it is complete or the file ends")
    func reading() throws {
        var operation = try #require(DiskOperation.read(count: 100, at: 1000, uncached: false))
        #expect(operation.call == .pread)
        #expect(operation.advance(by: 60) == nil)
        #expect(operation.position == 1060)
        #expect(operation.bytes == 40)
        #expect(operation.advance(by: result(.interrupted)) == nil)
        #expect(operation.advance(by: 0) == .done(60))
    }

    @Test("an uncached read that is not supported becomes a plain one")
    func uncached() throws {
        var operation = try #require(DiskOperation.read(count: 10, at: 0, uncached: true))
        #expect(operation.call == .preadv2)
        #expect(operation.advance(by: result(.notSupported)) == nil)
        #expect(operation.call == .pread)
        #expect(operation.advance(by: result(.notSupported)) == .failed(.pread, .notSupported))
    }

    @Test("a write goes on until it is complete")
    func writing() throws {
        var operation = try #require(DiskOperation.write(count: 10, at: 0))
        #expect(operation.advance(by: 9) == nil)
        #expect(operation.advance(by: result(.noSpace)) == .failed(.pwrite, .noSpace))
    }

    @Test("an interruption is always a reason to make a call again, a busy kernel a number of times")
    func calls() throws {
        for var operation in [.synchronizeData, try #require(DiskOperation.reserve(from: 5, bytes: 7))] {
            #expect(operation.advance(by: result(.interrupted)) == nil)
            let busy = Errno.resourceTemporarilyUnavailable
            for _ in 0..<CallRetry.most { #expect(operation.advance(by: result(busy)) == nil) }
            #expect(operation.advance(by: result(busy)) == .failed(operation.call, busy))
            #expect(operation.advance(by: result(.interrupted)) == nil)
            #expect(operation.advance(by: 0) == .done(0))
            #expect(operation.advance(by: result(.ioError)) == .failed(operation.call, .ioError))
        }
    }

    @Test("ranges outside of file positions are refused")
    func ranges() {
        #expect(DiskOperation.read(count: 1, at: -1, uncached: false) == nil)
        #expect(DiskOperation.write(count: 1, at: .max) == nil)
        #expect(DiskOperation.reserve(from: 1, bytes: .max) == nil)
        #expect(DiskOperation.reserve(from: 0, bytes: -1) == nil)
    }
}
