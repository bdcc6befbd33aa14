package import KafkaProtocol

/// The fetch sessions of all clients (KIP-227).
///
/// A client begins with a full request (epoch 0), which is answered in full and with the number of a new session. Requests of
/// the session then name only partitions that are new, that are asked for differently, or that are dropped, and responses
/// only those of which there is news. Epoch -1 ends a session.
///
/// There is room for a number of sessions. A new one takes the place of one that was not used for some time, or else of one
/// that has fewer partitions and is not young; if there is none such its client goes without a session.
///
/// Decides and does nothing: time comes in as milliseconds of a clock that does not go backwards.
///
/// Source: Kafka's `FetchManager` and `FetchSessionCacheShard`.
package struct FetchSessionCache: Sendable {
    /// How many sessions there may be: `max.incremental.fetch.session.cache.slots`.
    package let slots: Int
    /// How long a session stays that is not used, and how long a new one is safe from larger ones, in milliseconds.
    package let minimumEvictionMs: Int64

    private var sessions: [Int32: FetchSession] = [:]

    /// No sessions.
    /// - Parameters:
    ///   - slots: `max.incremental.fetch.session.cache.slots`: at least 0.
    ///   - minimumEvictionMs: Kafka's two minutes.
    package init(slots: Int = 1000, minimumEvictionMs: Int64 = 120_000) {
        self.slots = slots
        self.minimumEvictionMs = minimumEvictionMs
    }

    /// How many sessions there are.
    package var count: Int { sessions.count }

    /// How many partitions they have.
    package var partitionCount: Int { sessions.values.reduce(0) { $0 + $1.count } }

    /// Takes a request.
    /// - Parameters:
    ///   - request: The request.
    ///   - version: Its version; those before 7 have no sessions.
    ///   - now: The time in milliseconds.
    /// - Returns: What to read. To be given to ``finish(_:_:now:makeID:)`` with what was found.
    package mutating func begin(_ request: FetchRequest, version: Int16, now: Int64) -> FetchContext {
        let requests = request.partitions(version: version)
        let usesTopicIDs = FetchSession.usesTopicIDs(version)
        if request.sessionEpoch == 0 || request.sessionEpoch == -1 {
            // A client that begins anew has no use for the session that it had.
            sessions[request.sessionID] = nil
            return FetchContext(
                requests: requests.elements.map { RequestedPartition(partition: $0.key, request: $0.value) },
                kind: request.sessionEpoch == 0 ? .full(requests, usesTopicIDs: usesTopicIDs) : .sessionless
            )
        }
        guard var session = sessions[request.sessionID] else { return refuse(.fetchSessionIDNotFound) }
        guard session.epoch == request.sessionEpoch else { return refuse(.invalidFetchSessionEpoch) }
        guard session.usesTopicIDs == usesTopicIDs else { return refuse(.fetchSessionTopicIDError) }
        sessions[request.sessionID] = nil
        session.update(requests, dropping: request.forgottenPartitions(version: version))
        guard session.count > 0 else { return FetchContext(requests: [], kind: .sessionless) }
        session.advance(now: now)
        let context = FetchContext(
            requests: session.requests,
            kind: .incremental(sessionID: request.sessionID, nextEpoch: session.epoch)
        )
        sessions[request.sessionID] = session
        return context
    }

    /// Answers a request.
    /// - Parameters:
    ///   - context: What the request began with.
    ///   - results: What was found for the partitions to read, in their order.
    ///   - now: The time in milliseconds.
    ///   - makeID: Draws a number for a new session.
    /// - Returns: The response, with the lengths of records that are to be sent with it.
    package mutating func finish(
        _ context: FetchContext,
        _ results: [FetchResult],
        now: Int64,
        makeID: () -> Int32 = { .random(in: 1...Int32.max) }
    ) -> FetchResponse {
        switch context.kind {
        case .refused(let error): return FetchResponse(error)
        case .sessionless: return FetchResponse(results, sessionID: 0)
        case .full(let requests, let usesTopicIDs):
            guard makeRoom(for: results.count, now: now) else { return FetchResponse(results, sessionID: 0) }
            var id = makeID()
            while id == 0 || sessions[id] != nil { id = makeID() }
            sessions[id] = FetchSession(requests, results, usesTopicIDs: usesTopicIDs, now: now)
            return FetchResponse(results, sessionID: id)
        case .incremental(let id, let nextEpoch):
            // If it was evicted meanwhile, all that was found is news to whoever asks next, who learns of it then.
            guard let epoch = sessions[id]?.epoch else { return FetchResponse(results, sessionID: id) }
            guard epoch == nextEpoch else { return FetchResponse(.invalidFetchSessionEpoch, sessionID: id) }
            return FetchResponse(sessions[id]?.select(results) ?? [], sessionID: id)
        }
    }

    private func refuse(_ error: ErrorCode) -> FetchContext { FetchContext(requests: [], kind: .refused(error)) }

    /// Whether there is a slot for a session of so many partitions; evicts another one if that takes it.
    private mutating func makeRoom(for count: Int, now: Int64) -> Bool {
        if sessions.count < slots { return true }
        guard let oldest = sessions.min(by: { ($0.value.lastUse, $0.key) < ($1.value.lastUse, $1.key) }) else {
            return false
        }
        if now - oldest.value.lastUse > minimumEvictionMs {
            sessions[oldest.key] = nil
            return true
        }
        // Whether a session is still young was settled when it was used last.
        let grown = sessions.filter { $0.value.lastUse - $0.value.creationTime > minimumEvictionMs }
        guard let smallest = grown.min(by: { ($0.value.count, $0.key) < ($1.value.count, $1.key) }),
            smallest.value.count < count
        else { return false }
        sessions[smallest.key] = nil
        return true
    }
}
