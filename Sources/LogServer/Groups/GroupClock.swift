import CommitLog

/// Where groups have the time from.
package struct GroupClock: Sendable {
    /// The time.
    package var now: @Sendable () -> GroupTime
    /// Waits until a moment; throws when the task is cancelled before.
    package var sleep: @Sendable (ContinuousClock.Instant) async throws -> Void

    /// A clock of one's own.
    package init(
        now: @escaping @Sendable () -> GroupTime,
        sleep: @escaping @Sendable (ContinuousClock.Instant) async throws -> Void
    ) {
        self.now = now
        self.sleep = sleep
    }

    /// The machine's clocks.
    package static let system = GroupClock(
        now: { GroupTime(instant: .now, timestamp: .now) },
        sleep: { try await ContinuousClock().sleep(until: $0) }
    )
}
