internal import SystemPackage

extension Reactor {
    // MARK: Durability

    /// Makes the data of several files durable: fdatasync(2) on each, all of them at the same time.
    ///
    /// As many run at a time as the reactor has disk workers.
    /// - Parameters:
    ///   - files: The files, which stay open until their results are there.
    ///   - completion: Called on the reactor's thread when all are done, with nil or an error for each file, in order.
    ///     What ``File/synchronizeData()`` says about errors holds here too.
    public func synchronizeData(_ files: [FileHandle], completion: @escaping @Sendable ([IOError?]) -> Void) {
        guard !files.isEmpty else { return execute { completion([]) } }
        let batch = SynchronizationBatch(of: files.count, completion: completion)
        let operations = files.indices.map { index in
            let path = files[index].file.path
            return PendingOperation(.synchronizeData, files[index]) { outcome in
                batch.finish(index, outcome.errno.map { .synchronizingData(path, $0) })
            }
        }
        inbox.push(.operations(operations))
    }

    /// Makes the data of several files durable: see ``synchronizeData(_:completion:)``.
    /// - Parameter files: The files.
    /// - Returns: Nil or an error for each file, in order.
    public func synchronizeData(_ files: [FileHandle]) async -> [IOError?] {
        await withCheckedContinuation { continuation in
            synchronizeData(files) { continuation.resume(returning: $0) }
        }
    }

    // MARK: Transfers

    /// Fills the start of a buffer from a file, without blocking any thread of the program's.
    ///
    /// File and buffer are held until the kernel is done with them. Cancelling the task has no effect on that, nor on
    /// the result.
    /// - Parameters:
    ///   - file: The file.
    ///   - buffer: Where to put what is read. Nobody may use it meanwhile.
    ///   - count: How many bytes to read, at most the size of the buffer.
    ///   - position: Where to start, in bytes from the start of the file.
    ///   - uncached: Whether to leave nothing in the page cache that was not there: see
    ///     ``File/readUncached(into:at:)``.
    /// - Returns: How many bytes were read: fewer than asked for only at the end of the file.
    /// - Throws: `IOError` of pread(2); EINVAL when the range is not one of file positions; ECANCELED after
    ///   ``shutdown()``. How much of the buffer was changed is then unknown.
    public func read(
        _ file: FileHandle,
        into buffer: IOBuffer,
        count: Int,
        at position: Int64,
        uncached: Bool = false
    ) async throws(IOError) -> Int {
        precondition(count <= buffer.count, "Cannot read \(count) bytes into a buffer of \(buffer.count)")
        guard let operation = DiskOperation.read(count: count, at: position, uncached: uncached) else {
            throw .reading(uncached ? .preadv2 : .pread, file.file.path, count, at: position, .invalidArgument)
        }
        switch await perform(operation, file, buffer) {
        case .done(let count): return count
        case .failed(let call, let errno): throw .reading(call, file.file.path, count, at: position, errno)
        }
    }

    /// Writes the start of a buffer to a file, into the page cache, without blocking any thread of the program's.
    ///
    /// File and buffer are held until the kernel is done with them, whether or not the task is cancelled.
    /// - Parameters:
    ///   - file: The file.
    ///   - buffer: What to write. Nobody may change it meanwhile.
    ///   - count: How many bytes to write, at most the size of the buffer.
    ///   - position: Where the first byte goes, in bytes from the start of the file.
    /// - Throws: `IOError` of pwrite(2), after which the file may hold any part of the bytes; ECANCELED after
    ///   ``shutdown()``.
    public func write(
        _ file: FileHandle,
        from buffer: IOBuffer,
        count: Int,
        at position: Int64
    ) async throws(IOError) {
        precondition(count <= buffer.count, "Cannot write \(count) bytes of a buffer of \(buffer.count)")
        guard let operation = DiskOperation.write(count: count, at: position) else {
            throw .writing(.pwrite, file.file.path, count, at: position, .invalidArgument)
        }
        let outcome = await perform(operation, file, buffer)
        if let errno = outcome.errno { throw .writing(.pwrite, file.file.path, count, at: position, errno) }
    }

    /// Reserves disk space without changing the size of a file: see ``File/reserve(from:bytes:)``.
    /// - Parameters:
    ///   - file: The file.
    ///   - position: Where the range starts, in bytes from the start of the file.
    ///   - bytes: How long it is; more than 0.
    /// - Throws: `IOError` of fallocate(2): ENOSPC, or EOPNOTSUPP where the file system cannot reserve; ECANCELED after
    ///   ``shutdown()``.
    public func reserve(_ file: FileHandle, from position: Int64, bytes: Int64) async throws(IOError) {
        guard let operation = DiskOperation.reserve(from: position, bytes: bytes) else {
            throw .reserving(file.file.path, bytes, from: position, .invalidArgument)
        }
        let outcome = await perform(operation, file, nil)
        if let errno = outcome.errno { throw .reserving(file.file.path, bytes, from: position, errno) }
    }

    private func perform(
        _ operation: DiskOperation,
        _ file: FileHandle,
        _ buffer: IOBuffer?
    ) async -> DiskOperation.Outcome {
        await withCheckedContinuation { continuation in
            let completion = { @Sendable in continuation.resume(returning: $0) }
            let pending =
                if let buffer {
                    PendingOperation(operation, file, buffer, completion: completion)
                } else {
                    PendingOperation(operation, file, completion: completion)
                }
            inbox.push(.operations([pending]))
        }
    }
}

/// Gathers the results of operations that were started together.
private final class SynchronizationBatch: Sendable {
    private struct State {
        var errors: [IOError?]
        var missing: Int
    }

    private let state: Lock<State>
    private let completion: @Sendable ([IOError?]) -> Void

    init(of count: Int, completion: @escaping @Sendable ([IOError?]) -> Void) {
        state = Lock(State(errors: Array(repeating: nil, count: count), missing: count))
        self.completion = completion
    }

    func finish(_ index: Int, _ error: IOError?) {
        let errors = state.withLock { state -> [IOError?]? in
            state.errors[index] = error
            state.missing -= 1
            return state.missing == 0 ? state.errors : nil
        }
        if let errors { completion(errors) }
    }
}
