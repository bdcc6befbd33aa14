/// What is to happen when: a heap ordered by deadline, and for equal deadlines by key.
///
/// The decisions alone: no clock. Adding and taking the next cost O(log n). Cancelling costs O(1): the entry stays in the heap
/// without its payload, and is thrown out when it comes to the top, or with all others once they are the majority.
package struct TimerQueue<Payload> {
    package typealias Instant = ContinuousClock.Instant
    /// What names a timer.
    package typealias Key = UInt64

    private struct Entry {
        let deadline: Instant
        let key: Key

        static func < (first: Entry, second: Entry) -> Bool {
            first.deadline != second.deadline ? first.deadline < second.deadline : first.key < second.key
        }
    }

    private var heap: [Entry] = []
    private var payloads: [Key: Payload] = [:]

    /// No timers.
    package init() {}

    /// How many timers there are.
    package var count: Int { payloads.count }
    /// Whether there is none.
    package var isEmpty: Bool { payloads.isEmpty }

    /// Adds a timer; `key` must name no other one.
    package mutating func add(_ payload: Payload, key: Key, deadline: Instant) {
        let previous = payloads.updateValue(payload, forKey: key)
        precondition(previous == nil, "Cannot add two timers with the same key")
        heap.append(Entry(deadline: deadline, key: key))
        siftUp(from: heap.count - 1)
    }

    /// Takes out a timer before its time; nil when `key` names none, for instance because it is over.
    package mutating func cancel(_ key: Key) -> Payload? {
        guard let payload = payloads.removeValue(forKey: key) else { return nil }
        if heap.count > 16, heap.count > 2 * payloads.count {
            heap = heap.filter { payloads[$0.key] != nil }
            for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { siftDown(from: index) }
        }
        return payload
    }

    /// The deadline of the timer that is due first.
    package mutating func nextDeadline() -> Instant? {
        dropCancelled()
        return heap.first?.deadline
    }

    /// Takes out the timer that is due first, if it is due at `now`.
    package mutating func popDue(at now: Instant) -> Payload? {
        dropCancelled()
        guard let first = heap.first, first.deadline <= now else { return nil }
        removeFirst()
        return payloads.removeValue(forKey: first.key)
    }

    /// Takes out all timers, in order.
    package mutating func removeAll() -> [Payload] {
        defer {
            heap = []
            payloads = [:]
        }
        return heap.sorted(by: <).compactMap { payloads[$0.key] }
    }

    private mutating func dropCancelled() {
        while let first = heap.first, payloads[first.key] == nil { removeFirst() }
    }

    private mutating func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        siftDown(from: 0)
    }

    private mutating func siftUp(from index: Int) {
        var child = index
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child] < heap[parent] else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func siftDown(from index: Int) {
        var parent = index
        while true {
            var first = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child] < heap[first] {
                first = child
            }
            guard first != parent else { return }
            heap.swapAt(parent, first)
            parent = first
        }
    }
}

extension TimerQueue: Sendable where Payload: Sendable {}
