// What both sides of a connection need: whole transfers on blocking sockets. Each returns 0 or an errno.
#pragma once

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

static inline int send_all(int fd, const uint8_t *bytes, size_t count, int flags)
{
    while (count > 0) {
        ssize_t sent = send(fd, bytes, count, flags | MSG_NOSIGNAL);
        if (sent < 0) {
            if (errno == EINTR) continue;
            return errno;
        }
        bytes += sent;
        count -= (size_t)sent;
    }
    return 0;
}

static inline int receive_more(int fd, uint8_t *bytes, size_t count, int flags)
{
    while (count > 0) {
        ssize_t received = recv(fd, bytes, count, MSG_WAITALL | flags);
        if (received < 0) {
            if (errno == EINTR) continue;
            return errno;
        }
        if (received == 0) return ECONNRESET;
        if (bytes) bytes += received;
        count -= (size_t)received;
    }
    return 0;
}

static inline int receive_all(int fd, uint8_t *bytes, size_t count) { return receive_more(fd, bytes, count, 0); }

// Receives without copying, which TCP can.
static inline int skip_all(int fd, size_t count) { return receive_more(fd, NULL, count, MSG_TRUNC); }
