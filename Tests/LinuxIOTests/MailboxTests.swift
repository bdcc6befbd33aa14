import Testing

@testable import LinuxIO

@Suite struct MailboxTests {
    private func taken(_ mailbox: inout Mailbox<Int>) -> [Int] {
        var items: [Int] = []
        mailbox.take(into: &items)
        return items
    }

    @Test("a loop at rest is woken once, a busy one never")
    func wakeUps() {
        var mailbox = Mailbox<Int>()
        #expect(mailbox.push(1) == .expected)
        let mayNotSleep = mailbox.sleepIfEmpty()
        #expect(!mayNotSleep)
        #expect(taken(&mailbox) == [1])
        let maySleep = mailbox.sleepIfEmpty()
        #expect(maySleep)
        #expect(mailbox.push(2) == .wake)
        #expect(mailbox.push(3) == .expected)
        #expect(taken(&mailbox) == [2, 3])
        #expect(taken(&mailbox) == [])
    }

    @Test("a loop that something else woke is not woken again")
    func otherWakeUps() {
        var mailbox = Mailbox<Int>()
        let maySleep = mailbox.sleepIfEmpty()
        #expect(maySleep)
        #expect(taken(&mailbox) == [])
        #expect(mailbox.push(1) == .expected)
    }

    @Test("a loop that no longer waits is not woken by what it adds itself before it takes items")
    func endOfSleep() {
        var mailbox = Mailbox<Int>()
        let maySleep = mailbox.sleepIfEmpty()
        #expect(maySleep)
        mailbox.endSleep()
        #expect(mailbox.push(1) == .expected)
        #expect(taken(&mailbox) == [1])
    }

    @Test("after the end somebody is called for each group of late items")
    func late() {
        var mailbox = Mailbox<Int>()
        #expect(mailbox.end() == .expected)
        #expect(mailbox.push(1) == .late)
        #expect(mailbox.push(2) == .expected)
        #expect(mailbox.takeLate() == [1, 2])
        #expect(mailbox.push(3) == .expected)
        #expect(mailbox.takeLate() == [3])
        #expect(mailbox.takeLate() == nil)
        #expect(mailbox.push(4) == .late)
    }

    @Test("what the loop has left behind is late")
    func leftovers() {
        var mailbox = Mailbox<Int>()
        #expect(mailbox.push(1) == .expected)
        #expect(mailbox.end() == .late)
        #expect(mailbox.takeLate() == [1])
        #expect(mailbox.takeLate() == nil)
    }
}
