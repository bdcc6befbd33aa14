internal import CSystemShims
internal import SystemPackage

/// A TCP socket, which it owns: a listener, or one end of a connection.
///
/// The descriptor is closed when the last owner lets go of it. A reactor that waits for it is an owner, so that the number
/// cannot be given to another socket under a wait; hence there is no call that closes it: ``shutdown(_:)`` ends a connection
/// at once, and ends the waits.
///
/// Its own calls never wait, and may be made from any thread. ``Reactor`` has those that wait.
public final class Socket: Sendable, CustomStringConvertible {
    /// Where it listens, or what the listener that took the connection listens on; nil where the connection was made by
    /// this side.
    public let localAddress: SocketAddress?
    /// Where the other end of the connection is; nil of a listener.
    public let peerAddress: SocketAddress?

    /// What fault injectors know its calls by: `socket/LISTENER`, `socket/LISTENER/PEER` for a connection that was taken,
    /// `socket/to/PEER` for one that was made.
    let path: FilePath
    private let owned: SocketDescriptor

    /// Valid as long as the socket lives.
    var descriptor: Int32 { owned.number }

    /// How many sockets of this process are open at the moment.
    public static var openCount: Int { SocketDescriptor.openCount }

    init(_ descriptor: consuming SocketDescriptor, at localAddress: SocketAddress?, to peerAddress: SocketAddress?) {
        owned = descriptor
        self.localAddress = localAddress
        self.peerAddress = peerAddress
        path = Socket.path(localAddress, peerAddress)
    }

    static func path(_ localAddress: SocketAddress?, _ peerAddress: SocketAddress?) -> FilePath {
        let path = FilePath("socket").appending(localAddress?.description ?? "to")
        return peerAddress.map { path.appending($0.description) } ?? path
    }

    /// "the listener 127.0.0.1:9092", or "the connection with 127.0.0.1:50000".
    public var description: String {
        switch (peerAddress, localAddress) {
        case (let peer?, _): "the connection with \(peer)"
        case (nil, let local?): "the listener \(local)"
        case (nil, nil): "a socket"
        }
    }

    // MARK: Settings

    /// Something about a socket that can be set.
    public enum Option: Hashable, Sendable {
        /// Whether what was sent leaves at once, and does not wait for acknowledgements (TCP_NODELAY). Off by default.
        case noDelay(Bool)
        /// Whether only full packets leave (TCP_CORK): on before the first and off after the last part of what belongs
        /// together, such as a header and the range of a file. What is held back leaves after 200 ms in any case.
        case cork(Bool)
        /// Whether a peer that has been silent for hours is asked whether it is still there (SO_KEEPALIVE).
        case keepAlive(Bool)
        /// How many bytes the kernel may hold that were sent and not yet acknowledged (SO_SNDBUF); it doubles the number
        /// for its own needs, and no longer adapts it by itself. At least 1.
        case sendBuffer(Int)
        /// The same for what arrived and was not yet received (SO_RCVBUF).
        case receiveBuffer(Int)
    }

    /// Sets an option.
    /// - Parameter option: The option and its value.
    /// - Throws: `IOError` of setsockopt(2).
    public func set(_ option: Option) throws(IOError) {
        let (number, value) = option.raw
        try Syscalls.uninterrupted(.setsockopt, path, socketAttempt: "set \(option) of \(self)") {
            csys_socket_set(descriptor, number, value)
        }
    }

    // MARK: Addresses

    /// Asks for the socket's own address, which the kernel chose where this side made the connection.
    /// - Returns: The address.
    /// - Throws: `IOError` of getsockname(2).
    public func currentLocalAddress() throws(IOError) -> SocketAddress {
        try address(.getsockname) { unsafe csys_local_address(descriptor, &$0) }
    }

    /// Asks for the address of the connection's other end.
    /// - Returns: The address.
    /// - Throws: `IOError` of getpeername(2), such as ENOTCONN.
    public func currentPeerAddress() throws(IOError) -> SocketAddress {
        try address(.getpeername) { unsafe csys_peer_address(descriptor, &$0) }
    }

    private func address(
        _ call: SystemCall,
        _ ask: (inout csys_address) -> Int32
    ) throws(IOError) -> SocketAddress {
        var raw = csys_address()
        try Syscalls.uninterrupted(call, path, socketAttempt: "ask for the address of \(self)") { ask(&raw) }
        return SocketAddress(raw)
    }

    // MARK: The end

    /// The directions of a connection.
    public enum Directions: Hashable, Sendable {
        /// Nothing is received any more.
        case receiving
        /// Nothing is sent any more, which the peer receives as the end.
        case sending
        /// Both.
        case both
    }

    /// Ends a connection, or one direction of it, for all its owners; tasks that wait for it go on.
    /// - Parameter directions: What to end.
    /// - Throws: `IOError` of shutdown(2), such as ENOTCONN where the peer has reset the connection before.
    public func shutdown(_ directions: Directions) throws(IOError) {
        let raw =
            switch directions {
            case .receiving: CSYS_SHUTDOWN_RECEIVING
            case .sending: CSYS_SHUTDOWN_SENDING
            case .both: CSYS_SHUTDOWN_BOTH
            }
        try Syscalls.uninterrupted(.shutdown, path, socketAttempt: "shut down \(self)") {
            csys_socket_shutdown(descriptor, Int32(raw))
        }
    }
}

extension Socket.Option {
    fileprivate var raw: (Int32, Int32) {
        switch self {
        case .noDelay(let isOn): (Int32(CSYS_NO_DELAY), isOn ? 1 : 0)
        case .cork(let isOn): (Int32(CSYS_CORK), isOn ? 1 : 0)
        case .keepAlive(let isOn): (Int32(CSYS_KEEP_ALIVE), isOn ? 1 : 0)
        case .sendBuffer(let bytes): (Int32(CSYS_SEND_BUFFER), Int32(clamping: bytes))
        case .receiveBuffer(let bytes): (Int32(CSYS_RECEIVE_BUFFER), Int32(clamping: bytes))
        }
    }
}

extension Syscalls {
    /// As ``uninterrupted(_:_:to:at:bytes:attempt:_:)``, for a call that is not made on a file: the error has no path.
    @discardableResult
    @inline(__always)
    static func uninterrupted(
        _ call: SystemCall,
        _ path: FilePath,
        socketAttempt attempt: @autoclosure () -> String,
        _ body: () -> Int32
    ) throws(IOError) -> Int {
        do {
            return try uninterrupted(call, path, body)
        } catch {
            throw IOError(call: call, path: nil, errno: error, attempt: attempt())
        }
    }
}
