/// Milliseconds on a clock that does not go backwards, for values that take time as a number.
enum MonotonicClock {
    private static let start = ContinuousClock.now

    /// Since some moment in the life of the process.
    static var milliseconds: Int64 { Int64((ContinuousClock.now - start) / .milliseconds(1)) }
}
