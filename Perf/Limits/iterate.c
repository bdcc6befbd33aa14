#include <errno.h>
#include <stdlib.h>
#include <zstd.h>

#include "batch.h"
#include "clock.h"
#include "limits.h"

// Reads every field of every record, and returns how many records there are; -1 where one goes past its batch.
static int64_t walk_records(const uint8_t *batch, size_t bytes, int64_t *sum)
{
    const uint8_t *next = batch + BATCH_HEADER_BYTES, *end = batch + bytes;
    int64_t base = get_64(batch), base_timestamp = get_64(batch + BATCH_BASE_TIMESTAMP);
    int32_t count = get_32(batch + BATCH_RECORD_COUNT);
    for (int32_t record = 0; record < count; record++) {
        if (next >= end) return -1;
        int64_t length = read_varint(&next);
        const uint8_t *record_end = next + length;
        if (length < 0 || record_end > end) return -1;
        next++;  // attributes
        int64_t timestamp = base_timestamp + read_varint(&next);
        int64_t offset = base + read_varint(&next);
        int64_t key = read_varint(&next);
        if (key > 0) next += key;
        int64_t value = read_varint(&next);
        if (value > 0) next += value;
        int64_t headers = read_varint(&next);
        if (next != record_end || headers != 0) return -1;
        *sum += timestamp ^ offset ^ value;
    }
    return next == end ? count : -1;
}

double limit_iterate(limit_batches batches, size_t *records)
{
    int64_t sum = 0;
    *records = 0;
    double start = seconds_now();
    for (size_t number = 0; number < batches.batch_count; number++) {
        const uint8_t *batch = batches.bytes + number * batches.batch_bytes;
        if (!has_sound_crc(batch, batches.batch_bytes)) return -EBADMSG;
        int64_t count = walk_records(batch, batches.batch_bytes, &sum);
        if (count < 0) return -EBADMSG;
        *records += (size_t)count;
    }
    double seconds = seconds_now() - start;
    // So that the compiler cannot leave out what the sum is made of.
    volatile int64_t kept = sum;
    (void)kept;
    return seconds;
}

double limit_inflate(const uint8_t *frames, const size_t *sizes, size_t count, size_t output_capacity)
{
    ZSTD_DCtx *context = ZSTD_createDCtx();
    void *output = malloc(output_capacity);
    double seconds = context && output ? 0 : -ENOMEM;
    double start = seconds_now();
    for (size_t frame = 0; frame < count && seconds == 0; frames += sizes[frame++]) {
        size_t result = ZSTD_decompressDCtx(context, output, output_capacity, frames, sizes[frame]);
        if (ZSTD_isError(result)) seconds = -EBADMSG;
    }
    if (seconds == 0) seconds = seconds_now() - start;
    free(output);
    ZSTD_freeDCtx(context);
    return seconds;
}
