import LinuxIO

/// The memory that all connections share for records which are not sent from the page cache.
///
/// Who finds none waits, and holds nothing meanwhile.
package final class TransferBuffers: Sendable {
    /// Up to this size ranges of a response that has several are gathered.
    static let smallBytes = 32 << 10
    /// As much is brought from a disk at a time.
    static let largeBytes = 1 << 20

    let small: IOBufferPool
    let large: IOBufferPool

    /// - Parameters:
    ///   - small: How many buffers for small ranges there may be, 32 KiB each.
    ///   - large: How many for what comes from a disk, 1 MiB each.
    package init(small: Int = 512, large: Int = 32) {
        self.small = IOBufferPool(bufferBytes: Self.smallBytes, limit: small)
        self.large = IOBufferPool(bufferBytes: Self.largeBytes, limit: large)
    }
}
