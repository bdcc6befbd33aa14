import KafkaProtocol
import TestSupport
import Testing

@testable import LogServer

@Suite("The budget of a fetch")
struct FetchBudgetTests {
    private func budget(_ maxBytes: Int32, minBytes: Int32 = 1, limit: Int = 1000) -> FetchBudget {
        var request = FetchRequest()
        (request.maxBytes, request.minBytes) = (maxBytes, minBytes)
        return FetchBudget(request, limit: limit)
    }

    @Test("a partition gets what it may, until the request has what it may")
    func division() {
        var budget = budget(100)
        #expect(budget.maxBytes(of: 60) == 60)
        #expect(budget.take(60, of: 60) == 60)
        #expect(budget.maxBytes(of: 60) == 40)
        #expect(budget.take(30, of: 60) == 30)
        #expect(budget.maxBytes(of: 60) == 10)
        #expect(budget.take(0, of: 60) == 0)
        #expect(budget.take(10, of: 60) == 10)
        #expect(budget.maxBytes(of: 60) == nil)
    }

    @Test("the first batch is sent even if it is too long for the partition, or for the request")
    func oversized() {
        for maxBytes in [0, 50, 1000] as [Int32] {
            var budget = budget(maxBytes)
            #expect(budget.take(0, of: 10) == 0)
            #expect(budget.maxBytes(of: 10) == Int(min(maxBytes, 10)))
            #expect(budget.take(200, of: 10) == 200)
            #expect(budget.take(20, of: 10) == 0)
        }
    }

    @Test("a batch that is too long for what is left is not sent, and one behind it that is not is")
    func passedOver() {
        var budget = budget(100)
        #expect(budget.take(90, of: 100) == 90)
        #expect(budget.take(11, of: 100) == 0)
        #expect(budget.take(10, of: 100) == 10)
    }

    @Test("the server's limit counts, and what is waited for is no more than may be sent")
    func limits() {
        #expect(budget(.max).remaining == 1000)
        #expect(budget(.max, minBytes: .max).minBytes == 1000)
        #expect(budget(10, minBytes: 20).minBytes == 10)
        #expect(budget(-5, minBytes: -5).remaining == 0 && budget(-5, minBytes: -5).minBytes == 0)
        #expect(budget(100).maxBytes(of: -1) == 0)
    }

    @Test("no more is sent than is allowed, but for a first batch that is longer", arguments: Seed.all)
    func bound(seed: Seed) {
        var generator = seed.generator
        for _ in 0..<200 {
            let maxBytes = Int32.random(in: 0...500, using: &generator)
            var budget = budget(maxBytes)
            var sent: [Int] = []
            for _ in 0..<20 {
                let partitionMaxBytes = Int32.random(in: 0...200, using: &generator)
                guard let asked = budget.maxBytes(of: partitionMaxBytes) else { continue }
                // A log gives whole first batches, and otherwise no more than it was asked for.
                let batch = Int.random(in: 1...300, using: &generator)
                let given = max(batch, Int.random(in: 0...max(0, asked), using: &generator))
                let taken = budget.take(given, of: partitionMaxBytes)
                #expect(taken == 0 || taken == given)
                if sent.isEmpty { #expect(taken == given, "\(seed)") }
                if taken > 0 { sent.append(taken) }
            }
            let allowed = max(Int(maxBytes), sent.first ?? 0)
            #expect(sent.reduce(0, +) <= allowed, "\(sent) of \(maxBytes), \(seed)")
        }
    }
}
