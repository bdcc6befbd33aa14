import KafkaProtocol
import RecordBatch
import TestSupport
import Testing

@testable import LogServer

/// What a client and a server know of a session, in the most simple-minded way: lists, and what was told last.
private struct ModelSession {
    struct Told: Equatable {
        var highWatermark: Int64
        var logStartOffset: Int64
    }

    var order: [FetchPartition] = []
    var offsets: [FetchPartition: Int64] = [:]
    var told: [FetchPartition: Told] = [:]

    mutating func add(_ partition: FetchPartition, _ offset: Int64) {
        if !order.contains(partition) { order.append(partition) }
        offsets[partition] = offset
    }

    mutating func drop(_ partition: FetchPartition) {
        if let place = order.firstIndex(of: partition) { order.remove(at: place) }
        offsets[partition] = nil
        told[partition] = nil
    }

    /// What a response tells of what was found.
    mutating func answer(_ results: [FetchResult]) -> [FetchPartition] {
        results.filter { result in
            let now = Told(
                highWatermark: result.data.highWatermark.rawValue,
                logStartOffset: result.data.logStartOffset.rawValue
            )
            let bytes = result.data.records?.byteCount ?? 0
            let isError = result.data.errorCode != .none
            guard bytes > 0 || isError || told[result.partition] != now else { return false }
            told[result.partition] = isError ? nil : now
            if bytes > 0 {
                if let place = order.firstIndex(of: result.partition) { order.remove(at: place) }
                order.append(result.partition)
            }
            return true
        }.map(\.partition)
    }
}

@Suite("Fetch sessions and a model of them")
struct FetchSessionModelTests {
    private struct Client {
        var session = ModelSession()
        var id: Int32 = 0
        var epoch: Int32 = 0
    }

    private let partitions = ["a", "b", "c"].flatMap { name in (0..<4).map { FetchPartition(.name(name), Int32($0)) } }

    private func find(_ partition: FetchPartition, using generator: inout SplitMix64) -> FetchResult {
        let isError = Int.random(in: 0..<10, using: &generator) == 0
        return .found(
            partition,
            end: isError ? -1 : Int64.random(in: 0...2, using: &generator),
            start: isError ? -1 : Int64.random(in: 0...1, using: &generator),
            bytes: isError ? 0 : [0, 0, 0, 100].randomElement(using: &generator) ?? 0,
            error: isError ? .notLeaderOrFollower : .none
        )
    }

    /// One request of a client, and what the model makes of it.
    private func step(
        _ client: inout Client,
        _ cache: inout FetchSessionCache,
        _ how: String,
        using generator: inout SplitMix64
    ) {
        let isFull = client.epoch == 0 || Int.random(in: 0..<12, using: &generator) == 0
        if isFull { client.session = ModelSession() }
        var named: [Wanted] = []
        let count = isFull ? Int.random(in: 1...8, using: &generator) : Int.random(in: 0...2, using: &generator)
        for partition in partitions.shuffled(using: &generator).prefix(count) {
            named.append(partition.from(.random(in: 0...9, using: &generator)))
        }
        var dropped: [FetchPartition] = []
        if !isFull, Bool.random(using: &generator), client.session.order.count > 2 {
            let kept = Set(named.map(\.partition))
            let others = client.session.order.filter { !kept.contains($0) }
            dropped = Array(others.shuffled(using: &generator).prefix(1))
        }
        for wanted in named { client.session.add(wanted.partition, wanted.offset) }
        for partition in dropped { client.session.drop(partition) }

        let request = FetchRequest.session(client.id, epoch: isFull ? 0 : client.epoch, named, dropping: dropped)
        let context = cache.begin(request, version: 12, now: 0)
        #expect(context.requests.map(\.partition) == client.session.order, "\(how)")
        let offsets = context.requests.map { client.session.offsets[$0.partition] }
        #expect(context.requests.map(\.request.fetchOffset.rawValue) == offsets, "\(how)")

        let results = context.requests.map { find($0.partition, using: &generator) }
        let response = cache.finish(context, results, now: 0)
        #expect(response.errorCode == .none && response.sessionID > 0, "\(how)")
        if isFull {
            #expect(response.partitions == results.map(\.partition), "\(how)")
            for result in results {
                client.session.told[result.partition] = .init(
                    highWatermark: result.data.highWatermark.rawValue,
                    logStartOffset: result.data.logStartOffset.rawValue
                )
            }
            (client.id, client.epoch) = (response.sessionID, 1)
        } else {
            #expect(response.partitions == client.session.answer(results), "\(how)")
            #expect(response.sessionID == client.id, "\(how)")
            client.epoch += 1
        }
    }

    @Test("requests and responses are those of the model", arguments: Seed.all)
    func mirrored(seed: Seed) {
        var generator = seed.generator
        var cache = FetchSessionCache(slots: 3)
        var clients = [Client(), Client(), Client()]
        for number in 0..<400 {
            let index = Int.random(in: 0..<clients.count, using: &generator)
            step(&clients[index], &cache, "step \(number), \(seed)", using: &generator)
            // A request that comes late, or of a session that is not there, changes nothing.
            let stray = FetchRequest.session(clients[index].id, epoch: clients[index].epoch + 1)
            let context = cache.begin(stray, version: 12, now: 0)
            #expect(cache.finish(context, [], now: 0).errorCode == .invalidFetchSessionEpoch)
        }
        #expect(cache.count <= 3)
    }

    @Test("a table that rotates keeps values and their order", arguments: Seed.all)
    func table(seed: Seed) {
        var generator = seed.generator
        var table = RotatingTable<Int, Int>()
        var model: [(Int, Int)] = []
        for step in 0..<2000 {
            let key = Int.random(in: 0..<20, using: &generator)
            let place = model.firstIndex { $0.0 == key }
            switch Int.random(in: 0..<4, using: &generator) {
            case 0:
                table[key] = nil
                if let place { model.remove(at: place) }
            case 1:
                table[key] = step
                if let place { model[place].1 = step } else { model.append((key, step)) }
            default:
                table.moveToEnd(key)
                if let place { model.append(model.remove(at: place)) }
            }
            #expect(table.elements.map(\.key) == model.map(\.0), "step \(step), \(seed)")
            #expect(table.elements.map(\.value) == model.map(\.1), "step \(step), \(seed)")
            #expect(table.count == model.count && table.isEmpty == model.isEmpty)
            #expect(table[key] == model.first { $0.0 == key }?.1)
        }
    }
}
