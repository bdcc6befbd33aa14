import Testing

@testable import LinuxIO

@Suite struct ThreadPoolTests {
    @Test("all work is done, with never more at a time than there are threads", arguments: [1, 3, 8])
    func bounded(threads: Int) {
        let pool = ThreadPool(name: "test", threads: threads)
        let load = Lock((now: 0, most: 0, done: 0))
        for _ in 0..<500 {
            pool.run {
                load.withLock {
                    $0.now += 1
                    $0.most = max($0.most, $0.now)
                }
                load.withLock {
                    $0.now -= 1
                    $0.done += 1
                }
            }
        }
        pool.shutdown()
        let (now, most, done) = load.withLock { $0 }
        #expect(now == 0)
        #expect((1...threads).contains(most))
        #expect(done == 500)
    }

    @Test("as many pieces of work as there are threads run at the same time")
    func parallel() {
        let pool = ThreadPool(name: "test", threads: 4)
        // Each waits until all have come, which they only can at the same time.
        let arrived = Monitor(0)
        for _ in 0..<4 {
            pool.run {
                arrived.withLock { $0 += 1 }
                arrived.broadcast()
                arrived.waitFor { $0 == 4 ? () : nil }
            }
        }
        pool.shutdown()
        #expect(arrived.withLock { $0 } == 4)
    }

    @Test("work on one thread is done in the order of its arrival")
    func order() {
        let pool = ThreadPool(name: "test", threads: 1)
        let seen = Lock<[Int]>([])
        for number in 0..<1000 { pool.run { seen.withLock { $0.append(number) } } }
        pool.shutdown()
        #expect(seen.withLock { $0 } == Array(0..<1000))
    }

    @Test("a result comes back to the task that waits for it")
    func results() async {
        let pool = ThreadPool(name: "test", threads: 2)
        let caller = OSThread.current
        #expect(await pool.run { OSThread.current } != caller)
        #expect(await pool.run { 6 * 7 } == 42)
        pool.shutdown()
        pool.shutdown()
        #expect(await pool.run { 43 } == 43)
    }

    @Test("a pool that is let go of does what it was given")
    func abandoned() {
        let done = Monitor(0)
        var pool: ThreadPool? = ThreadPool(name: "test", threads: 2)
        for _ in 0..<100 {
            pool?.run {
                done.withLock { $0 += 1 }
                done.broadcast()
            }
        }
        pool = nil
        done.waitFor { $0 == 100 ? () : nil }
    }
}
