#pragma once

// An io_uring: requests go in by the batch, results come out by the batch.
//
// liburing's own header redefines parts of the system headers that Swift has already seen, so it stays inside ring.c
// and this one shows plain values. A ring belongs to one thread: the one that created it makes every call on it.
// Results are >= 0, or -errno.

#include <stdint.h>

typedef struct csys_ring csys_ring;

/// What a request asks for.
enum {
    CSYS_RING_READ = 1,     ///< `count` bytes at `position` of `fd` into `bytes`; `flags` as of csys_pread_flags
    CSYS_RING_WRITE,        ///< `count` bytes from `bytes` to `position` of `fd`
    CSYS_RING_FDATASYNC,    ///< makes data of `fd` durable
    CSYS_RING_RESERVE,      ///< as csys_reserve: `count` bytes from `position` of `fd`
    CSYS_RING_READ_STREAM,  ///< `count` bytes of a descriptor without positions, such as an eventfd
    CSYS_RING_POLL,         ///< waits until `fd` is ready for one of `flags` (CSYS_READY_IN, ...), which is the result
    CSYS_RING_CANCEL,       ///< cancels the request whose token is `position`
};

typedef struct csys_request {
    uint64_t token;  ///< comes back with the result; UINT64_MAX is liburing's own
    void *bytes;     ///< belongs to the kernel until the result is there
    uint64_t count;
    int64_t position;
    int32_t fd;
    int32_t kind;
    uint32_t flags;
} csys_request;

typedef struct csys_result {
    uint64_t token;
    int32_t result;  ///< bytes moved or 0, or -errno
    uint32_t flags;  ///< of the completion queue entry
} csys_result;

/// Creates a ring for `entries` requests at a time (rounded up to a power of two, at most 32768).
///
/// The newest way of running completions that the kernel has is used: on the ring's own thread when it asks for them
/// (Linux 6.1), else when it next enters the kernel (5.19), else by interrupting it. At most `disk_workers` kernel
/// threads serve requests that block (0: the kernel's default, which is 4 per core); the limit holds for all rings of
/// the thread. Fails with -ENOSYS where the kernel has no io_uring or lacks one of the requests above, with -EPERM
/// where a sysctl or a seccomp filter forbids it, with -ENOMEM beyond RLIMIT_MEMLOCK on old kernels.
int csys_ring_create(unsigned entries, unsigned disk_workers, csys_ring **ring);

/// Ends a ring. The kernel may still write to the memory of requests without a result: there must be none.
void csys_ring_destroy(csys_ring *ring);

/// How many requests fit between two calls of csys_ring_turn.
unsigned csys_ring_entries(const csys_ring *ring);

/// Takes over as many of `count` requests as there is room for, in order, and returns how many. They start with the
/// next csys_ring_turn. -EINVAL at a request of unknown kind.
int csys_ring_prepare(csys_ring *ring, const csys_request *requests, unsigned count);

/// Starts what was prepared, waits until at least one result is there or `timeout_ns` have passed (0: does not wait,
/// negative: without limit), and copies out up to `room` results, returning how many. Results that do not fit stay.
/// No result is no error; -EAGAIN, -EBUSY and -ENOMEM mean that the kernel could not take the requests just now, and
/// they stay prepared.
int csys_ring_turn(csys_ring *ring, int64_t timeout_ns, csys_result *results, unsigned room);
