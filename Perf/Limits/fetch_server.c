#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
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

static int answer(int fd, const fetch *request, const source *source)
{
    size_t position = (size_t)request->offset / source->records * source->batch_bytes;
    if (position > source->file_bytes) return EINVAL;
    size_t left = source->file_bytes - position;
    if (left > request->most_bytes) left = request->most_bytes / source->batch_bytes * source->batch_bytes;
    uint8_t header[MOST_REQUEST_BYTES + 128];
    size_t count = write_header(header, request, source, left);
    int failure = send_all(fd, header, count, left ? MSG_MORE : 0);
    off_t next = (off_t)position;
    while (!failure && left > 0) {
        ssize_t sent = sendfile(fd, source->file, &next, left);
        if (sent == 0) return EIO;
        if (sent > 0) left -= (size_t)sent;
        else if (errno != EINTR) failure = errno;
    }
    return failure;
}

static int serve(void *context, int fd)
{
    const source *source = context;
    uint8_t request[MOST_REQUEST_BYTES];
    for (;;) {
        ssize_t received = recv(fd, request, sizeof request, 0);
        if (received < 0 && errno == EINTR) continue;
        if (received < 4) return EPROTO;
        size_t bytes = 4 + (size_t)get_32(request);
        if (bytes > sizeof request || (size_t)received > bytes) return EMSGSIZE;
        int failure = receive_all(fd, request + received, bytes - (size_t)received);
        if (failure) return failure;
        fetch wanted = read_fetch(request + 4);
        failure = answer(fd, &wanted, source);
        if (failure) return failure;
    }
}

int limit_serve_fetch(int listener, const char *path, size_t batch_bytes, size_t records)
{
    source source = {.file = open(path, O_RDONLY | O_CLOEXEC), .batch_bytes = batch_bytes, .records = records};
    struct stat status;
    if (source.file < 0 || fstat(source.file, &status) < 0) return errno;
    source.file_bytes = (size_t)status.st_size;
    return serve_each(listener, serve, &source);
}
