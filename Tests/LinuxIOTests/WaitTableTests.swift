import SystemPackage
import Testing

@testable import LinuxIO

@Suite struct WaitTableTests {
    private func finish(_ table: inout WaitTable<String>, _ key: UInt64, _ result: Int) throws -> (String, Errno?) {
        let finished = table.finish(key, result: result)
        return try #require(finished)
    }

    private func result(_ errno: Errno) -> Int { -Int(errno.rawValue) }

    @Test("a wait is over with its result, once")
    func ready() throws {
        var table = WaitTable<String>()
        #expect(table.isEmpty)
        table.add("first", key: 1)
        table.add("second", key: 2)
        #expect(table.count == 2)
        #expect(try finish(&table, 1, 5) == ("first", nil))
        #expect(table.finish(1, result: 5) == nil)
        #expect(try finish(&table, 2, 0) == ("second", nil))
        #expect(table.isEmpty)
        #expect(table.finish(3, result: 1) == nil)
    }

    @Test("a wait that is ended is over only when the kernel says so, and says why it was ended first")
    func ended() throws {
        var table = WaitTable<String>()
        table.add("wait", key: 1)
        #expect(table.end(1, because: .timedOut) == "wait")
        #expect(table.end(1, because: .canceled) == nil, "the kernel is asked once")
        #expect(!table.isEmpty)
        #expect(try finish(&table, 1, result(.canceled)) == ("wait", .timedOut))
        #expect(table.isEmpty)
        #expect(table.end(1, because: .canceled) == nil)
    }

    @Test("a wait that was ready before it could be ended is ready")
    func race() throws {
        var table = WaitTable<String>()
        table.add("wait", key: 1)
        _ = table.end(1, because: .timedOut)
        #expect(try finish(&table, 1, 1) == ("wait", nil))
    }

    @Test("failures are told, signals are not, and a cancellation that nobody asked for is one")
    func failures() throws {
        var table = WaitTable<String>()
        for key in UInt64(1)...3 { table.add("\(key)", key: key) }
        #expect(try finish(&table, 1, result(.noMemory)) == ("1", .noMemory))
        #expect(try finish(&table, 2, result(.interrupted)) == ("2", nil))
        #expect(try finish(&table, 3, result(.canceled)) == ("3", .canceled))
    }

    @Test("all that are not ending yet are ended together")
    func endAll() throws {
        var table = WaitTable<String>()
        for key in UInt64(1)...5 { table.add("\(key)", key: key) }
        _ = table.end(2, because: .timedOut)
        #expect(Set(table.endAll(because: .canceled).map(\.key)) == [1, 3, 4, 5])
        #expect(table.endAll(because: .canceled).isEmpty)
        #expect(try finish(&table, 2, result(.canceled)) == ("2", .timedOut))
        #expect(try finish(&table, 3, result(.canceled)) == ("3", .canceled))
    }

    @Test("tokens of waits and of operations are told apart")
    func tokens() {
        let last = OperationToken(place: 0xffff_ffff, generation: OperationToken.mostGeneration)
        #expect(last.waitKey == nil)
        #expect(OperationToken(wait: 1).waitKey == 1)
        #expect(OperationToken(wait: last.rawValue).waitKey == last.rawValue)
    }
}
