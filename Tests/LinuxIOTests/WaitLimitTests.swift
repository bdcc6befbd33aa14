import Testing

@testable import LinuxIO

@Suite struct WaitLimitTests {
    @Test("a wait is rounded up to nanoseconds, and bounded")
    func nanoseconds() {
        #expect(WaitLimit.none.nanoseconds == 0)
        #expect(WaitLimit.unlimited.nanoseconds == -1)
        #expect(WaitLimit.atMost(.seconds(-1)).nanoseconds == 0)
        #expect(WaitLimit.atMost(.zero).nanoseconds == 0)
        #expect(WaitLimit.atMost(Duration(secondsComponent: 0, attosecondsComponent: 1)).nanoseconds == 1)
        #expect(WaitLimit.atMost(.nanoseconds(1_500_000_001)).nanoseconds == 1_500_000_001)
        let day: Int64 = 86_400 * 1_000_000_000
        #expect(WaitLimit.atMost(.seconds(Int64.max)).nanoseconds == 24 * day)
    }
}
