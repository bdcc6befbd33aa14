import LinuxIO

/// Memory in which long requests were put together, for the next ones.
///
/// Fresh memory for each would cost more than all else that is done for a request of a megabyte: the kernel clears every page
/// of it. What is kept is bounded, and no connection keeps any between two requests. Thread-safe.
package final class RequestSpares: Sendable {
    private let spares = Lock<[[UInt8]]>([])

    /// How many are kept, and how much memory each may have in bytes.
    private static let (most, mostBytes) = (8, 2 << 20)

    package init() {}

    /// An empty array, which has memory if there is any.
    func take() -> [UInt8] { spares.withLock { $0.popLast() } ?? [] }

    /// Gives back the memory of a request that was taken.
    func put(_ bytes: consuming [UInt8]) {
        guard bytes.capacity <= Self.mostBytes else { return }
        bytes.removeAll(keepingCapacity: true)
        let spare = bytes
        spares.withLock { if $0.count < Self.most { $0.append(spare) } }
    }
}
