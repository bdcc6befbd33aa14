internal import CSystemShims
internal import SystemPackage

extension Socket {
    /// Receives what has arrived, and does not wait for more.
    /// - Parameter bytes: Where to put it; its size, which is not 0, says how much may be received.
    /// - Returns: How many bytes were received; 0 when the peer has ended its direction of the connection; nil when
    ///   nothing is there.
    /// - Throws: `IOError` of recv(2): ECONNRESET, ETIMEDOUT and others.
    public func receiveIfAny(into bytes: inout MutableRawSpan) throws(IOError) -> Int? {
        precondition(bytes.byteCount > 0, "Cannot receive no bytes, which would look like the end")
        let count = bytes.byteCount
        // The memory is the caller's for the length of the call, in which the kernel writes at most `$0` bytes.
        let result = unsafe bytes.withUnsafeMutableBytes { memory in
            answered(.recv, bytes: count) { unsafe csys_recv(descriptor, memory.baseAddress, $0) }
        }
        return try countOrNil(result, .recv, "receive on \(self)")
    }

    /// Receives what has arrived into a range of a buffer: ``receiveIfAny(into:)``.
    /// - Parameters:
    ///   - buffer: Where to put it. Nobody may use it meanwhile.
    ///   - range: Where in the buffer; not empty.
    /// - Returns: As of ``receiveIfAny(into:)``.
    /// - Throws: `IOError` of recv(2).
    public func receiveIfAny(into buffer: IOBuffer, _ range: Range<Int>) throws(IOError) -> Int? {
        try buffer.withMutableBytes { (bytes) throws(IOError) in
            var part = bytes._mutatingExtracting(range)
            return try receiveIfAny(into: &part)
        }
    }

    /// Sends as much as the kernel takes now of what is left of some pieces; nil if that is nothing.
    func sendIfPossible(_ pieces: [SendPiece], _ progress: SendProgress, more: Bool) throws(IOError) -> Int? {
        var attempt: String { "send \(progress.left) bytes on \(self)" }
        if progress.isInLastPiece {
            let result = unsafe pieces[progress.piece].withMemory { memory in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: memory[progress.offset...])
                return answered(.send, bytes: rest.count) {
                    unsafe csys_send(descriptor, rest.baseAddress, $0, more ? 1 : 0)
                }
            }
            return try progressOrNil(result, .send, attempt)
        }
        var vector: [csys_piece] = unsafe []
        let result = unsafe gather(pieces[progress.piece...], from: progress.offset, into: &vector) { vector in
            let count = unsafe vector.reduce(0) { unsafe $0 + $1.count }
            return answered(.sendmsg, bytes: count) { most in
                let first = unsafe Socket.prefix(vector, most)
                return unsafe csys_send_pieces(descriptor, first, UInt32(first.count), more ? 1 : 0)
            }
        }
        return try progressOrNil(result, .sendmsg, attempt)
    }

    /// Sends as much as the kernel takes now of a range of a file, which is not empty; nil if that is nothing.
    ///
    /// The calling thread must have blocked SIGPIPE, which sendfile(2) raises.
    func sendFileIfPossible(_ file: FileHandle, from position: Int64, bytes: Int64) throws(IOError) -> Int? {
        let most = Int(min(bytes, Int64(Transfer.mostInOneCall)))
        let result = answered(.sendfile, on: file.file.path, at: position, bytes: most) {
            csys_sendfile(descriptor, file.file.descriptor, position, $0)
        }
        var error: IOError {
            .sendingFile(file.file.path, bytes, from: position, self, result == 0 ? .noData : Errno(result: result))
        }
        guard result != 0 else { throw error }
        if result > 0 { return result }
        if Errno(result: result) == .resourceTemporarilyUnavailable { return nil }
        throw error
    }

    /// Makes a call until it is not interrupted by a signal; returns its result or -errno.
    private func answered(
        _ call: SystemCall,
        on file: FilePath? = nil,
        at position: Int64? = nil,
        bytes: Int,
        _ body: (_ bytes: Int) -> Int64
    ) -> Int {
        while true {
            let result = Syscalls.once(call, path, to: file, at: position, bytes: bytes) { Int(body($0)) }
            if result >= 0 || Errno(result: result) != .interrupted { return result }
        }
    }

    private func countOrNil(
        _ result: Int,
        _ call: SystemCall,
        _ attempt: @autoclosure () -> String
    ) throws(IOError) -> Int? {
        if result >= 0 { return result }
        let errno = Errno(result: result)
        if errno == .resourceTemporarilyUnavailable { return nil }
        throw IOError(call: call, path: nil, errno: errno, attempt: attempt())
    }

    /// The same for a call that sends, which would be repeated for ever if it sent nothing and nothing was wrong.
    private func progressOrNil(
        _ result: Int,
        _ call: SystemCall,
        _ attempt: @autoclosure () -> String
    ) throws(IOError) -> Int? {
        try countOrNil(result == 0 ? -Int(Errno.ioError.rawValue) : result, call, attempt())
    }

    /// Calls `body` with the memory of pieces, as many as one call takes; the first begins at `offset`.
    private func gather(
        _ pieces: ArraySlice<SendPiece>,
        from offset: Int,
        into vector: inout [csys_piece],
        _ body: (_ vector: [csys_piece]) -> Int
    ) -> Int {
        guard let piece = pieces.first, unsafe vector.count < Int(CSYS_MOST_PIECES) else { return unsafe body(vector) }
        // One inside the other, because each piece's memory is only there as long as its closure runs.
        return unsafe piece.withMemory { memory in
            let rest = unsafe UnsafeRawBufferPointer(rebasing: memory[offset...])
            if unsafe !rest.isEmpty { unsafe vector.append(csys_piece(bytes: rest.baseAddress, count: rest.count)) }
            return unsafe gather(pieces.dropFirst(), from: 0, into: &vector, body)
        }
    }

    /// The first `most` bytes of a vector.
    private static func prefix(_ vector: [csys_piece], _ most: Int) -> [csys_piece] {
        var (first, room) = unsafe (vector, most)
        for index in unsafe first.indices {
            unsafe first[index].count = unsafe min(room, first[index].count)
            unsafe room -= first[index].count
        }
        return unsafe first
    }
}

extension IOError {
    fileprivate static func sendingFile(
        _ path: FilePath,
        _ bytes: Int64,
        from position: Int64,
        _ socket: Socket,
        _ errno: Errno
    ) -> IOError {
        let attempt = "send \(bytes) bytes from position \(position) of \(path) on \(socket)"
        return IOError(call: .sendfile, path: path, errno: errno, attempt: attempt)
    }
}
