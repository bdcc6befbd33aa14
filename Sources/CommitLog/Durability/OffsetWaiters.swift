import RecordBatch

/// Names a waiter, for giving up.
struct OffsetWaiterID: Hashable, Sendable {
    fileprivate var rawValue: UInt64
}

/// Who waits for which offset to be reached, in the order of the offsets.
///
/// Most waiters ask for a higher offset than those before them, so adding one is cheap, and reaching an offset touches only
/// those whom it satisfies.
struct OffsetWaiters<Waiter> {
    private var waiting: [(target: Offset, id: OffsetWaiterID, waiter: Waiter)] = []
    private var nextID: UInt64 = 0

    var isEmpty: Bool { waiting.isEmpty }
    var count: Int { waiting.count }

    /// A new waiter's name.
    ///
    /// Taken before ``add(_:target:id:)`` so that a cancellation can speak of it.
    mutating func makeID() -> OffsetWaiterID {
        defer { nextID += 1 }
        return OffsetWaiterID(rawValue: nextID)
    }

    /// Adds one who waits until everything below `target` is there.
    mutating func add(_ waiter: Waiter, target: Offset, id: OffsetWaiterID) {
        let index = waiting.partitioningIndex { $0.target > target }
        waiting.insert((target, id, waiter), at: index)
    }

    /// Removes and returns those who waited for `offset` or less.
    mutating func reached(_ offset: Offset) -> [Waiter] {
        let count = waiting.partitioningIndex { $0.target > offset }
        guard count > 0 else { return [] }
        defer { waiting.removeFirst(count) }
        return waiting[..<count].map(\.waiter)
    }

    /// Removes and returns those who wait for more than `offset`.
    mutating func beyond(_ offset: Offset) -> [Waiter] {
        let start = waiting.partitioningIndex { $0.target > offset }
        defer { waiting.removeSubrange(start...) }
        return waiting[start...].map(\.waiter)
    }

    /// Removes one who gave up; `nil` if that one was served already.
    mutating func remove(_ id: OffsetWaiterID) -> Waiter? {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else { return nil }
        return waiting.remove(at: index).waiter
    }

    /// Removes and returns everybody.
    mutating func removeAll() -> [Waiter] {
        defer { waiting.removeAll() }
        return waiting.map(\.waiter)
    }
}
