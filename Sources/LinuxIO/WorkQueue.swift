/// What the threads of a pool have to do, and how many threads that takes.
///
/// The decisions alone: no thread, no lock.
struct WorkQueue<Work> {
    enum Arrival: Hashable {
        /// A thread that waits is to be woken.
        case wake
        /// One more thread is to be started.
        case start
        /// All threads are busy, and there are as many as there may be.
        case queued
        /// The pool has been shut down, and takes nothing more.
        case refused
    }

    private let limit: Int
    private var waiting = FIFO<Work>()
    private var threads = 0
    private var idle = 0
    private(set) var isShutDown = false

    init(threads limit: Int) {
        self.limit = limit
    }

    /// Takes in `work`, unless the answer is `.refused`.
    mutating func add(_ work: Work) -> Arrival {
        guard !isShutDown else { return .refused }
        waiting.append(work)
        // A thread that was woken counts as idle until it has taken its work, hence the comparison of the two.
        if waiting.count <= idle { return .wake }
        guard threads < limit else { return .queued }
        threads += 1
        return .start
    }

    /// Takes note that a thread that was to be started could not be.
    ///
    /// Returns work that would now wait for ever, because there is no other thread.
    mutating func threadDidNotStart() -> Work? {
        threads -= 1
        return threads == 0 ? waiting.popFirst() : nil
    }

    enum Assignment {
        case run(Work)
        case wait
        case end
    }

    /// What a thread is to do next; `wasWaiting` is whether its last answer was `.wait`.
    mutating func next(wasWaiting: Bool) -> Assignment {
        if wasWaiting { idle -= 1 }
        if let work = waiting.popFirst() { return .run(work) }
        if isShutDown { return .end }
        idle += 1
        return .wait
    }

    /// Refuses new work and ends each thread when there is none left.
    mutating func shutDown() {
        isShutDown = true
    }
}

extension WorkQueue: Sendable where Work: Sendable {}
