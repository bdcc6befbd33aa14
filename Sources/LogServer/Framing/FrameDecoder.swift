import RecordBatch

/// Cuts what a connection receives into requests.
///
/// ```
/// length   int32, big-endian: of what follows
/// request  as many bytes: a header and a body
/// ```
///
/// A length is only a claim. Memory is taken for bytes that have come, not for those that were announced: what is held is
/// at most about twice what was received of one request, whatever its length says.
///
/// Source: Kafka's protocol guide, "Protocol Primitive Types" and "Common Request and Response Structure"; `NetworkReceive`.
package struct FrameDecoder: Sendable {
    /// The length of the longest request that is taken: `socket.request.max.bytes`.
    package let maximumBytes: Int

    /// Kafka's default of `socket.request.max.bytes`, 100 MiB.
    package static let defaultMaximumBytes = 104_857_600

    /// The part of a request's header that all versions have: API key, API version and correlation id.
    package static let minimumBytes = 8

    private static let lengthBytes = 4

    private var state = State.length(value: 0, count: 0)
    /// What has come of a request that is not complete.
    private var gathered: [UInt8] = []

    private let spares: RequestSpares

    private enum State {
        /// So many bytes of the length have come, and this is their value.
        case length(value: UInt32, count: Int)
        /// The request has so many bytes.
        case request(length: Int)
        /// A length was refused: where the next request begins is unknown.
        case failed(FrameError)
    }

    /// - Parameter maximumBytes: `socket.request.max.bytes`: at least ``minimumBytes``.
    /// - Parameter spares: Where the memory of longer requests comes from, and goes to by ``giveBack(_:)``.
    package init(maximumBytes: Int = FrameDecoder.defaultMaximumBytes, spares: RequestSpares = RequestSpares()) {
        precondition(maximumBytes >= Self.minimumBytes, "Cannot take requests of \(maximumBytes) bytes at most")
        self.maximumBytes = maximumBytes
        self.spares = spares
    }

    /// Takes back the memory of a request that was put together, when it is not needed any more.
    package func giveBack(_ gathered: consuming [UInt8]) { spares.put(gathered) }

    /// How much memory is held for a request that has not come in full, in bytes.
    package var heldBytes: Int { gathered.capacity }

    /// Whether the connection may end here: no request has been begun.
    package var isBetweenRequests: Bool {
        guard case .length(_, 0) = state else { return false }
        return true
    }

    /// The next request that is complete.
    ///
    /// To be called until it returns nil, with the same bytes and the position that it has moved; then again with what is
    /// received next.
    /// - Parameters:
    ///   - received: What was received.
    ///   - position: Where in it the bytes begin that the decoder has not seen; moved behind those that it takes, which are
    ///     all of them when there is no further request.
    /// - Returns: The request, without its length; nil when it takes more bytes than have come.
    /// - Throws: Where a length cannot be one, and from then on.
    package mutating func next(in received: RawSpan, from position: inout Int) throws(FrameError) -> Frame? {
        while true {
            switch state {
            case .failed(let error): throw error
            case .length(let value, Self.lengthBytes): try begin(length: Int32(bitPattern: value))
            case .length(let value, let count):
                guard position < received.byteCount else { return nil }
                let byte = received.integer(at: position, as: UInt8.self)
                state = .length(value: value << 8 | UInt32(byte), count: count + 1)
                position += 1
            case .request(let length):
                let end = min(received.byteCount, position + length - gathered.count)
                let range = position..<end
                position = end
                guard range.count < length else {
                    state = .length(value: 0, count: 0)
                    return .received(range)
                }
                gather(received.extracting(range), of: length)
                guard gathered.count == length else { return nil }
                state = .length(value: 0, count: 0)
                defer { gathered = [] }
                return .gathered(gathered)
            }
        }
    }

    private mutating func begin(length: Int32) throws(FrameError) {
        guard length >= Self.minimumBytes, length <= maximumBytes else {
            let error = FrameError(length: length, allowed: Self.minimumBytes...maximumBytes)
            state = .failed(error)
            throw error
        }
        state = .request(length: Int(length))
    }

    /// Keeps what has come of a request; takes memory for twice as much, but not past the request.
    private mutating func gather(_ bytes: RawSpan, of length: Int) {
        let count = gathered.count + bytes.byteCount
        if gathered.capacity == 0 { gathered = spares.take() }
        if gathered.capacity < count { gathered.reserveCapacity(min(length, 2 * count)) }
        gathered.append(contentsOf: bytes)
    }
}
