#pragma once

// TCP sockets, IPv4 and IPv6: one system call each, whose result, or -errno, is returned. csys_resolve is the exception.
// All sockets made here are non-blocking, and not inherited by other programs. Nothing is retried.

#include <stddef.h>
#include <stdint.h>

/// An address and a port.
typedef struct csys_address {
    uint64_t high;    ///< the first 8 bytes of the address as the network has it; of IPv4 the first 4 hold all of it
    uint64_t low;     ///< the other 8; 0 of IPv4
    uint32_t scope;   ///< the interface of a link-local IPv6 address, else 0
    uint16_t port;
    uint16_t family;  ///< one of those below
} csys_address;

enum {
    CSYS_IPV4 = 4,
    CSYS_IPV6 = 6,
    CSYS_ADDRESS_TEXT_BYTES = 64,  ///< what any address needs as text, with the NUL
};

/// The address without its port as text, as inet_ntop(3) has it, with "%INTERFACE" (a number) where there is a scope.
int csys_address_text(const csys_address *address, char text[CSYS_ADDRESS_TEXT_BYTES]);

/// Looks up a name, or takes a literal, and fills in up to `room` addresses with `port`; returns how many: getaddrinfo(3).
/// Waits for name servers. -ENXIO: there is no such name; -EAGAIN: the servers did not answer; -EIO: they failed.
int csys_resolve(const char *host, uint16_t port, csys_address *addresses, unsigned room);

// ---- Sockets ----

int csys_socket(uint16_t family);

/// What csys_socket_set sets; each is 0 or 1 where nothing else is said.
enum {
    CSYS_REUSE_ADDRESS = 1,  ///< SO_REUSEADDR
    CSYS_IPV6_ONLY,          ///< IPV6_V6ONLY
    CSYS_NO_DELAY,           ///< TCP_NODELAY
    CSYS_CORK,               ///< TCP_CORK
    CSYS_KEEP_ALIVE,         ///< SO_KEEPALIVE
    CSYS_SEND_BUFFER,        ///< SO_SNDBUF, bytes
    CSYS_RECEIVE_BUFFER,     ///< SO_RCVBUF, bytes
};
int csys_socket_set(int fd, int option, int value);

int csys_bind(int fd, const csys_address *address);
int csys_listen(int fd, int backlog);
/// Returns the connection's descriptor, and fills in where it comes from.
int csys_accept(int fd, csys_address *peer);
int csys_connect(int fd, const csys_address *address);
int csys_local_address(int fd, csys_address *address);
int csys_peer_address(int fd, csys_address *address);

/// Ends one direction of a connection, or both: shutdown(2).
enum {
    CSYS_SHUTDOWN_RECEIVING = 1,
    CSYS_SHUTDOWN_SENDING = 2,
    CSYS_SHUTDOWN_BOTH = 3,
};
int csys_socket_shutdown(int fd, int directions);

// ---- Transfers; bytes moved, or -errno. None waits for the peer, and none but csys_sendfile raises SIGPIPE. ----

int64_t csys_recv(int fd, void *bytes, size_t count);
/// `more`: whether the kernel is to keep an incomplete packet for what follows (MSG_MORE).
int64_t csys_send(int fd, const void *bytes, size_t count, int more);

typedef struct csys_piece {
    const void *bytes;
    size_t count;
} csys_piece;
enum { CSYS_MOST_PIECES = 64 };
/// Sends the pieces one behind the other: sendmsg(2). -EINVAL for more than CSYS_MOST_PIECES.
int64_t csys_send_pieces(int fd, const csys_piece *pieces, unsigned count, int more);

/// Sends a range of a file from the page cache; waits for the disk where it is not there. 0: the file ends before.
/// Raises SIGPIPE where the connection was ended, which the calling thread has to block: sendfile(2) has no flags.
int64_t csys_sendfile(int fd, int file, int64_t position, size_t count);
