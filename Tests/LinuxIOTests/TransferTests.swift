import SystemPackage
import TestSupport
import Testing

@testable import LinuxIO

@Suite struct TransferTests {
    @Test("short results are continued where they ended")
    func continued() throws {
        var transfer = try #require(Transfer(.writing, count: 100, at: 1000))
        #expect(transfer.advance(by: 30) == .again)
        #expect(transfer.nextPosition == 1030)
        #expect(transfer.nextCount == 70)
        #expect(transfer.advance(by: 70) == .finished)
        #expect(transfer.done == 100)
    }

    @Test("an interrupted call is made again for the same bytes")
    func interrupted() throws {
        var transfer = try #require(Transfer(.reading, count: 10, at: 5))
        #expect(transfer.advance(by: -Int(Errno.interrupted.rawValue)) == .again)
        #expect(transfer.nextPosition == 5)
        #expect(transfer.nextCount == 10)
    }

    @Test("nothing read is the end of the file, nothing written is an error")
    func noProgress() throws {
        var reading = try #require(Transfer(.reading, count: 10, at: 0))
        #expect(reading.advance(by: 4) == .again)
        #expect(reading.advance(by: 0) == .finished)
        #expect(reading.done == 4)
        var writing = try #require(Transfer(.writing, count: 10, at: 0))
        #expect(writing.advance(by: 0) == .failed(.ioError))
    }

    @Test("a failure is reported as the kernel gave it")
    func failure() throws {
        var transfer = try #require(Transfer(.writing, count: 10, at: 0))
        #expect(transfer.advance(by: -Int(Errno.noSpace.rawValue)) == .failed(.noSpace))
    }

    @Test("no call asks for more than the kernel moves in one")
    func bounded() throws {
        let transfer = try #require(Transfer(.reading, count: 5 << 30, at: 0))
        #expect(transfer.nextCount == 0x7fff_f000)
    }

    @Test(
        "ranges outside of file positions are refused",
        arguments: [(-1, 1), (Int64.max, 1), (Int64.max - 9, 10), (0, 0)]
    )
    func ranges(position: Int64, count: Int) {
        let isValid = position >= 0 && position <= Int64.max - Int64(count)
        #expect((Transfer(.reading, count: count, at: position) != nil) == isValid)
    }

    @Test("a negative count is refused")
    func negativeCount() {
        #expect(Transfer(.reading, count: -1, at: 0) == nil)
    }
}
