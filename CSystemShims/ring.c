#include "csys_ring.h"

#include <errno.h>
#include <liburing.h>
#include <stdlib.h>

#include "csys_file.h"

struct csys_ring {
    struct io_uring ring;
};

/// Ways of running completions, best first.
static const unsigned setups[] = {
    IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_SUBMIT_ALL,  // 6.1
    IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_SUBMIT_ALL,  // Linux 5.19
    0,
};

/// What csys_ring_prepare and csys_ring_turn rely on.
static const int opcodes[] = {
    IORING_OP_READ,      IORING_OP_WRITE,    IORING_OP_FSYNC,
    IORING_OP_FALLOCATE, IORING_OP_POLL_ADD, IORING_OP_ASYNC_CANCEL,
};
static const unsigned features = IORING_FEAT_EXT_ARG  // a wait with a timeout needs no request of its own
                                 | IORING_FEAT_NODROP;  // results are kept when the completion queue is full

static int supported(struct io_uring *ring) {
    if ((ring->features & features) != features) return 0;
    struct io_uring_probe *probe = io_uring_get_probe_ring(ring);
    if (probe == NULL) return 0;
    int all = 1;
    for (size_t i = 0; i < sizeof opcodes / sizeof *opcodes; i++)
        all = all && io_uring_opcode_supported(probe, opcodes[i]);
    io_uring_free_probe(probe);
    return all;
}

int csys_ring_create(unsigned entries, unsigned disk_workers, csys_ring **out) {
    csys_ring *self = calloc(1, sizeof *self);
    if (self == NULL) return -ENOMEM;
    int result = -EINVAL;
    for (size_t i = 0; i < sizeof setups / sizeof *setups && result == -EINVAL; i++) {
        struct io_uring_params params = {.flags = setups[i] | IORING_SETUP_CLAMP};
        result = io_uring_queue_init_params(entries, &self->ring, &params);
    }
    if (result < 0) {
        free(self);
        return result;
    }
    // A filter may allow the call that creates a ring and forbid the one that uses it.
    result = supported(&self->ring) ? io_uring_submit_and_get_events(&self->ring) : -ENOSYS;
    if (result < 0) {
        csys_ring_destroy(self);
        return result;
    }
    // Both of these only make things faster, so a kernel that cannot do them is no reason to fail.
    unsigned workers[2] = {disk_workers, 0};  // bounded (files), unbounded (sockets); 0 leaves the limit as it is
    if (disk_workers > 0) (void)io_uring_register_iowq_max_workers(&self->ring, workers);
    (void)io_uring_register_ring_fd(&self->ring);
    *out = self;
    return 0;
}

void csys_ring_destroy(csys_ring *self) {
    io_uring_queue_exit(&self->ring);
    free(self);
}

unsigned csys_ring_entries(const csys_ring *self) { return *self->ring.sq.kring_entries; }

static int prepare(struct io_uring_sqe *sqe, const csys_request *request) {
    const unsigned count = (unsigned)request->count;  // of the kinds that transfer; bounded by the caller to 2 GiB
    switch (request->kind) {
    case CSYS_RING_READ:
        io_uring_prep_read(sqe, request->fd, request->bytes, count, (__u64)request->position);
        sqe->rw_flags = (__kernel_rwf_t)request->flags;
        return 0;
    case CSYS_RING_WRITE:
        io_uring_prep_write(sqe, request->fd, request->bytes, count, (__u64)request->position);
        return 0;
    case CSYS_RING_FDATASYNC:
        io_uring_prep_fsync(sqe, request->fd, IORING_FSYNC_DATASYNC);
        return 0;
    case CSYS_RING_RESERVE:
        // 1 is FALLOC_FL_KEEP_SIZE; <linux/falloc.h> and <fcntl.h> each have it under conditions of their own.
        io_uring_prep_fallocate(sqe, request->fd, 1, request->position, (off_t)request->count);
        return 0;
    case CSYS_RING_READ_STREAM:
        io_uring_prep_read(sqe, request->fd, request->bytes, count, 0);
        return 0;
    case CSYS_RING_POLL:
        io_uring_prep_poll_add(sqe, request->fd, request->flags);
        return 0;
    case CSYS_RING_CANCEL:
        io_uring_prep_cancel64(sqe, (__u64)request->position, 0);
        return 0;
    default:
        return -EINVAL;
    }
}

int csys_ring_prepare(csys_ring *self, const csys_request *requests, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        struct io_uring_sqe *sqe = io_uring_get_sqe(&self->ring);
        if (sqe == NULL) return (int)i;
        if (prepare(sqe, &requests[i]) < 0) {
            // The entry is taken and cannot be given back: it becomes one that does nothing.
            io_uring_prep_nop(sqe);
            io_uring_sqe_set_data64(sqe, LIBURING_UDATA_TIMEOUT);
            return -EINVAL;
        }
        io_uring_sqe_set_data64(sqe, requests[i].token);
    }
    return (int)count;
}

/// Whether a call would neither start anything nor bring results that cannot be seen without it.
static int nothing_to_enter_for(struct io_uring *ring) {
    if (!(ring->flags & IORING_SETUP_TASKRUN_FLAG) || io_uring_sq_ready(ring) > 0) return 0;
    const unsigned flags = IO_URING_READ_ONCE(*ring->sq.kflags);
    return !(flags & (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW));
}

static int enter(struct io_uring *ring, int64_t timeout_ns) {
    if (timeout_ns == 0 && nothing_to_enter_for(ring)) return 0;
    if (timeout_ns == 0) return io_uring_submit_and_get_events(ring);
    if (timeout_ns < 0) return io_uring_submit_and_wait(ring, 1);
    struct __kernel_timespec timeout = {.tv_sec = timeout_ns / 1000000000, .tv_nsec = timeout_ns % 1000000000};
    struct io_uring_cqe *first;
    return io_uring_submit_and_wait_timeout(ring, &first, 1, &timeout, NULL);
}

int csys_ring_turn(csys_ring *self, int64_t timeout_ns, csys_result *results, unsigned room) {
    const int entered = enter(&self->ring, timeout_ns);
    unsigned head, seen = 0, copied = 0;
    struct io_uring_cqe *cqe;
    io_uring_for_each_cqe(&self->ring, head, cqe) {
        if (copied == room) break;
        seen++;
        if (cqe->user_data == LIBURING_UDATA_TIMEOUT) continue;
        results[copied++] = (csys_result){.token = cqe->user_data, .result = cqe->res, .flags = cqe->flags};
    }
    io_uring_cq_advance(&self->ring, seen);
    if (copied > 0 || entered >= 0 || entered == -EINTR || entered == -ETIME) return (int)copied;
    return entered;
}
