/// The result of one request: how many bytes were moved, or 0, or -errno.
struct Completion: Hashable, Sendable {
    let token: OperationToken
    let result: Int
}

/// The way from a reactor's thread to the kernel, and where that thread waits.
///
/// Used by that thread only.
protocol DiskPort: ~Copyable {
    /// How many requests may be under way at a time.
    var capacity: Int { get }

    /// Takes a request, which starts at the latest with the next ``wait(_:into:)``.
    mutating func start(_ request: IORequest, _ token: OperationToken)

    /// Waits until a request is done, or the reactor is woken, or the limit is reached; appends what is done.
    mutating func wait(_ limit: WaitLimit, into completions: inout [Completion])

    /// Lets go of what the port holds. No request is under way.
    consuming func close()
}
