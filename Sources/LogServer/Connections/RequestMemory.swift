import LinuxIO
import Synchronization

/// How much memory is held, over all connections, by requests that have not come in full: `queued.max.request.bytes`.
///
/// What fits into one buffer is never held, so requests may begin until the limit is reached. Those that are in the middle go
/// on freely up to half of it. Beyond, only one connection at a time may receive, so that requests are completed; and who
/// does not complete one soon is closed, so that nobody holds the memory in vain. So no more is held than the limit, one
/// longest request, and what was being received when the limit was reached.
package final class RequestMemory: Sendable {
    private let limit: Int
    /// From how much on memory is short.
    private let most: Int
    private let patience: Duration
    private let held = Atomic(0)
    private let lastKey = Atomic<UInt64>(0)
    /// Whose turn it is where the limit is reached.
    private let turn = Lock<UInt64?>(nil)

    /// What one connection holds.
    package struct Share {
        fileprivate let key: UInt64
        fileprivate var held = 0
        /// Since when it holds something of a request.
        fileprivate var since: ContinuousClock.Instant?
        /// Until when its request has to have come, since it has the turn.
        fileprivate(set) var turnEnds: ContinuousClock.Instant?
    }

    /// - Parameters:
    ///   - limit: How much may be held, in bytes; at least 1.
    ///   - patience: How long a connection may take for a request while memory is short.
    package init(limit: Int, patience: Duration) {
        precondition(limit > 0, "Cannot hold requests in \(limit) bytes")
        self.limit = limit
        most = max(1, limit / 2)
        self.patience = patience
    }

    /// How much is held at the moment.
    package var heldBytes: Int { held.load(ordering: .relaxed) }

    /// The share of a new connection, which holds nothing.
    package func share() -> Share { Share(key: lastKey.wrappingAdd(1, ordering: .relaxed).newValue) }

    /// Whether a connection may receive now; takes the turn where that is needed and free.
    package func mayReceive(_ share: inout Share, now: ContinuousClock.Instant) -> Bool {
        if share.turnEnds != nil || heldBytes < (share.held > 0 ? most : limit) { return true }
        let isMine = turn.withLock { turn in
            if turn == nil { turn = share.key }
            return turn == share.key
        }
        if isMine { share.turnEnds = now + patience }
        return isMine
    }

    /// Whether a connection has taken too long for its request, for which others wait.
    package func isOverdue(_ share: Share, now: ContinuousClock.Instant) -> Bool {
        if let end = share.turnEnds, end <= now { return true }
        guard let since = share.since, heldBytes >= most else { return false }
        return since + patience <= now
    }

    /// When to ask again whether a connection is overdue that waits for more to come; nil for one that holds nothing.
    package func nextLook(_ share: Share, now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        share.since == nil && share.turnEnds == nil ? nil : now + min(patience, .seconds(1))
    }

    /// Takes note of what a connection holds now; one whose request is complete gives up the turn.
    /// - Parameters:
    ///   - share: The connection's.
    ///   - bytes: What it holds now.
    ///   - completing: Whether requests have become complete since the last time: what is held is of another one.
    ///   - now: The time.
    package func settle(
        _ share: inout Share,
        held bytes: Int,
        completing: Bool = false,
        now: ContinuousClock.Instant
    ) {
        share.since = bytes == 0 ? nil : completing ? now : share.since ?? now
        if bytes != share.held { held.add(bytes - share.held, ordering: .relaxed) }
        share.held = bytes
        guard bytes == 0 || completing, share.turnEnds != nil else { return }
        share.turnEnds = nil
        turn.withLock { turn in
            if turn == share.key { turn = nil }
        }
    }
}
