internal import Synchronization
internal import SystemPackage

/// The part of a reactor that its thread and all others share.
///
/// It outlives both the thread and the ``Reactor``: whoever comes last lets go of it, so that no wake-up can reach a
/// descriptor that has been closed.
final class ReactorInbox: Sendable {
    let name: String
    let wakeUp: WakeUp

    private let mailbox = Lock(Mailbox<ReactorItem>())
    /// The thread that runs items at the moment; 0: none.
    private let owner = Atomic<UInt>(0)
    private let turnCount = Atomic(0)

    /// What fault injectors know the calls of this reactor by that are not on a file.
    var path: FilePath { ReactorInbox.path(of: name) }

    static func path(of name: String) -> FilePath { FilePath("reactor").appending(name) }

    init(name: String) throws(Errno) {
        self.name = name
        wakeUp = try WakeUp(owner: ReactorInbox.path(of: name))
    }

    /// Whether the calling thread is the one that runs items.
    var isCurrent: Bool { owner.load(ordering: .relaxed) == OSThread.current }

    /// How often the loop has gone round, for a proof that it rests when there is nothing to do.
    var turns: Int { turnCount.load(ordering: .relaxed) }

    /// Adds an item, from any thread.
    func push(_ item: ReactorItem) {
        switch mailbox.withLock({ $0.push(item) }) {
        case .expected: break
        case .wake: wakeUp.signal()
        case .late: runLate()
        }
    }

    // MARK: The loop's side

    func begin() {
        owner.store(OSThread.current, ordering: .relaxed)
    }

    func take(into items: inout [ReactorItem]) {
        turnCount.add(1, ordering: .relaxed)
        mailbox.withLock { $0.take(into: &items) }
    }

    func sleepIfEmpty() -> Bool {
        mailbox.withLock { $0.sleepIfEmpty() }
    }

    /// After sleep: without it, what the loop itself adds next would make a call to wake it.
    func endSleep() {
        mailbox.withLock { $0.endSleep() }
    }

    func end() {
        owner.store(0, ordering: .relaxed)
        if mailbox.withLock({ $0.end() }) == .late { runLate() }
    }

    /// Runs items that came after the loop has ended, so that tasks which still want to run there can finish.
    ///
    /// On a thread of their own, because the calling one may hold a lock that they want too; on the calling one where
    /// there is no other.
    private func runLate() {
        do {
            try OSThread.start(name: name) { self.runLateHere() }.detach()
        } catch {
            runLateHere()
        }
    }

    private func takeLate() -> [ReactorItem]? {
        mailbox.withLock { mailbox in
            let items = mailbox.takeLate()
            // With the lock held: as soon as it is not, another thread may begin to run late items.
            if items == nil { owner.store(0, ordering: .relaxed) }
            return items
        }
    }

    private func runLateHere() {
        owner.store(OSThread.current, ordering: .relaxed)
        while let items = takeLate() {
            for item in items { item.runWithoutLoop() }
        }
    }
}
