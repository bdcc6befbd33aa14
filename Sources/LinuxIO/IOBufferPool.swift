/// Buffers of one size that are used again, and a bound on how much memory they take together.
///
/// May be used from any thread.
public final class IOBufferPool: Sendable {
    /// The size of each buffer in bytes.
    public let bufferBytes: Int
    /// How many buffers there may be, those in use included.
    public let limit: Int

    private struct State: Sendable {
        var free: [IOBuffer] = []
        var made = 0
    }

    private let state = Lock(State())

    /// A pool that has made no buffer yet.
    /// - Parameters:
    ///   - bufferBytes: The size of each buffer, at least 1; rounded up to whole pages.
    ///   - limit: How many there may be, at least 1.
    public init(bufferBytes: Int, limit: Int) {
        precondition(bufferBytes > 0 && limit > 0, "Cannot make a pool of \(limit) buffers of \(bufferBytes) bytes")
        self.bufferBytes = bufferBytes
        self.limit = limit
    }

    /// Takes a buffer out of the pool; what is in it is unspecified.
    /// - Returns: A buffer, to be given back with ``put(_:)``; nil when `limit` buffers are in use.
    public func take() -> IOBuffer? {
        let (buffer, mayMake) = state.withLock { state -> (IOBuffer?, Bool) in
            if let buffer = state.free.popLast() { return (buffer, false) }
            guard state.made < limit else { return (nil, false) }
            state.made += 1
            return (nil, true)
        }
        // Outside of the lock, because zeroing or checking the memory takes a while.
        if mayMake { return IOBuffer(count: bufferBytes) }
        buffer?.reuse()
        return buffer
    }

    /// Gives a buffer back.
    /// - Parameter buffer: One that ``take()`` returned, which nobody uses any more.
    public func put(_ buffer: IOBuffer) {
        buffer.retire()
        state.withLock { state in
            precondition(state.free.count < state.made, "Cannot put into a pool more buffers than were taken")
            assert(!state.free.contains { $0 === buffer }, "Cannot put a buffer into a pool twice")
            state.free.append(buffer)
        }
    }
}
