/// Items that any thread sends to one thread, which takes all there are at a time.
///
/// The decisions alone: no lock, no thread.
///
/// ```
///          push              sleepIfEmpty
///   awake ──────▶ awake ◀──▶ asleep          the loop runs, or waits for a wake-up (endSleep: for something else)
///     │ end
///     ▼     push                takeLate: empty
///   over ──────▶ late ──────────────────▶ over    the loop has ended; somebody else takes what still comes
/// ```
struct Mailbox<Item> {
    enum Arrival: Hashable {
        /// The loop will see it.
        case expected
        /// The loop has to be woken.
        case wake
        /// There is no loop any more: the caller has to see to it that ``takeLate()`` is called until it returns nil.
        case late
    }

    private enum Phase { case awake, asleep, over, late }

    private var items: [Item] = []
    private var phase = Phase.awake

    /// Adds an item.
    mutating func push(_ item: Item) -> Arrival {
        items.append(item)
        switch phase {
        case .awake, .late:
            return .expected
        case .asleep:
            phase = .awake
            return .wake
        case .over:
            phase = .late
            return .late
        }
    }

    /// Takes all items, in the order in which they came, into an empty array; ends sleep.
    ///
    /// The two arrays change places, so that a loop which gives the same one back each time allocates nothing.
    mutating func take(into taken: inout [Item]) {
        assert(taken.isEmpty, "Cannot take items on top of others")
        phase = .awake
        swap(&items, &taken)
    }

    /// Whether the loop may wait for a wake-up: from now on the next item causes one.
    mutating func sleepIfEmpty() -> Bool {
        guard items.isEmpty else { return false }
        phase = .asleep
        return true
    }

    /// Takes note that the loop does not wait any more, though nothing has come: it will look at what comes by itself.
    mutating func endSleep() {
        if phase == .asleep { phase = .awake }
    }

    /// Takes note that the loop has ended, with the answer `.late` when it has left items.
    mutating func end() -> Arrival {
        phase = items.isEmpty ? .over : .late
        return items.isEmpty ? .expected : .late
    }

    /// Takes all items in place of the loop that has ended; nil when there are none, and then the next one is late again.
    mutating func takeLate() -> [Item]? {
        guard !items.isEmpty else {
            phase = .over
            return nil
        }
        defer { items = [] }
        return items
    }
}

extension Mailbox: Sendable where Item: Sendable {}
