/// When something is to be done about which group, the next one first.
///
/// A group is remembered with a moment that is not after its deadline: where that moves away, as with every heartbeat,
/// nothing has to be done until the moment has come.
struct GroupDeadlines: Sendable {
    private struct Entry {
        let instant: ContinuousClock.Instant
        let groupID: String
    }

    /// A heap: no entry is later than those at twice its position plus one and two.
    ///
    /// Some are of no account any more.
    private var heap: [Entry] = []
    private var moments: [String: ContinuousClock.Instant] = [:]

    /// The first moment at which ``takeDue(_:)`` may have something.
    var next: ContinuousClock.Instant? { heap.first?.instant }

    /// Remembers a group's deadline.
    /// - Complexity: O(log groups)
    mutating func add(_ groupID: String, _ deadline: ContinuousClock.Instant) {
        if let moment = moments[groupID], moment <= deadline { return }
        moments[groupID] = deadline
        push(Entry(instant: deadline, groupID: groupID))
        // Those of no account are kept from piling up.
        if heap.count > 2 * moments.count + 64 {
            heap = moments.map { Entry(instant: $0.value, groupID: $0.key) }.sorted { $0.instant < $1.instant }
        }
    }

    /// Takes out the groups whose moment has come; those that have another deadline are to be added again.
    mutating func takeDue(_ now: ContinuousClock.Instant) -> [String] {
        var due: [String] = []
        while let first = heap.first, first.instant <= now {
            pop()
            guard moments[first.groupID] == first.instant else { continue }
            moments[first.groupID] = nil
            due.append(first.groupID)
        }
        return due
    }

    private mutating func push(_ entry: Entry) {
        heap.append(entry)
        var index = heap.count - 1
        while index > 0, heap[index].instant < heap[(index - 1) / 2].instant {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    private mutating func pop() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var index = 0
        while 2 * index + 1 < heap.count {
            var child = 2 * index + 1
            if child + 1 < heap.count, heap[child + 1].instant < heap[child].instant { child += 1 }
            if heap[index].instant <= heap[child].instant { return }
            heap.swapAt(index, child)
            index = child
        }
    }
}
