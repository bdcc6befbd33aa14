/// Names one operation in an ``OperationTable``, and never another one that is later given its place; or one wait in a
/// ``WaitTable``.
struct OperationToken: RawRepresentable, Hashable, Sendable {
    /// ```
    ///  63 62            32 31             0
    /// +--+----------------+----------------+
    /// | 0|   generation   |     place      |  an operation
    /// +--+----------------+----------------+
    /// | 1|               key               |  a wait
    /// +--+---------------------------------+
    /// ```
    let rawValue: UInt64

    private static let waitBit: UInt64 = 1 << 63
    static let mostGeneration: UInt32 = 0x7fff_ffff

    init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// The token of the wait with this key.
    init(wait key: UInt64) {
        rawValue = OperationToken.waitBit | key
    }

    /// The key of a wait; nil of an operation.
    var waitKey: UInt64? {
        rawValue & OperationToken.waitBit == 0 ? nil : rawValue & ~OperationToken.waitBit
    }

    init(place: Int, generation: UInt32) {
        rawValue = UInt64(generation) << 32 | UInt64(UInt32(truncatingIfNeeded: place))
    }

    var place: Int { Int(UInt32(truncatingIfNeeded: rawValue)) }
    var generation: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 32) }
}

/// Operations under way, at most so many at a time, and those that wait for their turn.
///
/// This is what keeps a ring from overflowing: what does not fit waits here, in the order of arrival. A token goes out
/// with each request and comes back with its result; one that names nothing any more is recognised by its generation.
struct OperationTable<Operation> {
    private struct Place {
        var operation: Operation?
        var generation: UInt32 = 0
    }

    /// How many may be under way at a time.
    let capacity: Int
    /// How many are.
    private(set) var underWay = 0

    private var waiting = FIFO<Operation>()
    private var places: [Place] = []
    private var free: [Int] = []

    init(capacity: Int) {
        precondition(capacity > 0, "Cannot make a table for \(capacity) operations")
        self.capacity = capacity
    }

    var isEmpty: Bool { underWay == 0 && waiting.isEmpty }

    /// Adds an operation behind those that wait.
    mutating func add(_ operation: Operation) {
        waiting.append(operation)
    }

    /// Gives a place to the operation that has waited longest; nil when none waits or there is no place.
    mutating func startNext() -> OperationToken? {
        guard underWay < capacity, let operation = waiting.popFirst() else { return nil }
        underWay += 1
        let place: Int
        if let last = free.popLast() {
            place = last
        } else {
            place = places.count
            places.append(Place())
        }
        places[place].operation = operation
        return OperationToken(place: place, generation: places[place].generation)
    }

    /// Lets `body` look at and change an operation under way; nil when `token` names none.
    mutating func update<Result>(_ token: OperationToken, _ body: (inout Operation) -> Result) -> Result? {
        guard isCurrent(token), var operation = places[token.place].operation.take() else { return nil }
        defer { places[token.place].operation = operation }
        return body(&operation)
    }

    /// Takes out an operation under way; nil when `token` names none.
    mutating func remove(_ token: OperationToken) -> Operation? {
        guard isCurrent(token), let operation = places[token.place].operation.take() else { return nil }
        // Wraps after two billion uses of one place, when no result of the first can still be on its way.
        places[token.place].generation = (token.generation + 1) & OperationToken.mostGeneration
        free.append(token.place)
        underWay -= 1
        return operation
    }

    private func isCurrent(_ token: OperationToken) -> Bool {
        places.indices.contains(token.place) && places[token.place].generation == token.generation
    }
}
