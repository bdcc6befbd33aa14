#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "network.h"
#include "socket.h"
#include "stream.h"
#include "wire.h"

enum { MOST_REQUEST_BYTES = 4096 };

typedef struct {
    int file;
    size_t file_bytes;
    size_t batch_bytes;
    size_t records;
} source;

typedef struct {
    int32_t correlation_id;
    const uint8_t *topic;
    size_t topic_bytes;
    int32_t partition;
    int64_t offset;
    size_t most_bytes;
} fetch;

// Reads a Fetch request of version 11 that is for one partition.
static fetch read_fetch(const uint8_t *request)
{
    fetch result = {.correlation_id = get_32(request + 4)};
    const uint8_t *body = request + 10 + get_16(request + 8);
    const uint8_t *topic = body + 4 * 4 + 1 + 2 * 4 + 4;  // behind replica, wait, bytes, isolation, session, count
    result.topic = topic;
    result.topic_bytes = 2 + (size_t)get_16(topic);
    const uint8_t *partition = topic + result.topic_bytes + 4;
    result.partition = get_32(partition);
    result.offset = get_64(partition + 8);
    result.most_bytes = (size_t)get_32(partition + 24);
    return result;
}

static size_t write_header(uint8_t *header, const fetch *request, const source *source, size_t bytes)
{
    int64_t end = (int64_t)(source->file_bytes / source->batch_bytes * source->records);
    uint8_t *next = put_32(header + 4, request->correlation_id);
    next = put_32(next, 0);  // throttled for so long
    next = put_16(next, 0);  // no error
    next = put_32(next, 0);  // no session
    next = put_32(next, 1);
    memcpy(next, request->topic, request->topic_bytes);
    next = put_32(next + request->topic_bytes, 1);
    next = put_32(next, request->partition);
    next = put_16(next, 0);    // no error
    next = put_64(next, end);  // high watermark
    next = put_64(next, end);  // last stable offset
    next = put_64(next, 0);    // log start offset
    next = put_32(next, -1);   // no aborted transactions
    next = put_32(next, -1);   // no other replica to read from
    next = put_32(next, (int32_t)bytes);
    size_t count = (size_t)(next - header);
    put_32(header, (int32_t)(count - 4 + bytes));
    return count;
}

// What is left of an answer.
typedef struct {
    int fd;
    off_t position;
    size_t left;
} sending;

// Reads a request that is there, and sends the header of its answer. A request comes in one piece, being small.
static int take(sending *to, const source *source)
{
    uint8_t request[MOST_REQUEST_BYTES];
    ssize_t received = recv(to->fd, request, sizeof request, 0);
    if (received < 0) return errno;
    if (received < 4 || (size_t)received != 4 + (size_t)get_32(request)) return EPROTO;
    fetch wanted = read_fetch(request + 4);
    size_t position = (size_t)wanted.offset / source->records * source->batch_bytes;
    if (position > source->file_bytes) return EINVAL;
    to->position = (off_t)position;
    to->left = source->file_bytes - position;
    if (to->left > wanted.most_bytes) to->left = wanted.most_bytes / source->batch_bytes * source->batch_bytes;
    uint8_t header[MOST_REQUEST_BYTES + 128];
    size_t count = write_header(header, &wanted, source, to->left);
    return send_all(to->fd, header, count, to->left ? MSG_MORE : 0);
}

// Sends what is left; EAGAIN where the socket takes no more.
static int send_left(sending *to, const source *source)
{
    while (to->left > 0) {
        ssize_t sent = sendfile(to->fd, source->file, &to->position, to->left);
        if (sent == 0) return EIO;
        if (sent > 0) to->left -= (size_t)sent;
        else if (errno != EINTR) return errno;
    }
    return 0;
}

// MARK: A thread for each connection

static int serve(void *context, int fd)
{
    const source *source = context;
    sending to = {.fd = fd};
    for (;;) {
        int failure = take(&to, source);
        if (failure == EINTR) continue;
        if (!failure) failure = send_left(&to, source);
        if (failure) return failure;
    }
}

// MARK: A loop for each processor

typedef struct {
    int epoll;
    const source *source;
} loop;

static void expect(const loop *loop, int operation, sending *to, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = to};
    epoll_ctl(loop->epoll, operation, to->fd, &event);
}

static void advance(const loop *loop, sending *to)
{
    int was_sending = to->left > 0;
    int failure = was_sending ? 0 : take(to, loop->source);
    if (failure == EAGAIN || failure == EINTR) return;
    if (!failure) failure = send_left(to, loop->source);
    if (failure == EAGAIN) {
        if (!was_sending) expect(loop, EPOLL_CTL_MOD, to, EPOLLOUT);
    } else if (failure) {
        close(to->fd);
        free(to);
    } else if (was_sending) {
        expect(loop, EPOLL_CTL_MOD, to, EPOLLIN);
    }
}

static void *run_loop(void *argument)
{
    const loop *loop = argument;
    struct epoll_event events[64];
    for (;;) {
        int count = epoll_wait(loop->epoll, events, 64, -1);
        for (int index = 0; index < count; index++) advance(loop, events[index].data.ptr);
    }
    return NULL;
}

static int serve_by_loops(int listener, const source *source, size_t count)
{
    loop *loops = calloc(count, sizeof *loops);
    if (!loops) return ENOMEM;
    for (size_t index = 0; index < count; index++) {
        loops[index] = (loop){.epoll = epoll_create1(EPOLL_CLOEXEC), .source = source};
        pthread_t thread;
        int failure = loops[index].epoll < 0 ? errno : pthread_create(&thread, NULL, run_loop, &loops[index]);
        if (failure) return failure;
    }
    for (size_t accepted = 0;; accepted++) {
        int fd = accept_at_once(listener, SOCK_NONBLOCK);
        sending *to = fd < 0 ? NULL : calloc(1, sizeof *to);
        if (!to) return fd < 0 ? -fd : ENOMEM;
        to->fd = fd;
        expect(&loops[accepted % count], EPOLL_CTL_ADD, to, EPOLLIN);
    }
}

int limit_serve_fetch(int listener, const char *path, size_t batch_bytes, size_t records, size_t loops)
{
    source source = {.file = open(path, O_RDONLY | O_CLOEXEC), .batch_bytes = batch_bytes, .records = records};
    struct stat status;
    if (source.file < 0 || fstat(source.file, &status) < 0) return errno;
    source.file_bytes = (size_t)status.st_size;
    return loops > 0 ? serve_by_loops(listener, &source, loops) : serve_each(listener, serve, &source);
}
