import CommitLog
import RecordBatch
import TestSupport
import Testing

@Suite("Leader epochs")
struct LeaderEpochCacheTests {
    /// Epochs 0, 2 and 4 beginning at 0, 644 and 850, as the fixtures' txn-0 has them.
    private func threeEpochs() -> LeaderEpochCache {
        cache([(0, 0), (2, 644), (4, 850)])
    }

    private func cache(_ entries: [(Int32, Int64)]) -> LeaderEpochCache {
        var cache = LeaderEpochCache()
        for (epoch, offset) in entries {
            cache.assign(LeaderEpoch(rawValue: epoch), startOffset: Offset(rawValue: offset))
        }
        return cache
    }

    private func described(_ cache: LeaderEpochCache) -> String {
        cache.entries.map { "\($0.epoch.rawValue)@\($0.startOffset.rawValue)" }.joined(separator: " ")
    }

    @Test(
        "assigning an epoch removes the entries that it contradicts",
        arguments: [
            (5, 900, true, "0@0 2@644 4@850 5@900"),  // the usual: a new epoch at the end
            (4, 850, false, "0@0 2@644 4@850"),  // known already
            (4, 860, false, "0@0 2@644 4@850"),  // each batch of the epoch says so again
            (4, 845, true, "0@0 2@644 4@845"),  // the epoch began earlier
            (5, 850, true, "0@0 2@644 5@850"),  // epoch 4 wrote nothing
            (5, 700, true, "0@0 2@644 5@700"),  // the log was cut below the begin of epoch 4
            (5, 0, true, "5@0"),
            (3, 900, true, "0@0 2@644 3@900"),  // epoch 4 is not to be had any more
            (1, 100, true, "0@0 1@100"),
            (0, 0, true, "0@0"),
        ]
    )
    func assign(epoch: Int32, offset: Int64, changes: Bool, expected: String) {
        var cache = threeEpochs()
        let changed = cache.assign(LeaderEpoch(rawValue: epoch), startOffset: Offset(rawValue: offset))
        #expect(changed == changes)
        #expect(described(cache) == expected)
    }

    @Test(
        "an epoch ends where the next known one begins, the latest at the end of the log",
        arguments: [
            (-1, nil), (0, "0 644"), (1, "0 644"), (2, "2 850"), (3, "2 850"), (4, "4 988"), (5, nil),
        ] as [(Int32, String?)]
    )
    func endOffset(epoch: Int32, expected: String?) {
        let end = threeEpochs().endOffset(for: LeaderEpoch(rawValue: epoch), logEnd: Offset(rawValue: 988))
        #expect(end.map { "\($0.epoch.rawValue) \($0.offset.rawValue)" } == expected)
    }

    @Test("an epoch before the first known one ends where that begins")
    func endOffsetBelow() throws {
        let end = cache([(3, 100), (4, 200)]).endOffset(for: LeaderEpoch(rawValue: 1), logEnd: Offset(rawValue: 300))
        #expect(try #require(end) == (LeaderEpoch(rawValue: 1), Offset(rawValue: 100)))
    }

    @Test("without epochs nothing is known")
    func nothing() {
        let cache = LeaderEpochCache()
        #expect(cache.latest == nil)
        #expect(cache.endOffset(for: LeaderEpoch(rawValue: 0), logEnd: Offset(rawValue: 9)) == nil)
        #expect(cache.epoch(at: Offset(rawValue: 0)) == nil)
    }

    @Test(
        "the epoch of an offset is the last that began there or before",
        arguments: [(99, nil), (100, 3), (199, 3), (200, 4), (Int64.max, 4)] as [(Int64, Int32?)]
    )
    func epochAt(offset: Int64, expected: Int32?) {
        #expect(cache([(3, 100), (4, 200)]).epoch(at: Offset(rawValue: offset))?.rawValue == expected)
    }

    @Test(
        "cutting the start leaves the epoch that holds the offset, which now begins there",
        arguments: [
            (0, false, "0@0 2@644 4@850"), (1, true, "0@1 2@644 4@850"), (643, true, "0@643 2@644 4@850"),
            (644, true, "2@644 4@850"), (845, true, "2@845 4@850"), (850, true, "4@850"), (900, true, "4@900"),
        ]
    )
    func truncateFromStart(offset: Int64, changes: Bool, expected: String) {
        var cache = threeEpochs()
        #expect(cache.truncateFromStart(Offset(rawValue: offset)) == changes)
        #expect(described(cache) == expected)
    }

    @Test(
        "cutting the end removes the epochs that begin there or behind",
        arguments: [
            (988, false, "0@0 2@644 4@850"), (851, false, "0@0 2@644 4@850"), (850, true, "0@0 2@644"),
            (645, true, "0@0 2@644"), (1, true, "0@0"), (0, true, ""),
        ]
    )
    func truncateFromEnd(offset: Int64, changes: Bool, expected: String) {
        var cache = threeEpochs()
        #expect(cache.truncateFromEnd(Offset(rawValue: offset)) == changes)
        #expect(described(cache) == expected)
    }

    /// The rules again, as plainly as they can be put: one epoch for each offset.
    private struct Model {
        /// The epoch of each offset from `start` on.
        var start = 0
        var epochs: [Int32] = []
    }

    @Test("over random histories the cache agrees with a list of each record's epoch", arguments: Seed.all)
    func model(seed: Seed) throws {
        var generator = seed.generator
        var cache = LeaderEpochCache()
        var model = Model()
        var epoch: Int32 = 0
        for _ in 0..<300 {
            let end = model.start + model.epochs.count
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: epoch += Int32.random(in: 1...3, using: &generator)
            case 1:
                let cut = Int.random(in: model.start...end, using: &generator)
                model.epochs.removeLast(end - cut)
                cache.truncateFromEnd(Offset(rawValue: Int64(cut)))
            case 2 where end > model.start:
                let cut = Int.random(in: model.start..<end, using: &generator)
                model.epochs.removeFirst(cut - model.start)
                model.start = cut
                cache.truncateFromStart(Offset(rawValue: Int64(cut)))
            default:
                cache.assign(LeaderEpoch(rawValue: epoch), startOffset: Offset(rawValue: Int64(end)))
                model.epochs += Array(repeating: epoch, count: Int.random(in: 1...5, using: &generator))
            }
            for (index, epoch) in model.epochs.enumerated() {
                let found = cache.epoch(at: Offset(rawValue: Int64(model.start + index)))
                try #require(found?.rawValue == epoch, "\(seed), offset \(model.start + index)")
            }
            let logEnd = Int64(model.start + model.epochs.count)
            for asked in Set(model.epochs) {
                let last = try #require(model.epochs.lastIndex(of: asked))
                let found = cache.endOffset(for: LeaderEpoch(rawValue: asked), logEnd: Offset(rawValue: logEnd))
                try #require(found?.offset.rawValue == Int64(model.start + last + 1), "\(seed), epoch \(asked)")
            }
            try #require(try LeaderEpochCache(parsing: cache.encoded()) == cache)
        }
    }
}
