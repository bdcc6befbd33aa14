/// The network's side of a measurement, in C: clients that do no more than count, and servers that do no more than has to be
/// done for a request.
///
/// What they speak is Kafka's protocol in versions without tagged fields: Fetch 11, Produce 7. All is over loopback. What
/// returns a double returns the seconds of its timed part, or -errno; EPROTO where an answer tells of an error.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// Requests of one size, one behind the other in memory, each with its length in front. They are sent in turn.
typedef struct {
    const uint8_t *bytes;
    size_t request_bytes;
    size_t request_count;
    /// The size of each answer, its length included; what is shorter or longer is an error.
    size_t answer_bytes;
    /// Where in an answer the error code of the partition is, counted from its length on.
    size_t error_at;
} wire_requests;

/// Sends `count` requests on each of so many connections, with at most `window` of them unanswered on each, and throws what
/// comes back away without copying it.
///
/// Where `interval` is not 0, requests are sent so many seconds apart, or as soon as the connection has come to them.
double wire_exchange(uint16_t port, wire_requests requests, size_t connections, size_t count, size_t window,
                     double interval);

/// A producer and a consumer of one partition.
typedef struct {
    /// A Produce request, whose batch is `batch_bytes` long and has `records` records.
    const uint8_t *produce;
    size_t produce_bytes;
    size_t produce_answer_bytes;
    size_t produce_error_at;
    size_t batch_bytes;
    size_t records;
    /// A Fetch request that waits for more.
    const uint8_t *fetch;
    size_t fetch_bytes;
    /// Where in it the offset is.
    size_t fetch_offset_at;
    /// How long an answer is that has no records.
    size_t fetch_answer_bytes;
    size_t fetch_error_at;
} wire_tail;

/// Produces `count` times, `interval` seconds apart, while another connection fetches from the end on.
///
/// Sets, in seconds, when each produce was answered and when its batch had come to the consumer; both since the moment in
/// which it was due.
double wire_follow(uint16_t port, wire_tail tail, size_t count, double interval, double *produced, double *consumed);

/// Opens `count` connections, sends on each a request that is answered, waits for the answer, and sends one that is not.
///
/// Sets their descriptors. What was opened is left open, also when it fails.
double wire_open_idle(uint16_t port, size_t count, const uint8_t *answered, size_t answered_bytes,
                      const uint8_t *waiting, size_t waiting_bytes, int *descriptors);

/// Sends a request and receives its answer, without the length; returns how long it is, or -errno.
int64_t wire_ask(uint16_t port, const uint8_t *request, size_t request_bytes, uint8_t *answer, size_t capacity);

/// Listens on a free port of 127.0.0.1; returns the descriptor or -errno.
int wire_listen(uint16_t *port);

/// The congestion control of new connections.
int wire_congestion_control(char *name, size_t capacity);

/// Answers Fetch requests from one file for ever: a header, and a sendfile.
///
/// By so many loops of epoll, whose sockets do not block; by a thread for each connection, whose sockets do, if that is 0.
/// The file has batches of `batch_bytes` with `records` records each.
int limit_serve_fetch(int listener, const char *path, size_t batch_bytes, size_t records, size_t loops);

/// Takes Produce requests for ever, a thread for each connection: receives them, takes the CRC of the batch, appends it to a
/// new file at `path` by pwrite, and answers.
///
/// Requests that want all acknowledgements are answered after an fdatasync; while one is under way others wait for the next
/// one together.
int limit_serve_produce(int listener, const char *path);
