internal import SystemPackage

/// Calls on sockets that wait.
///
/// Each first tries, on the caller's thread, and lets the reactor wait only where the kernel has nothing, or no room. A
/// wait takes no memory but its own, and no place among the operations on files, so that any number of tasks may wait.
/// It ends, besides, when its deadline has passed (ETIMEDOUT of poll(2)), when its task is cancelled, and with
/// ``shutdown()`` (both ECANCELED); the kernel has forgotten it then. A task that is cancelled is not hindered in what
/// needs no wait.
///
/// A call that needs no wait does not suspend its task. So a task that serves a peer which sends without a pause gives the
/// reactor's other tasks their turn by itself, for instance by `Task.yield()` after each request.
///
/// One task may receive from a socket while another one sends.
extension Reactor {
    // MARK: Waiting

    /// Waits until something has arrived on a connection, or its end, or an error; on a listener, until a connection has.
    ///
    /// A connection that waits so between two requests needs no buffer. It may turn out that there is nothing.
    /// - Parameters:
    ///   - socket: The socket.
    ///   - deadline: How long to wait; nil: for ever.
    /// - Throws: `IOError` of poll(2): ETIMEDOUT, ECANCELED; ENOMEM, ENOSPC where the kernel cannot wait for so many.
    public func waitUntilReadable(
        _ socket: Socket,
        deadline: ContinuousClock.Instant? = nil
    ) async throws(IOError) {
        try await wait(for: .reading, of: socket, until: deadline)
    }

    /// Waits until a connection takes some bytes, or an error has come: see ``waitUntilReadable(_:deadline:)``.
    /// - Parameters:
    ///   - socket: The socket.
    ///   - deadline: How long to wait; nil: for ever.
    /// - Throws: `IOError` of poll(2).
    public func waitUntilWritable(
        _ socket: Socket,
        deadline: ContinuousClock.Instant? = nil
    ) async throws(IOError) {
        try await wait(for: .writing, of: socket, until: deadline)
    }

    private func wait(
        for readiness: Readiness,
        of socket: Socket,
        until deadline: ContinuousClock.Instant?
    ) async throws(IOError) {
        let (inbox, key) = (inbox, nextKey())
        let errno = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let wait = PendingWait(socket, readiness, continuation)
                inbox.push(.wait(wait, key: key, deadline: deadline))
                // A cancellation that came before was asked of a wait that did not exist yet.
                if Task.isCancelled { inbox.push(.cancelWait(key: key)) }
            }
        } onCancel: {
            inbox.push(.cancelWait(key: key))
        }
        if let errno { throw IOError(call: .poll, path: nil, errno: errno, attempt: "wait for \(socket)") }
    }

    /// Tries, and waits, until there is a result.
    private func result<Result>(
        of socket: Socket,
        once readiness: Readiness,
        by deadline: ContinuousClock.Instant?,
        onWait: () -> Void = {},
        _ attempt: () throws(IOError) -> Result?
    ) async throws(IOError) -> Result {
        while true {
            if let result = try attempt() { return result }
            onWait()
            try await wait(for: readiness, of: socket, until: deadline)
        }
    }

    // MARK: Connections

    /// Takes a connection that somebody makes.
    ///
    /// Where descriptors or memory have run out (``IOError/isRetryable``: EMFILE, ENFILE, ENOBUFS, ENOMEM) the connection
    /// stays where it is, and the next call would fail at once. So the caller has to pause before it: until one of its
    /// connections has been closed, or for a while, by ``sleep(until:)``.
    /// - Parameters:
    ///   - listener: The listener.
    ///   - deadline: How long to wait; nil: for ever.
    /// - Returns: The connection.
    /// - Throws: `IOError` of accept4(2); of poll(2) as described above.
    public func accept(
        _ listener: Socket,
        deadline: ContinuousClock.Instant? = nil
    ) async throws(IOError) -> Socket {
        try await result(of: listener, once: .reading, by: deadline) { () throws(IOError) in
            try listener.acceptIfAny()
        }
    }

    /// Makes a connection.
    /// - Parameters:
    ///   - address: Whom to connect to.
    ///   - deadline: How long to wait; nil: as long as the kernel does, about two minutes.
    /// - Returns: The connection.
    /// - Throws: `IOError` of socket(2) or connect(2): ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH, EADDRNOTAVAIL, EMFILE; of
    ///   poll(2) as described above.
    public func connect(
        to address: SocketAddress,
        deadline: ContinuousClock.Instant? = nil
    ) async throws(IOError) -> Socket {
        let socket = try Socket.toConnect(to: address)
        try await result(of: socket, once: .writing, by: deadline) { () throws(IOError) in
            try socket.connectIfPossible(to: address)
        }
        return socket
    }

    // MARK: Receiving

    /// Receives into a range of a buffer what has arrived, and waits while that is nothing.
    /// - Parameters:
    ///   - socket: The connection.
    ///   - buffer: Where to put it. Nobody may use it meanwhile; the kernel does not while this waits.
    ///   - range: Where in the buffer, in bytes from its start; not empty.
    ///   - deadline: How long to wait; nil: for ever.
    /// - Returns: How many bytes were received, from 1 to the length of the range; 0 when the peer has ended its direction
    ///   of the connection.
    /// - Throws: `IOError` of recv(2): ECONNRESET, ETIMEDOUT; of poll(2) as described above.
    public func receive(
        _ socket: Socket,
        into buffer: IOBuffer,
        _ range: Range<Int>,
        deadline: ContinuousClock.Instant? = nil
    ) async throws(IOError) -> Int {
        try await result(of: socket, once: .reading, by: deadline) { () throws(IOError) in
            try socket.receiveIfAny(into: buffer, range)
        }
    }

    // MARK: Sending

    /// How many bytes one task sends in a row before the reactor's other tasks have their turn.
    private static let mostPerTurn = 1 << 20

    /// Sends all bytes of some pieces, one piece behind the other.
    /// - Parameters:
    ///   - pieces: What to send; up to 64 go with one call.
    ///   - socket: The connection.
    ///   - moreFollows: Whether the kernel is to keep an incomplete packet, for at most 200 ms, because something follows
    ///     at once, such as the range of a file behind a header (MSG_MORE).
    ///   - deadline: When all has to be sent; nil: no matter.
    ///   - onWait: Called whenever the kernel has no room, before the peer is waited for.
    /// - Throws: `IOError` of send(2) or sendmsg(2): EPIPE, ECONNRESET, ETIMEDOUT; of poll(2) as described above. Some of
    ///   the bytes may have been sent, so that the connection is of no use any more.
    public func send(
        _ pieces: [SendPiece],
        on socket: Socket,
        moreFollows: Bool = false,
        deadline: ContinuousClock.Instant? = nil,
        onWait: () -> Void = {}
    ) async throws(IOError) {
        var (progress, inThisTurn) = (SendProgress(pieces.map(\.byteCount)), 0)
        while !progress.isFinished {
            let sent = try await result(of: socket, once: .writing, by: deadline, onWait: onWait) {
                () throws(IOError) in
                try socket.sendIfPossible(pieces, progress, more: moreFollows)
            }
            progress.advance(by: sent)
            inThisTurn += sent
            if !progress.isFinished { await yieldIfLong(&inThisTurn) }
        }
    }

    /// Sends a range of a file from the page cache, without a copy in memory of the program's.
    ///
    /// Where the range is not in the page cache this waits for the disk, and the reactor's other tasks with it: bring it
    /// in before.
    /// - Parameters:
    ///   - file: The file. What was sent may be read from it until the peer has acknowledged it.
    ///   - position: Where the range starts, in bytes from the start of the file; not negative.
    ///   - bytes: How long it is; not negative.
    ///   - socket: The connection.
    ///   - deadline: When all has to be sent; nil: no matter.
    ///   - onWait: Called whenever the kernel has no room, before the peer is waited for.
    /// - Throws: `IOError` of sendfile(2): EPIPE, ECONNRESET, ETIMEDOUT, EIO; ENODATA when the file ends before the range
    ///   does; of poll(2) as described above. Some of the range may have been sent, so that the connection is of no use
    ///   any more.
    /// - Precondition: The caller is on the reactor's thread, where the SIGPIPE that sendfile(2) raises is blocked.
    public func sendFile(
        _ file: FileHandle,
        from position: Int64,
        bytes: Int64,
        on socket: Socket,
        deadline: ContinuousClock.Instant? = nil,
        onWait: () -> Void = {}
    ) async throws(IOError) {
        precondition(position >= 0 && bytes >= 0, "Cannot send \(bytes) bytes from position \(position) of a file")
        var (done, inThisTurn): (Int64, Int) = (0, 0)
        while done < bytes {
            let sent = try await result(of: socket, once: .writing, by: deadline, onWait: onWait) {
                () throws(IOError) in
                preconditionIsCurrent()
                return try socket.sendFileIfPossible(file, from: position + done, bytes: bytes - done)
            }
            done += Int64(sent)
            inThisTurn += sent
            if done < bytes { await yieldIfLong(&inThisTurn) }
        }
    }

    private func yieldIfLong(_ inThisTurn: inout Int) async {
        guard inThisTurn >= Reactor.mostPerTurn else { return }
        inThisTurn = 0
        await Task.yield()
    }
}
