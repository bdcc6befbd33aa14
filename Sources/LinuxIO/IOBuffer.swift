internal import Synchronization

/// Memory for reads and writes, aligned to pages.
///
/// One buffer is used by one party at a time: whoever reads or writes it through ``withBytes(_:)`` or
/// ``withMutableBytes(_:)``, or an operation under way on a ``Reactor``. Breaking that rule stops the program with a
/// message, in release builds too, instead of letting the kernel and the program write to the same bytes.
///
/// Sanitizers do not see what the kernel writes, so debug builds help. Memory is filled with 0xDB before the kernel is to
/// fill it, which makes bytes that nobody wrote stand out; and while it lies in a pool, and for some time after it was
/// freed, when a write that comes too late stops the program with the operation that the memory was lent for last.
///
/// `@unchecked Sendable`: `access` admits either readers or one writer at a time to the memory behind `base`, and passes
/// on what was written with acquire and release.
@safe public final class IOBuffer: @unchecked Sendable {
    /// The size in bytes, a multiple of the page size.
    public let count: Int

    private let base: UnsafeMutableRawPointer

    /// 0: nobody uses it; n > 0: n readers; -1: one writer, or the kernel; -2: it was given back, and nobody may use it.
    private let access = Atomic(0)
    private static let retired = -2

    #if DEBUG
        private let history = Lock(History())

        private struct History: Sendable {
            var lastUse: BufferUse?
            var retired: RetiredMemory?
        }
    #endif

    static let pageSize = 4096

    /// A buffer full of zeros.
    /// - Parameter count: The size in bytes, at least 1; rounded up to whole pages.
    public init(count: Int) {
        precondition(count > 0 && count <= .max - IOBuffer.pageSize, "Cannot make a buffer of \(count) bytes")
        self.count = (count + IOBuffer.pageSize - 1) / IOBuffer.pageSize * IOBuffer.pageSize
        unsafe base = .allocate(byteCount: self.count, alignment: IOBuffer.pageSize)
        unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: self.count)
    }

    deinit {
        let access = access.load(ordering: .acquiring)
        precondition(access == 0 || access == IOBuffer.retired, "Cannot free a buffer that is in use")
        #if DEBUG
            Quarantine.shared.add(retiredMemory())
        #else
            unsafe base.deallocate()
        #endif
    }

    /// Lets `body` read the buffer; any number may at a time.
    /// - Parameter body: What to do with the bytes.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws.
    /// - Precondition: Nobody is writing, the kernel included.
    public func withBytes<Result, Failure>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        startReading()
        defer { endReading() }
        return try body(unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(start: base, count: count)))
    }

    /// Lets `body` read and change the buffer.
    /// - Parameter body: What to do with the bytes.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws.
    /// - Precondition: Nobody else is reading or writing, the kernel included.
    public func withMutableBytes<Result, Failure>(
        _ body: (inout MutableRawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        startWriting()
        defer { endWriting() }
        let memory = unsafe UnsafeMutableRawBufferPointer(start: base, count: count)
        var bytes = unsafe MutableRawSpan(_unsafeBytes: memory)
        return try body(&bytes)
    }

    // MARK: Lending

    /// Gives the first `count` bytes to the kernel to fill, until ``endWriting()``.
    func lendForFilling(_ count: Int, for use: @autoclosure () -> BufferUse) -> LentMemory {
        startWriting()
        #if DEBUG
            unsafe base.initializeMemory(as: UInt8.self, repeating: RetiredMemory.pattern, count: count)
        #endif
        return lend(count, use)
    }

    /// Gives the first `count` bytes to the kernel to read, until ``endReading()``.
    func lendForReading(_ count: Int, for use: @autoclosure () -> BufferUse) -> LentMemory {
        startReading()
        return lend(count, use)
    }

    private func lend(_ count: Int, _ use: () -> BufferUse) -> LentMemory {
        #if DEBUG
            let use = use()
            history.withLock { $0.lastUse = use }
        #endif
        return unsafe LentMemory(base, count)
    }

    // MARK: Pools

    /// Forgets what the buffer holds, and keeps everybody away from it until ``reuse()``.
    /// - Precondition: Nobody uses it.
    func retire() {
        startWriting()
        #if DEBUG
            let memory = retiredMemory()
            history.withLock { $0.retired = memory }
        #endif
        access.store(IOBuffer.retired, ordering: .releasing)
    }

    /// Lets a retired buffer be used again; debug builds make sure that nobody has written to it meanwhile.
    func reuse() {
        #if DEBUG
            history.withLock { $0.retired.take() }?.revive()
        #endif
        access.store(0, ordering: .releasing)
    }

    #if DEBUG
        /// The memory, retired if it is not.
        private func retiredMemory() -> RetiredMemory {
            let (lastUse, retired) = history.withLock { ($0.lastUse, $0.retired) }
            return unsafe retired ?? RetiredMemory(base, count, lastUse: lastUse)
        }
    #endif

    func startReading() {
        let (readers, _) = access.add(1, ordering: .acquiring)
        precondition(readers >= 0, "Cannot read a buffer that somebody is writing, or that was given back")
    }

    func endReading() {
        access.subtract(1, ordering: .releasing)
    }

    func startWriting() {
        let (isFree, _) = access.compareExchange(expected: 0, desired: -1, ordering: .acquiring)
        precondition(isFree, "Cannot write a buffer that somebody is using, or that was given back")
    }

    func endWriting() {
        access.store(0, ordering: .releasing)
    }
}

/// Memory of an ``IOBuffer`` while it is lent to the kernel, or to the thread that calls it.
///
/// Safe to hold, for its pointer is only used by whoever carries out the operation that holds the buffer.
///
/// `@unchecked Sendable`: the buffer's `access` keeps everybody else out until the operation is over.
@safe struct LentMemory: @unchecked Sendable {
    let start: UnsafeMutableRawPointer
    let count: Int

    @unsafe init(_ start: UnsafeMutableRawPointer, _ count: Int) {
        unsafe self.start = start
        self.count = count
    }

    /// The first `most` bytes, or all of it.
    func prefix(_ most: Int) -> LentMemory {
        unsafe LentMemory(start, min(count, max(0, most)))
    }

    /// What is left behind the first `count` bytes.
    func dropping(first count: Int) -> LentMemory {
        precondition(count >= 0 && count <= self.count, "Cannot drop \(count) of \(self.count) bytes")
        return unsafe LentMemory(start + count, self.count - count)
    }
}
