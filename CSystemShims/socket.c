#include "csys_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

static int checked(int result) { return result < 0 ? -errno : result; }

static int64_t checked_count(ssize_t result) { return result < 0 ? -errno : (int64_t)result; }

// ---- Addresses ----

typedef union raw_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} raw_address;

/// Returns the size of what was filled in, or -EAFNOSUPPORT.
static int to_raw(const csys_address *from, raw_address *to) {
    memset(to, 0, sizeof *to);
    switch (from->family) {
    case CSYS_IPV4:
        to->v4.sin_family = AF_INET;
        to->v4.sin_port = htons(from->port);
        memcpy(&to->v4.sin_addr, &from->high, sizeof to->v4.sin_addr);
        return sizeof to->v4;
    case CSYS_IPV6:
        to->v6.sin6_family = AF_INET6;
        to->v6.sin6_port = htons(from->port);
        to->v6.sin6_scope_id = from->scope;
        memcpy(&to->v6.sin6_addr.s6_addr[0], &from->high, 8);
        memcpy(&to->v6.sin6_addr.s6_addr[8], &from->low, 8);
        return sizeof to->v6;
    default:
        return -EAFNOSUPPORT;
    }
}

static int from_raw(const raw_address *from, csys_address *to) {
    memset(to, 0, sizeof *to);
    switch (from->any.sa_family) {
    case AF_INET:
        to->family = CSYS_IPV4;
        to->port = ntohs(from->v4.sin_port);
        memcpy(&to->high, &from->v4.sin_addr, sizeof from->v4.sin_addr);
        return 0;
    case AF_INET6:
        to->family = CSYS_IPV6;
        to->port = ntohs(from->v6.sin6_port);
        to->scope = from->v6.sin6_scope_id;
        memcpy(&to->high, &from->v6.sin6_addr.s6_addr[0], 8);
        memcpy(&to->low, &from->v6.sin6_addr.s6_addr[8], 8);
        return 0;
    default:
        return -EAFNOSUPPORT;
    }
}

int csys_address_text(const csys_address *address, char text[CSYS_ADDRESS_TEXT_BYTES]) {
    raw_address raw;
    const int size = to_raw(address, &raw);
    if (size < 0) return size;
    const int is_v4 = address->family == CSYS_IPV4;
    const void *bytes = is_v4 ? (const void *)&raw.v4.sin_addr : (const void *)&raw.v6.sin6_addr;
    if (inet_ntop(raw.any.sa_family, bytes, text, CSYS_ADDRESS_TEXT_BYTES) == NULL) return -errno;
    if (address->scope == 0) return 0;
    const size_t length = strlen(text);  // at most INET6_ADDRSTRLEN, 46
    snprintf(text + length, CSYS_ADDRESS_TEXT_BYTES - length, "%%%u", address->scope);
    return 0;
}

/// What went wrong in getaddrinfo(3), as errno has it.
static int resolver_errno(int code) {
    switch (code) {
    case EAI_SYSTEM: return errno;
    case EAI_AGAIN: return EAGAIN;
    case EAI_MEMORY: return ENOMEM;
    case EAI_NONAME:
#ifdef EAI_NODATA
    case EAI_NODATA:
#endif
#ifdef EAI_ADDRFAMILY
    case EAI_ADDRFAMILY:
#endif
        return ENXIO;
    default: return EIO;
    }
}

int csys_resolve(const char *host, uint16_t port, csys_address *addresses, unsigned room) {
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_protocol = IPPROTO_TCP};
    struct addrinfo *found = NULL;
    const int code = getaddrinfo(host, NULL, &hints, &found);
    if (code != 0) return -resolver_errno(code);
    unsigned count = 0;
    for (const struct addrinfo *each = found; each != NULL && count < room; each = each->ai_next) {
        raw_address raw;
        if (each->ai_addrlen > sizeof raw) continue;
        memcpy(&raw, each->ai_addr, each->ai_addrlen);
        if (from_raw(&raw, &addresses[count]) < 0) continue;
        addresses[count++].port = port;
    }
    freeaddrinfo(found);
    return (int)count;
}

// ---- Sockets ----

int csys_socket(uint16_t family) {
    const int domain = family == CSYS_IPV4 ? AF_INET : AF_INET6;
    return checked(socket(domain, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP));
}

int csys_socket_set(int fd, int option, int value) {
    static const struct {
        int level, name;
    } options[] = {
        [CSYS_REUSE_ADDRESS] = {SOL_SOCKET, SO_REUSEADDR}, [CSYS_IPV6_ONLY] = {IPPROTO_IPV6, IPV6_V6ONLY},
        [CSYS_NO_DELAY] = {IPPROTO_TCP, TCP_NODELAY},      [CSYS_CORK] = {IPPROTO_TCP, TCP_CORK},
        [CSYS_KEEP_ALIVE] = {SOL_SOCKET, SO_KEEPALIVE},    [CSYS_SEND_BUFFER] = {SOL_SOCKET, SO_SNDBUF},
        [CSYS_RECEIVE_BUFFER] = {SOL_SOCKET, SO_RCVBUF},
    };
    if (option < CSYS_REUSE_ADDRESS || option > CSYS_RECEIVE_BUFFER) return -EINVAL;
    return checked(setsockopt(fd, options[option].level, options[option].name, &value, sizeof value));
}

int csys_bind(int fd, const csys_address *address) {
    raw_address raw;
    const int size = to_raw(address, &raw);
    return size < 0 ? size : checked(bind(fd, &raw.any, (socklen_t)size));
}

int csys_listen(int fd, int backlog) { return checked(listen(fd, backlog)); }

int csys_accept(int fd, csys_address *peer) {
    raw_address raw;
    memset(&raw, 0, sizeof raw);
    socklen_t size = sizeof raw;
    const int connection = accept4(fd, &raw.any, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (connection < 0) return -errno;
    (void)from_raw(&raw, peer);  // a listener made here has no peers of other families
    return connection;
}

int csys_connect(int fd, const csys_address *address) {
    raw_address raw;
    const int size = to_raw(address, &raw);
    return size < 0 ? size : checked(connect(fd, &raw.any, (socklen_t)size));
}

int csys_local_address(int fd, csys_address *address) {
    raw_address raw;
    memset(&raw, 0, sizeof raw);
    socklen_t size = sizeof raw;
    return getsockname(fd, &raw.any, &size) < 0 ? -errno : from_raw(&raw, address);
}

int csys_peer_address(int fd, csys_address *address) {
    raw_address raw;
    memset(&raw, 0, sizeof raw);
    socklen_t size = sizeof raw;
    return getpeername(fd, &raw.any, &size) < 0 ? -errno : from_raw(&raw, address);
}

int csys_socket_shutdown(int fd, int directions) {
    switch (directions) {
    case CSYS_SHUTDOWN_RECEIVING: return checked(shutdown(fd, SHUT_RD));
    case CSYS_SHUTDOWN_SENDING: return checked(shutdown(fd, SHUT_WR));
    case CSYS_SHUTDOWN_BOTH: return checked(shutdown(fd, SHUT_RDWR));
    default: return -EINVAL;
    }
}

// ---- Transfers ----

static int send_flags(int more) { return MSG_NOSIGNAL | (more ? MSG_MORE : 0); }

int64_t csys_recv(int fd, void *bytes, size_t count) { return checked_count(recv(fd, bytes, count, 0)); }

int64_t csys_send(int fd, const void *bytes, size_t count, int more) {
    return checked_count(send(fd, bytes, count, send_flags(more)));
}

int64_t csys_send_pieces(int fd, const csys_piece *pieces, unsigned count, int more) {
    if (count > CSYS_MOST_PIECES) return -EINVAL;
    struct iovec vector[CSYS_MOST_PIECES];
    for (unsigned i = 0; i < count; i++)
        vector[i] = (struct iovec){.iov_base = (void *)(uintptr_t)pieces[i].bytes, .iov_len = pieces[i].count};
    const struct msghdr message = {.msg_iov = vector, .msg_iovlen = count};
    return checked_count(sendmsg(fd, &message, send_flags(more)));
}

int64_t csys_sendfile(int fd, int file, int64_t position, size_t count) {
    off_t offset = position;
    return checked_count(sendfile(fd, file, &offset, count));
}
