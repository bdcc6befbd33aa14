/// Memory that a codec writes its output to.
///
/// Reused from batch to batch, it grows to the largest and stays so. Unlike an array it is not filled with zeros first,
/// and can be written by C. It is freed with its owner, and what it lends out is bound to it.
@safe
struct CodecBuffer: ~Copyable {
    private var memory: UnsafeMutableRawBufferPointer

    init() {
        unsafe memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    }

    deinit {
        unsafe memory.deallocate()
    }

    /// Size of the memory, in bytes.
    var capacity: Int { unsafe memory.count }

    /// Makes room for `capacity` bytes; what was in the buffer is lost.
    mutating func reserve(_ capacity: Int) {
        guard capacity > self.capacity else { return }
        unsafe memory.deallocate()
        unsafe memory = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 16)
    }

    /// Lets C write behind the first `offset` bytes; the pointer is good for the call.
    ///
    /// - Precondition: `offset <= capacity`
    mutating func write<Result, Failure: Error>(
        from offset: Int = 0,
        _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(UnsafeMutableRawBufferPointer(rebasing: memory[offset...]))
    }

    /// The first `count` bytes, which must have been written.
    @_lifetime(borrow self)
    borrowing func bytes(_ count: Int) -> RawSpan {
        // The span is bound to the buffer, whose memory changes only through `mutating` calls.
        let span = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(memory)).extracting(first: count)
        return unsafe _overrideLifetime(span, borrowing: self)
    }
}
