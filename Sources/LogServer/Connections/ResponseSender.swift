import LinuxIO
import SystemPackage

/// Sends responses on a connection: what is in the page cache without a copy, and what is not without making the
/// connection's reactor wait for a disk.
///
/// * A range in the page cache goes to the socket by sendfile(2).
/// * Small ranges of a response that has several are read into a buffer, and go with one call: for them a call each would
///   cost more than the copy.
/// * A range that is not in the page cache is read by the kernel in the background into one of few buffers, and sent from
///   there. Old segments leave nothing in the cache, so that who reads them does not push out what all others read.
struct ResponseSender: Sendable {
    let socket: Socket
    let reactor: Reactor
    let buffers: TransferBuffers
    let metrics: ServerMetrics

    /// Sends a response.
    /// - Parameter deadline: When all of it has to be with the kernel.
    func send(_ response: Response, by deadline: ContinuousClock.Instant) async throws(IOError) {
        var sending = Sending(sender: self, deadline: deadline)
        let ranges = response.parts.count { if case .file = $0 { true } else { false } }
        // Headers and the ranges of files behind them share packets. Without the end of it, which a failure leaves out, the
        // last packet would be kept for 200 ms; but then the connection is closed.
        if ranges > 0 { try socket.set(.cork(true)) }
        var failure: IOError?
        do throws(IOError) {
            for part in response.parts {
                switch part {
                case .bytes(let bytes): sending.pieces.append(.bytes(bytes))
                case .file(let range):
                    if ranges == 1 || range.byteCount > TransferBuffers.smallBytes {
                        try await sending.sendLarge(range)
                    } else {
                        try await sending.gather(range)
                    }
                }
            }
            try await sending.flush()
        } catch {
            failure = error
        }
        sending.giveBack()
        if let failure { throw failure }
        if ranges > 0 { try socket.set(.cork(false)) }
        metrics.countSent(response)
    }

    fileprivate func send(_ pieces: [SendPiece], by deadline: ContinuousClock.Instant) async throws(IOError) {
        try await reactor.send(pieces, on: socket, deadline: deadline, onWait: metrics.countBlockedSend)
    }
}

/// What is under way for one response.
private struct Sending {
    let sender: ResponseSender
    let deadline: ContinuousClock.Instant
    var pieces: [SendPiece] = []
    /// The buffers that hold pieces.
    private var small: [IOBuffer] = []

    /// So many pieces go with one call.
    private static let mostPieces = 64
    /// How much is looked at in one step: what was in the page cache may have left it, were it much more.
    private static let stepBytes = Int64(TransferBuffers.largeBytes)

    init(sender: ResponseSender, deadline: ContinuousClock.Instant) {
        self.sender = sender
        self.deadline = deadline
    }

    /// Sends what was gathered.
    mutating func flush() async throws(IOError) {
        guard !pieces.isEmpty else { return }
        try await sender.send(pieces, by: deadline)
        pieces.removeAll(keepingCapacity: true)
        giveBack()
    }

    mutating func giveBack() {
        for buffer in small { sender.buffers.small.put(buffer) }
        small.removeAll(keepingCapacity: true)
    }

    /// Adds a range to what goes with the next call.
    mutating func gather(_ range: FileRange) async throws(IOError) {
        if pieces.count >= Self.mostPieces { try await flush() }
        guard let buffer = sender.buffers.small.take() else { return try await sendLarge(range) }
        small.append(buffer)
        let count = Int(range.byteCount)
        let read: Int
        if let resident = try buffer.fillIfResident(from: range.file.file, count: count, at: range.position) {
            read = resident
            sender.metrics.countFetched(count, by: .copy)
        } else {
            sender.metrics.countFetched(count, by: .disk)
            read = try await sender.reactor.read(range.file, into: buffer, count: count, at: range.position)
        }
        try range.check(read)
        pieces.append(.buffer(buffer, 0..<count))
    }

    /// Sends a range step by step.
    mutating func sendLarge(_ range: FileRange) async throws(IOError) {
        try await flush()
        var rest = range
        while rest.byteCount > 0 {
            let step = rest.prefix(Self.stepBytes)
            if try step.isResident() {
                try await sender.reactor.sendFile(
                    step.file,
                    from: step.position,
                    bytes: step.byteCount,
                    on: sender.socket,
                    deadline: deadline,
                    onWait: sender.metrics.countBlockedSend
                )
                sender.metrics.countFetched(Int(step.byteCount), by: .sendfile)
            } else {
                try await sendCold(step)
            }
            rest = rest.dropping(step.byteCount)
        }
    }

    /// Brings a step from the disk into a buffer, and sends it from there.
    private func sendCold(_ step: FileRange) async throws(IOError) {
        let buffer = try await sender.buffers.large.take(waitingOn: sender.reactor)
        defer { sender.buffers.large.put(buffer) }
        let count = Int(step.byteCount)
        let read = try await sender.reactor.read(
            step.file,
            into: buffer,
            count: count,
            at: step.position,
            uncached: !step.isShared
        )
        try step.check(read)
        sender.metrics.countFetched(count, by: .disk)
        try await sender.send([.buffer(buffer, 0..<count)], by: deadline)
    }
}

extension FileRange {
    /// Makes sure that as many bytes were read as the client was told to expect.
    fileprivate func check(_ read: Int) throws(IOError) {
        guard read < byteCount else { return }
        throw IOError(
            call: .pread,
            path: file.file.path,
            errno: .noData,
            attempt: "send \(byteCount) bytes from position \(position), of which there are \(read),"
        )
    }
}
