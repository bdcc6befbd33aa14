#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "batch.h"
#include "network.h"
#include "socket.h"
#include "stream.h"
#include "wire.h"

typedef struct {
    int file;
    pthread_mutex_t appending;
    size_t end;
    pthread_mutex_t syncing;
    // How many bytes are on the disk; changed by whoever holds `syncing`.
    _Atomic size_t synced;
} sink;

typedef struct {
    int32_t correlation_id;
    int16_t acks;
    const uint8_t *topic;
    size_t topic_bytes;
    int32_t partition;
    const uint8_t *batch;
    size_t batch_bytes;
} produce;

// Reads a Produce request of version 7 that is for one partition.
static produce read_produce(const uint8_t *request)
{
    produce result = {.correlation_id = get_32(request + 4)};
    const uint8_t *body = request + 10 + get_16(request + 8);
    int16_t transaction = get_16(body);
    body += 2 + (transaction > 0 ? transaction : 0);
    result.acks = get_16(body);
    result.topic = body + 2 + 4 + 4;  // behind acks, timeout, count
    result.topic_bytes = 2 + (size_t)get_16(result.topic);
    const uint8_t *partition = result.topic + result.topic_bytes + 4;
    result.partition = get_32(partition);
    result.batch_bytes = (size_t)get_32(partition + 4);
    result.batch = partition + 8;
    return result;
}

static int append(sink *sink, const produce *request, size_t *end)
{
    if (!has_sound_crc(request->batch, request->batch_bytes)) return EBADMSG;
    pthread_mutex_lock(&sink->appending);
    ssize_t written = pwrite(sink->file, request->batch, request->batch_bytes, (off_t)sink->end);
    int failure = written == (ssize_t)request->batch_bytes ? 0 : written < 0 ? errno : EIO;
    if (!failure) sink->end += request->batch_bytes;
    *end = sink->end;
    pthread_mutex_unlock(&sink->appending);
    return failure;
}

static int synchronize(sink *sink, size_t end)
{
    int failure = 0;
    pthread_mutex_lock(&sink->syncing);
    if (atomic_load(&sink->synced) < end) {
        pthread_mutex_lock(&sink->appending);
        size_t covered = sink->end;
        pthread_mutex_unlock(&sink->appending);
        failure = fdatasync(sink->file) < 0 ? errno : 0;
        if (!failure) atomic_store(&sink->synced, covered);
    }
    pthread_mutex_unlock(&sink->syncing);
    return failure;
}

static int answer(int fd, const produce *request)
{
    uint8_t bytes[4096];
    if (request->topic_bytes > sizeof bytes / 2) return EMSGSIZE;
    uint8_t *next = put_32(bytes + 4, request->correlation_id);
    next = put_32(next, 1);
    memcpy(next, request->topic, request->topic_bytes);
    next = put_32(next + request->topic_bytes, 1);
    next = put_32(next, request->partition);
    next = put_16(next, 0);   // no error
    next = put_64(next, 0);   // base offset
    next = put_64(next, -1);  // log append time
    next = put_64(next, 0);   // log start offset
    next = put_32(next, 0);   // throttled for so long
    put_32(bytes, (int32_t)(next - bytes - 4));
    return send_all(fd, bytes, (size_t)(next - bytes), 0);
}

static int serve(void *context, int fd)
{
    sink *sink = context;
    size_t capacity = 2 << 20;
    uint8_t *request = malloc(capacity);
    int failure = request ? 0 : ENOMEM;
    while (!failure) {
        uint8_t length[4];
        failure = receive_all(fd, length, sizeof length);
        if (failure) break;
        size_t bytes = (size_t)get_32(length);
        failure = bytes > capacity ? EMSGSIZE : receive_all(fd, request, bytes);
        if (failure) break;
        produce wanted = read_produce(request);
        size_t end = 0;
        failure = append(sink, &wanted, &end);
        if (!failure && wanted.acks == -1) failure = synchronize(sink, end);
        if (!failure) failure = answer(fd, &wanted);
    }
    free(request);
    return failure;
}

int limit_serve_produce(int listener, const char *path)
{
    sink sink = {
        .file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644),
        .appending = PTHREAD_MUTEX_INITIALIZER,
        .syncing = PTHREAD_MUTEX_INITIALIZER,
    };
    if (sink.file < 0) return errno;
    return serve_each(listener, serve, &sink);
}
