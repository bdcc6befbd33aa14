/// The result of one request: how many bytes were moved, or what a descriptor is ready for, or 0, or -errno.
struct Completion: Hashable, Sendable {
    let token: OperationToken
    let result: Int
}

/// The way from a reactor's thread to the kernel, and where that thread waits.
///
/// Used by that thread only.
protocol ReactorPort: ~Copyable {
    /// How many requests may be under way at a time. Waits are not counted: they take no place in any queue.
    var capacity: Int { get }

    /// Takes a request, which starts at the latest with the next ``wait(_:into:)``.
    mutating func start(_ request: IORequest, _ token: OperationToken)

    /// Begins to wait, at the latest with the next ``wait(_:into:)``, until a descriptor is ready; that is the result.
    ///
    /// Appends the result where it is there at once.
    mutating func startWait(
        for readiness: Readiness,
        of descriptor: Int32,
        _ token: OperationToken,
        into completions: inout [Completion]
    )

    /// Ends a wait under way, whose result is -ECANCELED then, unless it is there already; asked for once at most.
    ///
    /// Appends the result where it is there at once.
    mutating func endWait(of descriptor: Int32, _ token: OperationToken, into completions: inout [Completion])

    /// Waits until a request is done, or the reactor is woken, or the limit is reached; appends what is done.
    mutating func wait(_ limit: WaitLimit, into completions: inout [Completion])

    /// Lets go of what the port holds. No request is under way, and no wait.
    consuming func close()
}
