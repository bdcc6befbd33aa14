import KafkaProtocol
import Testing

@testable import LogServer

@Suite("The cache of fetch sessions")
struct FetchSessionCacheTests {
    /// Makes a session of so many partitions; returns its number, or 0 if there was no room.
    private func make(_ cache: inout FetchSessionCache, _ id: Int32, partitions: Int, now: Int64) -> Int32 {
        let partitions = (0..<partitions).map { FetchPartition(.name("t"), Int32($0)) }
        let context = cache.begin(.session(0, epoch: 0, partitions.map { $0.from(0) }), version: 12, now: now)
        return cache.finish(context, partitions.map { .found($0, end: 1) }, now: now, makeID: { id }).sessionID
    }

    /// Uses a session, and returns whether it was there.
    private func use(_ cache: inout FetchSessionCache, _ id: Int32, epoch: Int32, now: Int64) -> Bool {
        let context = cache.begin(.session(id, epoch: epoch), version: 12, now: now)
        return cache.finish(context, [], now: now).errorCode == .none
    }

    @Test("when all slots are taken by what is young and in use, there is no session")
    func full() {
        var cache = FetchSessionCache(slots: 2)
        #expect(make(&cache, 1, partitions: 1, now: 0) == 1)
        #expect(make(&cache, 2, partitions: 1, now: 0) == 2)
        #expect(make(&cache, 3, partitions: 100, now: 120_000) == 0)
        #expect(cache.count == 2 && cache.partitionCount == 2)
    }

    @Test("what was not used for longest goes first, once that is long enough")
    func stale() {
        var cache = FetchSessionCache(slots: 2)
        #expect(make(&cache, 1, partitions: 9, now: 0) == 1)
        #expect(make(&cache, 2, partitions: 1, now: 10) == 2)
        #expect(use(&cache, 1, epoch: 1, now: 20))
        #expect(make(&cache, 3, partitions: 1, now: 120_010) == 0)
        #expect(make(&cache, 3, partitions: 1, now: 120_011) == 3)
        #expect(use(&cache, 1, epoch: 2, now: 120_012) && !use(&cache, 2, epoch: 1, now: 120_012))
    }

    @Test("a larger session takes the place of the smallest that is not young")
    func small() {
        var cache = FetchSessionCache(slots: 3)
        #expect(make(&cache, 1, partitions: 4, now: 0) == 1)
        #expect(make(&cache, 2, partitions: 3, now: 0) == 2)
        #expect(make(&cache, 3, partitions: 1, now: 60_000) == 3)
        for id in Int32(1)...3 { #expect(use(&cache, id, epoch: 1, now: 120_001)) }
        #expect(make(&cache, 4, partitions: 3, now: 120_002) == 0)
        #expect(make(&cache, 4, partitions: 4, now: 120_002) == 4)
        #expect(use(&cache, 1, epoch: 2, now: 120_003) && use(&cache, 3, epoch: 2, now: 120_003))
        #expect(!use(&cache, 2, epoch: 2, now: 120_003))
    }

    @Test("without slots there are no sessions")
    func none() {
        var cache = FetchSessionCache(slots: 0)
        #expect(make(&cache, 1, partitions: 1, now: 0) == 0)
    }

    @Test("a number that is taken, or none, is drawn again")
    func numbers() {
        var cache = FetchSessionCache()
        #expect(make(&cache, 5, partitions: 1, now: 0) == 5)
        var draws: [Int32] = [6, 0, 5]
        let context = cache.begin(.session(0, epoch: 0), version: 12, now: 0)
        #expect(cache.finish(context, [], now: 0, makeID: { draws.removeLast() }).sessionID == 6)
    }
}
