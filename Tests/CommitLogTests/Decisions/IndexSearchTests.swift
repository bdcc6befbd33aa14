import TestSupport
import Testing

@testable import CommitLog

@Suite("Searching an index page by page")
struct IndexSearchTests {
    /// Searches `keys`, `perPage` to a page.
    ///
    /// Returns the index found and how many pages were looked at.
    private func search(_ keys: [Int64], perPage: Int, for target: Int64) -> (index: Int?, looks: Int) {
        let pages = (keys.count + perPage - 1) / perPage
        var search = IndexSearch(target: target, pageCount: pages, keys: 0...max(0, keys.last ?? 0))
        var looks = 0
        while true {
            switch search.next() {
            case .none:
                return (nil, looks)
            case .lastEntry(ofPage: let page):
                return (min((page + 1) * perPage, keys.count) - 1, looks)
            case .look(page: let page):
                looks += 1
                let entries = keys[(page * perPage)..<min((page + 1) * perPage, keys.count)]
                guard let first = entries.first, let last = entries.last else { return (nil, looks) }
                if search.narrow(page: page, first: first, last: last) == .found {
                    return (entries.lastIndex { $0 <= target }, looks)
                }
            }
        }
    }

    @Test("finds what a linear search finds, whatever the keys", arguments: Seed.all)
    func agreesWithLinearSearch(seed: Seed) {
        var random = seed.generator
        for _ in 0..<300 {
            let perPage = Int.random(in: 1...8, using: &random)
            let steps: [Int64] = [1, 3, 1000, 1 << 40]
            let step = steps[Int.random(in: 0..<4, using: &random)]
            var key = Int64.random(in: 0...5, using: &random)
            var keys: [Int64] = []
            for _ in 0..<Int.random(in: 1...200, using: &random) {
                key += Int64.random(in: 1...step, using: &random)
                keys.append(key)
            }
            for _ in 0..<20 {
                let target = Int64.random(in: -1...(key + 2), using: &random)
                let expected = keys.lastIndex { $0 <= target }
                #expect(search(keys, perPage: perPage, for: target).index == expected, "\(seed)")
            }
        }
    }

    @Test(
        "finds keys that differ by less than a floating-point number can tell",
        arguments: [1 << 62, Int64.max - 200]
    )
    func largeKeys(first: Int64) {
        let keys = (0..<200).map { first + $0 }
        for (index, key) in keys.enumerated() { #expect(search(keys, perPage: 3, for: key).index == index) }
    }

    @Test("looks at two pages where keys are even, and at no more than twice the bisection's where they are not")
    func bound() {
        let even = (0..<262_144).map { Int64($0 + 1) * 4100 }
        #expect(search(even, perPage: 512, for: 123_456_789).looks <= 2)
        let uneven = (0..<262_144).map { $0 < 262_000 ? Int64($0 + 1) : (Int64(1) << 60) + Int64($0) }
        #expect(search(uneven, perPage: 512, for: 131_000).looks <= 2 * 10)
    }
}
