internal import CSystemShims
internal import Glibc
internal import SystemPackage

extension Socket {
    /// Begins to take connections.
    ///
    /// A port can be listened on again as soon as nobody does, though connections of before still linger (SO_REUSEADDR).
    /// A listener on an IPv6 address takes IPv6 connections only: for both, listen on both.
    /// - Parameters:
    ///   - address: Where to listen; "0.0.0.0" and "::" mean all addresses of the machine, port 0 one that is free.
    ///   - backlog: How many connections may wait to be taken; the kernel bounds it (net.core.somaxconn).
    /// - Returns: The listener, whose ``localAddress`` has the port that was chosen.
    /// - Throws: `IOError` of socket(2), setsockopt(2), bind(2), listen(2) or getsockname(2): EADDRINUSE, EADDRNOTAVAIL,
    ///   EACCES for ports below 1024, EMFILE, EAFNOSUPPORT where the machine has no IPv6.
    public static func listen(on address: SocketAddress, backlog: Int = 4096) throws(IOError) -> Socket {
        let path = path(address, nil)
        func make(_ call: SystemCall, _ body: () -> Int32) throws(IOError) -> Int {
            try Syscalls.uninterrupted(call, path, socketAttempt: "listen on \(address)", body)
        }
        var raw = address.raw
        let descriptor = SocketDescriptor(try make(.socket) { csys_socket(address.rawFamily) })
        let number = descriptor.number
        _ = try make(.setsockopt) { csys_socket_set(number, Int32(CSYS_REUSE_ADDRESS), 1) }
        if address.family == .ipv6 { _ = try make(.setsockopt) { csys_socket_set(number, Int32(CSYS_IPV6_ONLY), 1) } }
        _ = try make(.bind) { unsafe csys_bind(number, &raw) }
        _ = try make(.listen) { csys_listen(number, Int32(clamping: backlog)) }
        _ = try make(.getsockname) { unsafe csys_local_address(number, &raw) }
        return Socket(descriptor, at: SocketAddress(raw), to: nil)
    }

    /// Takes a connection if one is there.
    ///
    /// A connection that was over before it was taken counts as none: accept(2), "Error handling".
    /// - Returns: The connection, or nil.
    /// - Throws: `IOError` of accept4(2). See ``Reactor/accept(_:deadline:)`` for EMFILE and the like.
    public func acceptIfAny() throws(IOError) -> Socket? {
        var raw = csys_address()
        do {
            let number = try Syscalls.uninterrupted(.accept4, path) { unsafe csys_accept(descriptor, &raw) }
            return Socket(SocketDescriptor(number), at: localAddress, to: SocketAddress(raw))
        } catch {
            if error.meansNoConnection { return nil }
            throw IOError(call: .accept4, path: nil, errno: error, attempt: "take a connection at \(self)")
        }
    }

    /// A socket that is to be connected.
    static func toConnect(to address: SocketAddress) throws(IOError) -> Socket {
        let number = try Syscalls.uninterrupted(.socket, path(nil, address), socketAttempt: "connect to \(address)") {
            csys_socket(address.rawFamily)
        }
        return Socket(SocketDescriptor(number), at: nil, to: address)
    }

    /// Begins or goes on to connect; nil while that is under way.
    func connectIfPossible(to address: SocketAddress) throws(IOError) -> Void? {
        var raw = address.raw
        let result = Syscalls.once(.connect, path) { _ in unsafe Int(csys_connect(descriptor, &raw)) }
        if result == 0 { return () }
        switch Errno(result: result) {
        case .socketIsConnected: return ()
        // After a signal the kernel goes on connecting: connect(2). EALREADY: it still does.
        case .nowInProgress, .alreadyInProcess, .interrupted: return nil
        case let errno: throw IOError(call: .connect, path: nil, errno: errno, attempt: "connect to \(address)")
        }
    }
}

extension Errno {
    /// Whether accept(2) says by this that there is no connection, or no longer: Linux passes on errors of the connection
    /// that it has taken off the queue.
    fileprivate var meansNoConnection: Bool {
        switch self {
        case .resourceTemporarilyUnavailable, .connectionAbort, .networkDown, .protocolError, .protocolNotAvailable,
            .hostIsDown, .noRouteToHost, .notSupported, .networkUnreachable, .connectionReset, .timedOut,
            Errno(rawValue: ENONET):
            true
        default: false
        }
    }
}
