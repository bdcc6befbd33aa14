#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "batch.h"
#include "clock.h"
#include "limits.h"

typedef struct {
    const uint8_t *bytes;
    size_t count;
} mapped_index;

struct limit_segment {
    int64_t base_offset;
    int log;
    mapped_index offsets;
    mapped_index times;
};

enum { OFFSET_ENTRY_BYTES = 8, TIME_ENTRY_BYTES = 12, LARGEST_BATCH_BYTES = 1 << 20 };

static int map_index(const char *path, size_t entry_bytes, mapped_index *index)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    struct stat status;
    void *bytes = MAP_FAILED;
    if (fstat(fd, &status) == 0) bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (bytes == MAP_FAILED) return -1;
    *index = (mapped_index){bytes, (size_t)status.st_size / entry_bytes};
    return 0;
}

limit_segment *limit_segments_open(const char *directory, const int64_t *base_offsets, size_t count)
{
    limit_segment *segments = calloc(count, sizeof *segments);
    char path[4096];
    for (size_t number = 0; segments && number < count; number++) {
        limit_segment *segment = &segments[number];
        segment->base_offset = base_offsets[number];
        snprintf(path, sizeof path, "%s/%020lld.log", directory, (long long)base_offsets[number]);
        segment->log = open(path, O_RDONLY | O_CLOEXEC);
        snprintf(path, sizeof path, "%s/%020lld.index", directory, (long long)base_offsets[number]);
        int failed = segment->log < 0 || map_index(path, OFFSET_ENTRY_BYTES, &segment->offsets) != 0;
        snprintf(path, sizeof path, "%s/%020lld.timeindex", directory, (long long)base_offsets[number]);
        if (failed || map_index(path, TIME_ENTRY_BYTES, &segment->times) != 0) {
            limit_segments_close(segments, number + 1);
            return NULL;
        }
    }
    return segments;
}

void limit_segments_close(limit_segment *segments, size_t count)
{
    for (size_t number = 0; number < count; number++) {
        limit_segment *segment = &segments[number];
        if (segment->log >= 0) close(segment->log);
        if (segment->offsets.bytes) munmap((void *)(uintptr_t)segment->offsets.bytes, segment->offsets.count * 8);
        if (segment->times.bytes) munmap((void *)(uintptr_t)segment->times.bytes, segment->times.count * 12);
    }
    free(segments);
}

static int64_t offset_key(const uint8_t *entry) { return get_32(entry); }
static int64_t time_key(const uint8_t *entry) { return get_64(entry); }

// The last entry whose key is not above `target`; NULL if there is none.
static inline const uint8_t *floor_entry(mapped_index index, size_t entry_bytes, int64_t target,
                                         int64_t (*key)(const uint8_t *))
{
    size_t low = 0, high = index.count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (key(index.bytes + middle * entry_bytes) > target) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low ? index.bytes + (low - 1) * entry_bytes : NULL;
}

static off_t position_of(const limit_segment *segment, int64_t relative_offset)
{
    const uint8_t *entry = floor_entry(segment->offsets, OFFSET_ENTRY_BYTES, relative_offset, offset_key);
    return entry ? get_32(entry + 4) : 0;
}

static const limit_segment *segment_of(const limit_segment *segments, size_t count, int64_t offset)
{
    size_t number = count - 1;
    while (number > 0 && segments[number].base_offset > offset) {
        number--;
    }
    return &segments[number];
}

// Reads headers from `position` on until a batch's last offset is `offset` or more; its position, or -1.
static off_t find_batch(const limit_segment *segment, off_t position, int64_t offset, uint8_t *header)
{
    for (;;) {
        if (pread(segment->log, header, BATCH_HEADER_BYTES, position) != BATCH_HEADER_BYTES) return -1;
        if (get_64(header) + get_32(header + 23) >= offset) return position;
        position += (off_t)batch_bytes(header);
    }
}

double limit_find_offsets(const limit_segment *segments, size_t count, const int64_t *offsets, size_t lookups)
{
    uint8_t header[BATCH_HEADER_BYTES];
    double start = seconds_now();
    for (size_t lookup = 0; lookup < lookups; lookup++) {
        const limit_segment *segment = segment_of(segments, count, offsets[lookup]);
        off_t position = position_of(segment, offsets[lookup] - segment->base_offset);
        if (find_batch(segment, position, offsets[lookup], header) < 0) return -EBADMSG;
    }
    return seconds_now() - start;
}

// Whether the batch in `bytes` has a record of this timestamp or a later one.
static int has_record(const uint8_t *bytes, size_t count, int64_t timestamp)
{
    if (!has_sound_crc(bytes, count)) return 0;
    const uint8_t *next = bytes + BATCH_HEADER_BYTES;
    while (next < bytes + count) {
        int64_t length = read_varint(&next);
        const uint8_t *record = next + 1;
        if (get_64(bytes + BATCH_BASE_TIMESTAMP) + read_varint(&record) >= timestamp) return 1;
        next += length;
    }
    return 0;
}

static int find_timestamp(const limit_segment *segments, size_t count, int64_t timestamp, uint8_t *batch)
{
    for (const limit_segment *segment = segments; segment < segments + count; segment++) {
        const uint8_t *last = segment->times.bytes + (segment->times.count - 1) * TIME_ENTRY_BYTES;
        if (time_key(last) < timestamp) continue;
        const uint8_t *time = floor_entry(segment->times, TIME_ENTRY_BYTES, timestamp, time_key);
        off_t position = time ? position_of(segment, get_32(time + 8)) : 0;
        for (;;) {
            if (pread(segment->log, batch, BATCH_HEADER_BYTES, position) != BATCH_HEADER_BYTES) return 0;
            size_t bytes = batch_bytes(batch);
            if (get_64(batch + 35) >= timestamp) {
                if (bytes > LARGEST_BATCH_BYTES) return 0;
                if (pread(segment->log, batch, bytes, position) != (ssize_t)bytes) return 0;
                return has_record(batch, bytes, timestamp);
            }
            position += (off_t)bytes;
        }
    }
    return 0;
}

double limit_find_timestamps(const limit_segment *segments, size_t count, const int64_t *timestamps, size_t lookups)
{
    uint8_t *batch = malloc(LARGEST_BATCH_BYTES);
    if (!batch) return -ENOMEM;
    int found = 1;
    double start = seconds_now();
    for (size_t lookup = 0; lookup < lookups && found; lookup++) {
        found = find_timestamp(segments, count, timestamps[lookup], batch);
    }
    double seconds = seconds_now() - start;
    free(batch);
    return found ? seconds : -EBADMSG;
}
