import Testing

@testable import LinuxIO

@Suite struct OperationTableTests {
    private func started<Operation>(_ table: inout OperationTable<Operation>) throws -> OperationToken {
        let token = table.startNext()
        return try #require(token)
    }

    @Test("no more than the capacity are under way, and the rest follow in order")
    func capacity() throws {
        var table = OperationTable<Int>(capacity: 3)
        for operation in 0..<10 { table.add(operation) }
        var underWay: [OperationToken] = []
        var finished: [Int] = []
        while !table.isEmpty {
            while let token = table.startNext() { underWay.append(token) }
            #expect(table.underWay == min(3, 10 - finished.count))
            let operation = table.remove(underWay.removeFirst())
            finished.append(try #require(operation))
        }
        #expect(finished == Array(0..<10))
    }

    @Test("a token of the past names nothing, also after its place was given away")
    func staleTokens() throws {
        var table = OperationTable<String>(capacity: 1)
        table.add("first")
        let first = try started(&table)
        #expect(table.remove(first) == "first")
        #expect(table.remove(first) == nil)
        table.add("second")
        let second = try started(&table)
        #expect(second.place == first.place)
        #expect(table.update(first) { $0 += "!" } == nil)
        #expect(table.remove(first) == nil)
        #expect(table.remove(second) == "second")
        #expect(table.underWay == 0)
    }

    @Test("a token that was never given out names nothing")
    func foreignTokens() {
        var table = OperationTable<Int>(capacity: 4)
        table.add(1)
        _ = table.startNext()
        for raw in [UInt64.max, UInt64.max - 1, 1, 1 << 32] {
            #expect(table.remove(OperationToken(rawValue: raw)) == nil)
        }
        #expect(table.underWay == 1)
    }

    @Test("a change stays with its operation")
    func updates() throws {
        var table = OperationTable<[Int]>(capacity: 2)
        table.add([1])
        table.add([2])
        let first = try started(&table)
        let second = try started(&table)
        #expect(
            table.update(second) {
                $0.append(20); return $0.count
            } == 2
        )
        #expect(table.remove(first) == [1])
        #expect(table.remove(second) == [2, 20])
    }
}
