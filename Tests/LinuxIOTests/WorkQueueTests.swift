import Testing

@testable import LinuxIO

@Suite struct WorkQueueTests {
    /// What a thread is told, without the work in a closure.
    private func next(_ queue: inout WorkQueue<Int>, wasWaiting: Bool = false) -> String {
        switch queue.next(wasWaiting: wasWaiting) {
        case .run(let work): "run \(work)"
        case .wait: "wait"
        case .end: "end"
        }
    }

    @Test("threads are started for work that no idle one can take, up to the limit")
    func growth() {
        var queue = WorkQueue<Int>(threads: 2)
        #expect(queue.add(1) == .start)
        #expect(queue.add(2) == .start)
        #expect(queue.add(3) == .queued)
        #expect(next(&queue) == "run 1")
        #expect(next(&queue) == "run 2")
        #expect(next(&queue) == "run 3")
        #expect(next(&queue) == "wait")
        #expect(next(&queue) == "wait")
        #expect(queue.add(4) == .wake)
        #expect(queue.add(5) == .wake)
        #expect(queue.add(6) == .queued)
    }

    @Test("an idle thread is not counted twice while it wakes up")
    func wakingThread() {
        var queue = WorkQueue<Int>(threads: 3)
        #expect(queue.add(1) == .start)
        #expect(next(&queue) == "run 1")
        #expect(next(&queue) == "wait")
        #expect(queue.add(2) == .wake)
        #expect(queue.add(3) == .start)
        #expect(next(&queue, wasWaiting: true) == "run 2")
    }

    @Test("a thread that wakes up for nothing waits again")
    func spuriousWakeUp() {
        var queue = WorkQueue<Int>(threads: 1)
        #expect(queue.add(1) == .start)
        #expect(next(&queue) == "run 1")
        #expect(next(&queue) == "wait")
        #expect(next(&queue, wasWaiting: true) == "wait")
        #expect(queue.add(2) == .wake)
        #expect(next(&queue, wasWaiting: true) == "run 2")
    }

    @Test("after the end there is nothing new, and what was there is done")
    func end() {
        var queue = WorkQueue<Int>(threads: 1)
        #expect(queue.add(1) == .start)
        #expect(queue.add(2) == .queued)
        queue.shutDown()
        #expect(queue.add(3) == .refused)
        #expect(next(&queue) == "run 1")
        #expect(next(&queue) == "run 2")
        #expect(next(&queue) == "end")
    }

    @Test("work is handed back when there is no thread for it and none can be started")
    func noThreads() {
        var queue = WorkQueue<Int>(threads: 2)
        #expect(queue.add(1) == .start)
        #expect(queue.threadDidNotStart() == 1)
        #expect(queue.add(2) == .start)
        #expect(queue.add(3) == .start)
        #expect(queue.threadDidNotStart() == nil)
        #expect(next(&queue) == "run 2")
        #expect(next(&queue) == "run 3")
    }
}
