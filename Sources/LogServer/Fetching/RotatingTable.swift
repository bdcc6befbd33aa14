/// Values by key in an order of their own: new ones come last, and any can be put last again.
///
/// Everything but going through it takes constant time, seen over many calls.
struct RotatingTable<Key: Hashable, Value> {
    /// A key and its value.
    struct Element {
        let key: Key
        var value: Value
    }

    /// In order, with gaps where one was taken out; never more gaps than twice the values, and a few.
    private var slots: [Element?] = []
    private var places: [Key: Int] = [:]

    var count: Int { places.count }
    var isEmpty: Bool { places.isEmpty }

    /// The value of a key; nil if there is none.
    ///
    /// A new value keeps the place of an old one, and comes last where there is none.
    subscript(key: Key) -> Value? {
        get { places[key].flatMap { slots[$0]?.value } }
        set {
            if let newValue {
                if let place = places[key] {
                    slots[place] = Element(key: key, value: newValue)
                } else {
                    places[key] = slots.count
                    slots.append(Element(key: key, value: newValue))
                }
            } else if let place = places.removeValue(forKey: key) {
                slots[place] = nil
                closeGaps()
            }
        }
    }

    /// Puts a value last, if it is there.
    mutating func moveToEnd(_ key: Key) {
        guard let place = places[key], place != slots.count - 1 else { return }
        let slot = slots[place]
        slots[place] = nil
        places[key] = slots.count
        slots.append(slot)
        closeGaps()
    }

    /// The keys and values in order.
    var elements: [Element] { slots.compactMap(\.self) }

    private mutating func closeGaps() {
        guard slots.count > 3 * places.count + 16 else { return }
        slots = elements
        for (place, slot) in slots.enumerated() { if let slot { places[slot.key] = place } }
    }
}

extension RotatingTable: Sendable where Key: Sendable, Value: Sendable {}
extension RotatingTable.Element: Sendable where Key: Sendable, Value: Sendable {}
