import Testing

@testable import LinuxIO

@Suite struct FIFOTests {
    @Test("what goes in first comes out first, however the two are mixed", arguments: [1, 2, 3, 7])
    func order(burst: Int) {
        var queue = FIFO<Int>()
        var (next, expected) = (0, 0)
        for round in 0..<100 {
            for _ in 0..<(round % 5 + burst) {
                queue.append(next)
                next += 1
            }
            for _ in 0..<burst {
                #expect(queue.popFirst() == expected)
                expected += 1
            }
            #expect(queue.count == next - expected)
        }
        while let element = queue.popFirst() {
            #expect(element == expected)
            expected += 1
        }
        #expect(queue.isEmpty && expected == next)
    }
}
