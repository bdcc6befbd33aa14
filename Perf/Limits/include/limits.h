/// The work of a log engine with nothing around it: what these functions take is what the system and the processor take.
///
/// Each returns the seconds of its timed part, or -errno. Files are made before that part and removed after it.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// Batches that stand one behind the other in memory, all of the same size.
typedef struct {
    const uint8_t *bytes;
    size_t batch_bytes;
    size_t batch_count;
} limit_batches;

/// Page-cache append: for each call the CRC-32C of each batch, and one pwrite of them all, to a new file at `path`.
double limit_append(const char *path, limit_batches batches, size_t calls);

/// Durable append by a group committer: `writers` threads append to one new file at `path`, each `appends` times: the CRC
/// of all batches, a pwrite under a mutex, and then a wait until an fdatasync that began later has ended. Whoever finds no
/// fdatasync under way does one, for all who wait.
double limit_group_commit(const char *path, limit_batches batches, size_t writers, size_t appends);

/// Durable append to many files: `writers` threads take turns at `files` new files, each in a new directory in `directory`,
/// each `appends` times: CRC, pwrite, fdatasync.
double limit_scattered_commit(const char *directory, size_t files, limit_batches batches, size_t writers,
                              size_t appends);

/// Iteration: the CRC of each batch, and all fields of each record. Sets how many records there were.
double limit_iterate(limit_batches batches, size_t *records);

/// Decompression alone of `count` zstd frames of `sizes` bytes each, one behind the other at `frames`.
double limit_inflate(const uint8_t *frames, const size_t *sizes, size_t count, size_t output_capacity);

/// The files of one segment, mapped and open.
typedef struct limit_segment limit_segment;

/// Opens the three files of the segments of a partition, which begin at these offsets; NULL if that fails.
limit_segment *limit_segments_open(const char *directory, const int64_t *base_offsets, size_t count);
void limit_segments_close(limit_segment *segments, size_t count);

/// Lookup by offset: bisection of a mapped index, a pread of the header.
double limit_find_offsets(const limit_segment *segments, size_t count, const int64_t *offsets, size_t lookups);

/// Lookup by timestamp: bisection of both mapped indexes, a pread of the header, a pread of the batch, its CRC, and a walk
/// of its records.
double limit_find_timestamps(const limit_segment *segments, size_t count, const int64_t *timestamps, size_t lookups);

/// Opening what was closed cleanly: `threads` threads list each of the `count` directories `directory/name-<n>`, ask
/// for the size of its log and read its two small files.
double limit_open_clean(const char *directory, const char *name, size_t count, size_t threads);

/// Recovery: `threads` threads open each of `count` new files in `directory`, each with `bytes` that are not on disk yet,
/// read these, take their CRC, and fdatasync.
double limit_recover(const char *directory, size_t count, size_t bytes, size_t threads);
