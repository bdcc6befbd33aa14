#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "clock.h"
#include "network.h"
#include "socket.h"
#include "stream.h"
#include "team.h"
#include "wire.h"

// Waits until a moment of `seconds_now`.
static void wait_until(double moment)
{
    struct timespec until = {.tv_sec = (time_t)moment};
    until.tv_nsec = (long)((moment - (double)until.tv_sec) * 1e9);
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {
    }
}

// Receives an answer of a known size but for the bytes behind the error code, which are thrown away.
static int receive_answer(int fd, size_t bytes, size_t error_at)
{
    uint8_t start[512];
    if (error_at + 2 > sizeof start) return EMSGSIZE;
    int failure = receive_all(fd, start, error_at + 2);
    if (failure) return failure;
    if (get_16(start + error_at) != 0) return EPROTO;
    if (4 + (size_t)get_32(start) != bytes) return EMSGSIZE;
    return skip_all(fd, bytes - error_at - 2);
}

typedef struct {
    wire_requests requests;
    const int *connections;
    size_t count;
    size_t window;
    double interval;
} exchange;

static int run_exchange(void *context, size_t member)
{
    const exchange *all = context;
    int fd = all->connections[member];
    // Connections begin in different places, so that they do not all ask for the same.
    size_t next = member * all->requests.request_count / 8 % all->requests.request_count;
    prctl(PR_SET_TIMERSLACK, 1);
    double start = seconds_now();
    size_t sent = 0;
    for (size_t answered = 0; answered < all->count; answered++) {
        for (; sent < all->count && sent < answered + all->window; sent++) {
            if (all->interval > 0) wait_until(start + (double)sent * all->interval);
            const uint8_t *request = all->requests.bytes + next * all->requests.request_bytes;
            int failure = send_all(fd, request, all->requests.request_bytes, 0);
            if (failure) return failure;
            next = (next + 1) % all->requests.request_count;
        }
        int failure = receive_answer(fd, all->requests.answer_bytes, all->requests.error_at);
        if (failure) return failure;
    }
    return 0;
}

double wire_exchange(uint16_t port, wire_requests requests, size_t connections, size_t count, size_t window,
                     double interval)
{
    int *descriptors = calloc(connections, sizeof *descriptors);
    if (!descriptors) return -ENOMEM;
    size_t open = 0;
    int failure = 0;
    for (; open < connections; open++) {
        int fd = connect_loopback(port);
        if (fd < 0) {
            failure = -fd;
            break;
        }
        descriptors[open] = fd;
    }
    exchange exchange = {requests, descriptors, count, window, interval};
    double seconds = failure ? -failure : team_run(connections, run_exchange, &exchange);
    for (size_t index = 0; index < open; index++) close(descriptors[index]);
    free(descriptors);
    return seconds;
}

typedef struct {
    const wire_tail *tail;
    int producer, consumer;
    uint8_t *fetch;
    size_t count;
    double start, interval;
    double *produced, *consumed;
} follow;

static int produce_steadily(const follow *all)
{
    const wire_tail *tail = all->tail;
    for (size_t index = 0; index < all->count; index++) {
        double due = all->start + (double)index * all->interval;
        wait_until(due);
        int failure = send_all(all->producer, tail->produce, tail->produce_bytes, 0);
        if (!failure) failure = receive_answer(all->producer, tail->produce_answer_bytes, tail->produce_error_at);
        if (failure) {
            shutdown(all->consumer, SHUT_RDWR);
            return failure;
        }
        all->produced[index] = seconds_now() - due;
    }
    return 0;
}

static int consume_all(const follow *all)
{
    const wire_tail *tail = all->tail;
    for (size_t index = 0; index < all->count;) {
        put_64(all->fetch + tail->fetch_offset_at, (int64_t)(index * tail->records));
        int failure = send_all(all->consumer, all->fetch, tail->fetch_bytes, 0);
        uint8_t start[512];
        if (tail->fetch_answer_bytes > sizeof start) failure = EMSGSIZE;
        if (!failure) failure = receive_all(all->consumer, start, tail->fetch_answer_bytes);
        if (failure) return failure;
        if (get_16(start + tail->fetch_error_at) != 0) return EPROTO;
        size_t records = 4 + (size_t)get_32(start) - tail->fetch_answer_bytes;
        failure = skip_all(all->consumer, records);
        if (failure) return failure;
        double now = seconds_now();
        for (size_t batch = 0; batch < records / tail->batch_bytes && index < all->count; batch++, index++) {
            all->consumed[index] = now - (all->start + (double)index * all->interval);
        }
    }
    return 0;
}

static int run_follow(void *context, size_t member)
{
    const follow *all = context;
    prctl(PR_SET_TIMERSLACK, 1);
    return member == 0 ? produce_steadily(all) : consume_all(all);
}

double wire_follow(uint16_t port, wire_tail tail, size_t count, double interval, double *produced, double *consumed)
{
    int producer = connect_loopback(port);
    if (producer < 0) return producer;
    int consumer = connect_loopback(port);
    if (consumer < 0) {
        close(producer);
        return consumer;
    }
    uint8_t *fetch = malloc(tail.fetch_bytes);
    double seconds = -ENOMEM;
    if (fetch) {
        memcpy(fetch, tail.fetch, tail.fetch_bytes);
        follow follow = {
            .tail = &tail,
            .producer = producer,
            .consumer = consumer,
            .fetch = fetch,
            .count = count,
            // Late enough for both threads to be there.
            .start = seconds_now() + 0.01,
            .interval = interval,
            .produced = produced,
            .consumed = consumed,
        };
        seconds = team_run(2, run_follow, &follow);
        free(fetch);
    }
    close(producer);
    close(consumer);
    return seconds;
}

double wire_open_idle(uint16_t port, size_t count, const uint8_t *answered, size_t answered_bytes,
                      const uint8_t *waiting, size_t waiting_bytes, int *descriptors)
{
    double start = seconds_now();
    for (size_t index = 0; index < count; index++) {
        int fd = connect_loopback(port);
        if (fd < 0) return fd;
        descriptors[index] = fd;
        uint8_t length[4];
        int failure = send_all(fd, answered, answered_bytes, 0);
        if (!failure) failure = receive_all(fd, length, sizeof length);
        if (!failure) failure = skip_all(fd, (size_t)get_32(length));
        if (!failure) failure = send_all(fd, waiting, waiting_bytes, 0);
        if (failure) return -failure;
    }
    return seconds_now() - start;
}
