import RecordBatch

/// The segments of a log in the order of their base offsets, as readers see them.
///
/// A value: a reader takes a copy (a reference count) and searches it undisturbed by rolls and deletions.
struct SegmentList: Sendable {
    private(set) var segments: [Segment]

    /// - Parameter segments: ordered by base offset, without duplicates.
    init(_ segments: [Segment]) { self.segments = segments }

    /// The index of the last segment whose base offset is not above `offset`.
    func floorIndex(of offset: Offset) -> Int? {
        var low = 0
        var high = segments.count
        while low < high {
            let middle = (low + high) / 2
            if segments[middle].baseOffset <= offset { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : low - 1
    }

    mutating func append(_ segment: Segment) { segments.append(segment) }

    /// Removes the segments that end at or before `offset`, except the last one.
    mutating func removeHead(upTo offset: Offset) -> [Segment] {
        var count = 0
        while count + 1 < segments.count, segments[count + 1].baseOffset <= offset { count += 1 }
        defer { segments.removeFirst(count) }
        return Array(segments[..<count])
    }

    /// Removes the segments from `index` on.
    mutating func removeTail(from index: Int) -> [Segment] {
        defer { segments.removeSubrange(index...) }
        return Array(segments[index...])
    }
}
