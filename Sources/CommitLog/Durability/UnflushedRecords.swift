/// Decides when records that may wait for an fsync have waited enough: after `flush.messages` records, or `flush.ms`.
///
/// There is one timer at a time, however often a count of records asks for an fsync before it is up. It may then be up
/// early for the records that came last, never late for any.
struct UnflushedRecords: Hashable, Sendable {
    /// How many records were appended since the last request for a commit.
    private var count: Int64 = 0
    private var hasTimer = false

    /// What an append has to ask for.
    enum Due: Hashable, Sendable {
        case nothing, commit
        /// That ``timeIsUp()`` is called once `flush.ms` have passed.
        case timer
    }

    /// Takes note of `records` that were appended.
    mutating func append(_ records: Int64, _ configuration: LogConfiguration) -> Due {
        count += records
        if count >= configuration.flushMessages {
            count = 0
            return .commit
        }
        if hasTimer || configuration.flushMs == .max { return .nothing }
        hasTimer = true
        return .timer
    }

    /// Whether records wait, so that a commit is due.
    mutating func timeIsUp() -> Bool {
        defer { self = UnflushedRecords() }
        return count > 0
    }
}
