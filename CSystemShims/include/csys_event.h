#pragma once

// What a thread waits on where it has no io_uring: epoll(7), and an eventfd(2) by which other threads wake it.
// Results are >= 0, or -errno.

#include <stdint.h>

/// Creates an eventfd with count 0 that waits in read(2) while the count is 0. Not inherited by other programs.
int csys_eventfd_create(void);
/// Adds 1 to the count: whoever waits for it wakes up.
int csys_eventfd_signal(int fd);
/// Sets the count to 0; waits while it is 0.
int csys_eventfd_clear(int fd);

/// What a descriptor is ready for. The numbers are those of epoll(7) and of poll(2).
enum {
    CSYS_READY_IN = 0x1,        ///< EPOLLIN: a read does not wait
    CSYS_READY_OUT = 0x4,       ///< EPOLLOUT: a write does not wait
    CSYS_READY_ERROR = 0x8,     ///< EPOLLERR: the next call tells an error; reported unasked
    CSYS_READY_HANG_UP = 0x10,  ///< EPOLLHUP: both directions have ended; reported unasked
};

typedef struct csys_ready {
    uint64_t token;
    uint32_t events;
} csys_ready;

int csys_epoll_create(void);
/// Watches `fd`, level-triggered.
int csys_epoll_add(int epoll, int fd, uint32_t events, uint64_t token);
/// Watches `fd` until it is ready once, or is closed (EPOLLONESHOT). -EEXIST where it was watched before, and not removed.
int csys_epoll_add_once(int epoll, int fd, uint32_t events, uint64_t token);
/// The same for one that was watched before, whether or not it was ready meanwhile; else -ENOENT.
int csys_epoll_again_once(int epoll, int fd, uint32_t events, uint64_t token);
/// Watches `fd` no more.
int csys_epoll_remove(int epoll, int fd);
/// Waits until something is ready or `timeout_ns` have passed (0: does not wait, negative: without limit) and returns
/// how many entries of `ready` were filled, at most 64 of `room`.
int csys_epoll_wait(int epoll, int64_t timeout_ns, csys_ready *ready, unsigned room);
