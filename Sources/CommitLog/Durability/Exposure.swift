import Synchronization

/// Counts the bytes that a power loss would take: written to the page cache, not yet on disk.
final class Exposure: Sendable {
    private let bytes = Atomic(0)

    /// Bytes at risk now.
    var bytesAtRisk: Int { bytes.load(ordering: .relaxed) }

    func add(_ count: Int) { bytes.add(count, ordering: .relaxed) }
    func subtract(_ count: Int) { bytes.subtract(count, ordering: .relaxed) }
}
