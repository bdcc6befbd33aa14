internal import CSystemShims
internal import SystemPackage

/// An io_uring, which it owns.
///
/// Not `Sendable`: the thread that makes a ring makes all calls on it. Requests are gathered and go to the kernel
/// together, with the next ``turn(_:_:)``.
@safe struct Ring: ~Copyable {
    private let ring: OpaquePointer
    private var gathered: [csys_request] = unsafe []
    private var results: [csys_result]

    /// How many requests that transfer may be with the kernel at a time.
    ///
    /// More would be possible, but then results could outgrow the completion queue, which has twice as many places. Waits
    /// (``add(waitFor:of:token:)``) come on top: there may be any number, and where the results of many come at once, the
    /// kernel keeps those that do not fit until there is room (IORING_FEAT_NODROP).
    let entries: Int

    /// Creates a ring.
    ///
    /// `entries` is rounded up to a power of two and bounded by the kernel's 32768. `diskWorkers` bounds the kernel
    /// threads that serve requests which block, such as fdatasync(2). Throws ENOSYS or EPERM where there is no
    /// io_uring, or one that lacks what this module needs.
    init(entries: Int, diskWorkers: Int) throws(Errno) {
        var ring: OpaquePointer?
        let result = unsafe csys_ring_create(UInt32(clamping: entries), UInt32(clamping: diskWorkers), &ring)
        guard result >= 0, let ring = unsafe ring else { throw Errno(result: Int(result)) }
        unsafe self.ring = unsafe ring
        self.entries = unsafe Int(csys_ring_entries(ring))
        results = Array(repeating: csys_result(), count: 256)
    }

    deinit {
        unsafe csys_ring_destroy(ring)
    }

    /// Adds a request on a file to the next turn; its memory is the kernel's until its result is there.
    mutating func add(_ request: IORequest, token: UInt64) {
        var raw = unsafe csys_request()
        unsafe raw.token = token
        switch request {
        case .read(let file, let memory, let position, let uncached):
            unsafe raw.kind = Int32(CSYS_RING_READ)
            unsafe (raw.fd, raw.bytes, raw.position) = (file, memory.start, position)
            unsafe raw.count = UInt64(min(memory.count, Transfer.mostInOneCall))
            unsafe raw.flags = uncached ? UInt32(CSYS_READ_DONTCACHE) : 0
        case .write(let file, let memory, let position):
            unsafe raw.kind = Int32(CSYS_RING_WRITE)
            unsafe (raw.fd, raw.bytes, raw.position) = (file, memory.start, position)
            unsafe raw.count = UInt64(min(memory.count, Transfer.mostInOneCall))
        case .synchronizeData(let file):
            unsafe raw.kind = Int32(CSYS_RING_FDATASYNC)
            unsafe raw.fd = file
        case .reserve(let file, let position, let bytes):
            unsafe raw.kind = Int32(CSYS_RING_RESERVE)
            unsafe (raw.fd, raw.position) = (file, position)
            unsafe raw.count = UInt64(bitPattern: bytes)
        }
        unsafe gathered.append(raw)
    }

    /// Adds a read of a descriptor without positions, such as an eventfd, to the next turn.
    mutating func add(readOf stream: Int32, into memory: LentMemory, token: UInt64) {
        var raw = unsafe csys_request()
        unsafe raw.kind = Int32(CSYS_RING_READ_STREAM)
        unsafe (raw.token, raw.fd, raw.bytes, raw.count) = (token, stream, memory.start, UInt64(memory.count))
        unsafe gathered.append(raw)
    }

    /// Adds a wait until a descriptor is ready, once, to the next turn; that is its result.
    mutating func add(waitFor readiness: Readiness, of descriptor: Int32, token: UInt64) {
        var raw = unsafe csys_request()
        unsafe raw.kind = Int32(CSYS_RING_POLL)
        unsafe (raw.token, raw.fd, raw.flags) = (token, descriptor, readiness.rawValue)
        unsafe gathered.append(raw)
    }

    /// Adds the cancellation of the request with the token `cancelled` to the next turn.
    ///
    /// Both have a result: that of this one is 0, or -ENOENT when the other was over already.
    mutating func add(cancellationOf cancelled: UInt64, token: UInt64) {
        var raw = unsafe csys_request()
        unsafe raw.kind = Int32(CSYS_RING_CANCEL)
        unsafe (raw.token, raw.position) = (token, Int64(bitPattern: cancelled))
        unsafe gathered.append(raw)
    }

    /// Starts what was added, waits for a result as long as `limit` says, and hands over the results there are.
    ///
    /// `body` is given token and result (or -errno) of each. Throws EAGAIN, EBUSY or ENOMEM when the kernel cannot take
    /// the requests just now; they go with the next turn.
    mutating func turn(_ limit: WaitLimit, _ body: (_ token: UInt64, _ result: Int) -> Void) throws(Errno) {
        let taken = unsafe csys_ring_prepare(ring, gathered, UInt32(gathered.count))
        precondition(taken >= 0, "Cannot hand to the ring a request of unknown kind")
        unsafe gathered.removeFirst(Int(taken))
        // What did not fit goes in the next turn, so this one must not wait.
        let nanoseconds = unsafe gathered.isEmpty ? limit.nanoseconds : 0
        let count = unsafe csys_ring_turn(ring, nanoseconds, &results, UInt32(results.count))
        guard count >= 0 else { throw Errno(result: Int(count)) }
        for result in results.prefix(Int(count)) { body(result.token, Int(result.result)) }
    }
}
