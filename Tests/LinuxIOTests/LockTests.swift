import Testing

@testable import LinuxIO

@Suite struct LockTests {
    @Test("one thread at a time has the state, however many want it", arguments: [1, 2, 16])
    func exclusion(threads: Int) {
        let lock = Lock((count: 0, owners: 0, most: 0))
        let pool = ThreadPool(name: "test", threads: threads)
        for _ in 0..<threads {
            pool.run {
                for _ in 0..<2000 {
                    lock.withLock {
                        $0.owners += 1
                        $0.most = max($0.most, $0.owners)
                        $0.count += 1
                        $0.owners -= 1
                    }
                }
            }
        }
        pool.shutdown()
        let (count, owners, most) = lock.withLock { $0 }
        #expect(count == threads * 2000)
        #expect(owners == 0)
        #expect(most == 1)
    }

    @Test("a lock is free again after an error, and passes on what the body returns")
    func results() {
        struct Failure: Error {}
        let lock = Lock([1])
        #expect(throws: Failure.self) {
            try lock.withLock { state throws(Failure) in
                state.append(2)
                throw Failure()
            }
        }
        #expect(lock.withLock { $0 } == [1, 2])
    }

    @Test("the state goes with the lock, a state that cannot be copied too")
    func lifetime() {
        final class Witness: Sendable {}
        struct Unique: ~Copyable {
            let witness: Witness
        }
        let witness = Witness()
        weak let observed = witness
        do {
            let lock = Lock(Unique(witness: witness))
            _ = consume witness
            #expect(lock.withLock { $0.witness === observed })
        }
        #expect(observed == nil)
    }
}
