#include "csys_event.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

_Static_assert(CSYS_READY_IN == EPOLLIN && CSYS_READY_IN == POLLIN, "the number is the kernel's");
_Static_assert(CSYS_READY_OUT == EPOLLOUT && CSYS_READY_OUT == POLLOUT, "the number is the kernel's");
_Static_assert(CSYS_READY_ERROR == EPOLLERR && CSYS_READY_ERROR == POLLERR, "the number is the kernel's");
_Static_assert(CSYS_READY_HANG_UP == EPOLLHUP && CSYS_READY_HANG_UP == POLLHUP, "the number is the kernel's");

static int checked(int result) { return result < 0 ? -errno : result; }

int csys_eventfd_create(void) { return checked(eventfd(0, EFD_CLOEXEC)); }

int csys_eventfd_signal(int fd) {
    const uint64_t one = 1;
    return write(fd, &one, sizeof one) < 0 ? -errno : 0;
}

int csys_eventfd_clear(int fd) {
    uint64_t count;
    return read(fd, &count, sizeof count) < 0 ? -errno : 0;
}

int csys_epoll_create(void) { return checked(epoll_create1(EPOLL_CLOEXEC)); }

static int control(int epoll, int operation, int fd, uint32_t events, uint64_t token) {
    struct epoll_event event = {.events = events, .data.u64 = token};
    return checked(epoll_ctl(epoll, operation, fd, &event));
}

int csys_epoll_add(int epoll, int fd, uint32_t events, uint64_t token) {
    return control(epoll, EPOLL_CTL_ADD, fd, events, token);
}

int csys_epoll_add_once(int epoll, int fd, uint32_t events, uint64_t token) {
    return control(epoll, EPOLL_CTL_ADD, fd, events | EPOLLONESHOT, token);
}

int csys_epoll_again_once(int epoll, int fd, uint32_t events, uint64_t token) {
    return control(epoll, EPOLL_CTL_MOD, fd, events | EPOLLONESHOT, token);
}

int csys_epoll_remove(int epoll, int fd) { return control(epoll, EPOLL_CTL_DEL, fd, 0, 0); }

/// The same wait in whole milliseconds, rounded up: a wait must not end before its time.
static int milliseconds(int64_t timeout_ns) {
    if (timeout_ns < 0) return -1;
    const int64_t ms = timeout_ns / 1000000 + (timeout_ns % 1000000 != 0);
    return ms > INT_MAX ? INT_MAX : (int)ms;
}

int csys_epoll_wait(int epoll, int64_t timeout_ns, csys_ready *ready, unsigned room) {
    struct epoll_event events[64];  // packed on some machines, hence copied
    const int most = room < 64 ? (int)room : 64;
    const struct timespec timeout = {.tv_sec = timeout_ns / 1000000000, .tv_nsec = timeout_ns % 1000000000};
    int count = epoll_pwait2(epoll, events, most, timeout_ns < 0 ? NULL : &timeout, NULL);
    if (count < 0 && (errno == ENOSYS || errno == EPERM))  // before Linux 5.11, or a filter older than that
        count = epoll_wait(epoll, events, most, milliseconds(timeout_ns));
    if (count < 0) return -errno;
    for (int i = 0; i < count; i++) ready[i] = (csys_ready){.token = events[i].data.u64, .events = events[i].events};
    return count;
}
