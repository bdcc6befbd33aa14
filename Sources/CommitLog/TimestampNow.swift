import LinuxIO
public import RecordBatch

extension Timestamp {
    /// The wall clock.
    public static var now: Timestamp { Timestamp(WallClock.milliseconds) }
}
