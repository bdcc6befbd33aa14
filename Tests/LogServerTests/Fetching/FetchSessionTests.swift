import KafkaProtocol
import RecordBatch
import Testing

@testable import LogServer

@Suite("A fetch session")
struct FetchSessionTests {
    private let a = FetchPartition(.name("a"), 0)
    private let b = FetchPartition(.name("b"), 0)
    private let c = FetchPartition(.name("b"), 1)

    /// Answers a request with what is found.
    private func fetch(
        _ cache: inout FetchSessionCache,
        _ request: FetchRequest,
        _ results: [FetchResult] = [],
        version: Int16 = 12,
        now: Int64 = 0,
        id: Int32 = 7
    ) -> FetchResponse {
        let context = cache.begin(request, version: version, now: now)
        return cache.finish(context, results, now: now, makeID: { id })
    }

    /// A cache with the session 7 of partitions that end at 10.
    private func cache(_ partitions: FetchPartition...) -> FetchSessionCache {
        var cache = FetchSessionCache()
        let request = FetchRequest.session(0, epoch: 0, partitions.map { $0.from(10) })
        let response = fetch(&cache, request, partitions.map { .found($0, end: 10) })
        #expect(response.sessionID == 7 && response.errorCode == .none && response.partitions == partitions)
        return cache
    }

    @Test("a full request is answered in full and makes a session")
    func full() {
        let cache = cache(a, b, c)
        #expect(cache.count == 1 && cache.partitionCount == 3)
    }

    @Test("without news an incremental request is answered with nothing")
    func silence() {
        var cache = cache(a, b)
        for epoch in Int32(1)...3 {
            let context = cache.begin(.session(7, epoch: epoch), version: 12, now: 0)
            #expect(context.requests.map(\.partition) == [a, b])
            let response = cache.finish(context, [.found(a, end: 10), .found(b, end: 10)], now: 0)
            #expect(response.sessionID == 7 && response.partitions.isEmpty)
        }
    }

    /// What is found, and whether it is told.
    private struct Step {
        let result: FetchResult
        let isTold: Bool
    }

    @Test("what has changed is told once")
    func news() {
        var cache = cache(a, b)
        var diverging = FetchResult.found(a, end: 10)
        diverging.data.divergingEpoch.epoch = LeaderEpoch(0)
        var preferred = FetchResult.found(a, end: 10)
        preferred.data.preferredReadReplica = 0
        let steps: [Step] = [
            Step(result: .found(a, end: 11), isTold: true), Step(result: .found(a, end: 11), isTold: false),
            Step(result: .found(a, end: 11, start: 3), isTold: true),
            Step(result: .found(a, end: 11, start: 3), isTold: false), Step(result: .found(a, end: 10), isTold: true),
            Step(result: diverging, isTold: true), Step(result: diverging, isTold: true),
            Step(result: preferred, isTold: true), Step(result: preferred, isTold: true),
            Step(result: .found(a, end: 10), isTold: false),
            Step(result: .found(a, end: 10, bytes: 1), isTold: true),
            Step(result: .found(a, end: 10, bytes: 1), isTold: true),
        ]
        for (index, step) in steps.enumerated() {
            let response = fetch(&cache, .session(7, epoch: Int32(index + 1)), [step.result, .found(b, end: 10)])
            #expect(response.partitions == (step.isTold ? [a] : []), "step \(index)")
        }
    }

    @Test("an error is told as long as it lasts, and its end as well")
    func errors() {
        var cache = cache(a)
        let failed = FetchResult.found(a, end: 10, error: .kafkaStorageError)
        #expect(fetch(&cache, .session(7, epoch: 1), [failed]).partitions == [a])
        #expect(fetch(&cache, .session(7, epoch: 2), [failed]).partitions == [a])
        #expect(fetch(&cache, .session(7, epoch: 3), [.found(a, end: 10)]).partitions == [a])
        #expect(fetch(&cache, .session(7, epoch: 4), [.found(a, end: 10)]).partitions == [])
    }

    @Test("requests add partitions, change what is asked for and drop them")
    func updates() {
        var cache = cache(a, b)
        var context = cache.begin(.session(7, epoch: 1, [c.from(5), a.from(6)], dropping: [b]), version: 12, now: 0)
        #expect(context.requests.map(\.partition) == [a, c])
        #expect(context.requests.map(\.request.fetchOffset.rawValue) == [6, 5])
        // What was added is told though nothing is known to have changed.
        let response = cache.finish(context, [.found(a, end: 10), .found(c, end: 0)], now: 0)
        #expect(response.partitions == [c])
        context = cache.begin(.session(7, epoch: 2, [], dropping: [b]), version: 12, now: 0)
        #expect(context.requests.map(\.partition) == [a, c])
    }

    @Test("partitions of which there were records come last the next time")
    func rotation() {
        var cache = cache(a, b, c)
        let results: [FetchResult] = [.found(a, end: 11, bytes: 5), .found(b, end: 11), .found(c, end: 11)]
        #expect(fetch(&cache, .session(7, epoch: 1), results).partitions == [a, b, c])
        let context = cache.begin(.session(7, epoch: 2), version: 12, now: 0)
        #expect(context.requests.map(\.partition) == [b, c, a])
    }

    @Test("a session without partitions ends")
    func emptied() {
        var cache = cache(a)
        let response = fetch(&cache, .session(7, epoch: 1, [], dropping: [a]))
        #expect(response.sessionID == 0 && response.errorCode == .none && cache.count == 0)
        #expect(fetch(&cache, .session(7, epoch: 2)).errorCode == .fetchSessionIDNotFound)
    }

    @Test("epoch -1 ends a session and is answered in full")
    func final() {
        var cache = cache(a)
        let response = fetch(&cache, .session(7, epoch: -1, [b.from(0)]), [.found(b, end: 3)])
        #expect(response.sessionID == 0 && response.partitions == [b] && cache.count == 0)
    }

    @Test("epoch 0 replaces a session by a new one")
    func restarted() {
        var cache = cache(a)
        let response = fetch(&cache, .session(7, epoch: 0, [b.from(0)]), [.found(b, end: 3)], id: 8)
        #expect(response.sessionID == 8 && cache.count == 1)
        #expect(fetch(&cache, .session(7, epoch: 1)).errorCode == .fetchSessionIDNotFound)
    }

    @Test("versions that know no sessions get none")
    func oldVersions() {
        var cache = FetchSessionCache()
        var request = FetchRequest()
        request.topics = FetchRequest.session(0, epoch: 0, [a.from(1)]).topics
        #expect(fetch(&cache, request, [.found(a, end: 1)], version: 4).partitions == [a])
        #expect(cache.count == 0)
    }

    @Test("a session that a request takes for another is refused with Kafka's code, and stays as it is")
    func refusals() {
        var cache = cache(a)
        #expect(fetch(&cache, .session(8, epoch: 1)).errorCode == .fetchSessionIDNotFound)
        #expect(fetch(&cache, .session(0, epoch: 1)).errorCode == .fetchSessionIDNotFound)
        for epoch in [2, 3, -2, .max, .min] as [Int32] {
            let response = fetch(&cache, .session(7, epoch: epoch, [b.from(0)]), [])
            #expect(response.errorCode == .invalidFetchSessionEpoch && response.sessionID == 0)
        }
        #expect(fetch(&cache, .session(7, epoch: 1), version: 13).errorCode == .fetchSessionTopicIDError)
        let context = cache.begin(.session(7, epoch: 1), version: 12, now: 0)
        #expect(context.requests.map(\.partition) == [a])
    }

    @Test("sessions of identities are served from version 13 on, and their topics told apart by them")
    func identities() {
        let (x, y) = (FetchPartition(.id(.random()), 0), FetchPartition(.id(.random()), 0))
        var cache = FetchSessionCache()
        let request = FetchRequest.session(0, epoch: 0, [x.from(1), y.from(2)])
        let results: [FetchResult] = [.found(x, end: 1), .found(y, end: 2, error: .unknownTopicID)]
        #expect(fetch(&cache, request, results, version: 13).partitions == [x, y])
        #expect(fetch(&cache, .session(7, epoch: 1), version: 12).errorCode == .fetchSessionTopicIDError)
        #expect(fetch(&cache, .session(7, epoch: 1, [], dropping: [x]), [results[1]], version: 17).partitions == [y])
    }

    @Test("a request that comes twice is answered once")
    func duplicate() {
        var cache = cache(a)
        let first = cache.begin(.session(7, epoch: 1), version: 12, now: 0)
        let second = cache.begin(.session(7, epoch: 2), version: 12, now: 0)
        let late = cache.finish(first, [.found(a, end: 11)], now: 0)
        #expect(late.errorCode == .invalidFetchSessionEpoch && late.sessionID == 7 && late.partitions.isEmpty)
        #expect(cache.finish(second, [.found(a, end: 11)], now: 0).partitions == [a])
    }

    @Test("a request whose session is evicted meanwhile is answered with all that was found")
    func evicted() {
        var cache = FetchSessionCache(slots: 1)
        _ = fetch(&cache, .session(0, epoch: 0, [a.from(0)]), [.found(a, end: 10)])
        let context = cache.begin(.session(7, epoch: 1), version: 12, now: 0)
        _ = fetch(&cache, .session(0, epoch: 0, [b.from(0)]), [.found(b, end: 1)], now: 120_001, id: 8)
        let response = cache.finish(context, [.found(a, end: 10)], now: 120_001)
        #expect(response.errorCode == .none && response.partitions == [a])
        #expect(fetch(&cache, .session(7, epoch: 2)).errorCode == .fetchSessionIDNotFound)
    }

    @Test("the epoch after the largest is 1")
    func epochs() {
        #expect(FetchSession.next(after: 1) == 2)
        #expect(FetchSession.next(after: .max) == 1)
    }

    @Test("partitions of a topic that follow one another stand together, and the order is kept")
    func grouping() {
        let results: [FetchResult] = [b, c, a, b].map { .found($0, end: 1) }
        let response = FetchResponse(results, sessionID: 1)
        #expect(response.responses.map(\.topic) == ["b", "a", "b"])
        #expect(response.partitions == [b, c, a, b])
    }

    @Test("of a partition that a request names twice the last counts")
    func namedTwice() {
        var cache = FetchSessionCache()
        let context = cache.begin(.session(0, epoch: 0, [a.from(1), b.from(2), a.from(3)]), version: 12, now: 0)
        #expect(context.requests.map(\.partition) == [a, b])
        #expect(context.requests.map(\.request.fetchOffset.rawValue) == [3, 2])
    }
}
