/// Finds what somebody may have meant who misspelled a name.
enum Spelling {
    /// The name that is nearest to a text; nil if none is near.
    ///
    /// Near is what differs in a third of its characters at most. Of several the first in the order of names.
    static func nearest(to text: String, in names: Set<String>) -> String? {
        let bytes = Array(text.utf8.prefix(200))
        var best: (name: String, distance: Int)?
        for name in names.sorted() {
            let distance = distance(bytes, Array(name.utf8))
            if distance < best?.distance ?? Int.max { best = (name, distance) }
        }
        guard let best, best.distance <= max(1, min(bytes.count, best.name.utf8.count) / 3) else { return nil }
        return best.name
    }

    /// How many bytes have to be put in, left out, replaced or swapped with their neighbour to make one of the other.
    static func distance(_ first: [UInt8], _ second: [UInt8]) -> Int {
        var (before, previous) = ([Int](), Array(0...second.count))
        for row in first.indices {
            var current = [row + 1]
            current.reserveCapacity(second.count + 1)
            for column in second.indices {
                let replaced = previous[column] + (first[row] == second[column] ? 0 : 1)
                var least = min(replaced, previous[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, first[row] == second[column - 1], first[row - 1] == second[column] {
                    least = min(least, before[column - 1] + 1)
                }
                current.append(least)
            }
            (before, previous) = (previous, current)
        }
        return previous[second.count]
    }
}
