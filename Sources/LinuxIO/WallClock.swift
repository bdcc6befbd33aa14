import Glibc

/// The wall clock, which may be set at any time: for timestamps that people read, not for measuring.
public enum WallClock {
    /// Milliseconds since 1970-01-01 00:00 UTC: clock_gettime(2), CLOCK_REALTIME.
    public static var milliseconds: Int64 {
        var time = timespec()
        // Cannot fail: the clock exists and the pointer is that of a local.
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
