/// Decides which logs go into which commit round.
///
/// One round runs at a time. Logs that ask for a commit while a round runs are gathered into the next one; a log that asks
/// while none runs starts one at once. So a lone writer never waits for company, and the more writers there are, the more
/// of them share a round.
struct CommitQueue<Member> {
    private var waiting: [Member] = []
    private var isRunning = false

    /// Adds a log to the next round.
    ///
    /// Returns whether the caller has to start that round, because none is running.
    ///
    /// The caller sees to it that a log that waits already is not added again.
    mutating func enqueue(_ member: Member) -> Bool {
        waiting.append(member)
        if isRunning { return false }
        isRunning = true
        return true
    }

    /// The members of the round to be run now; empty if nobody waits, and then no round is running any more.
    mutating func nextRound() -> [Member] {
        defer { waiting.removeAll() }
        if waiting.isEmpty { isRunning = false }
        return waiting
    }
}
