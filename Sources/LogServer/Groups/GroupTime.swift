package import RecordBatch

/// A moment, by both clocks.
package struct GroupTime: Hashable, Sendable {
    /// By the clock that nobody sets, which deadlines go by.
    package var instant: ContinuousClock.Instant
    /// By the wall clock, which is what is stored.
    package var timestamp: Timestamp

    /// The moment at which the two clocks show these times.
    package init(instant: ContinuousClock.Instant, timestamp: Timestamp) {
        self.instant = instant
        self.timestamp = timestamp
    }

    static func + (time: GroupTime, timeout: Duration) -> ContinuousClock.Instant {
        time.instant.advanced(by: timeout)
    }
}
