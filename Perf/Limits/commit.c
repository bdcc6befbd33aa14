#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "batch.h"
#include "clock.h"
#include "limits.h"
#include "team.h"

static int check_batches(limit_batches batches)
{
    for (size_t batch = 0; batch < batches.batch_count; batch++) {
        if (!has_sound_crc(batches.bytes + batch * batches.batch_bytes, batches.batch_bytes)) return EBADMSG;
    }
    return 0;
}

typedef struct {
    int fd;
    limit_batches batches;
    size_t appends;
    pthread_mutex_t mutex;
    pthread_cond_t synced;
    off_t written;
    off_t durable;
    int is_syncing;
} group;

// With the mutex held: waits until everything below `end` is on disk.
static int wait_until_durable(group *group, off_t end)
{
    while (group->durable < end) {
        if (group->is_syncing) {
            pthread_cond_wait(&group->synced, &group->mutex);
            continue;
        }
        group->is_syncing = 1;
        off_t covered = group->written;
        pthread_mutex_unlock(&group->mutex);
        int result = fdatasync(group->fd);
        int failure = errno;
        pthread_mutex_lock(&group->mutex);
        group->is_syncing = 0;
        if (result == 0) group->durable = covered;
        pthread_cond_broadcast(&group->synced);
        if (result != 0) return failure;
    }
    return 0;
}

static int write_in_group(void *context, size_t writer)
{
    (void)writer;
    group *group = context;
    size_t bytes = group->batches.batch_bytes * group->batches.batch_count;
    for (size_t append = 0; append < group->appends; append++) {
        int failure = check_batches(group->batches);
        if (failure) return failure;
        pthread_mutex_lock(&group->mutex);
        if (pwrite(group->fd, group->batches.bytes, bytes, group->written) != (ssize_t)bytes) {
            failure = errno;
        } else {
            group->written += (off_t)bytes;
            failure = wait_until_durable(group, group->written);
        }
        pthread_mutex_unlock(&group->mutex);
        if (failure) return failure;
    }
    return 0;
}

double limit_group_commit(const char *path, limit_batches batches, size_t writers, size_t appends)
{
    group group = {
        .fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644),
        .batches = batches,
        .appends = appends,
        .mutex = PTHREAD_MUTEX_INITIALIZER,
        .synced = PTHREAD_COND_INITIALIZER,
    };
    if (group.fd < 0) return -errno;
    // As a log does: a file in long extents is synced sooner.
    off_t total = (off_t)(batches.batch_bytes * batches.batch_count * writers * appends);
    double seconds = fallocate(group.fd, FALLOC_FL_KEEP_SIZE, 0, total) == 0 && fsync(group.fd) == 0
                         ? team_run(writers, write_in_group, &group)
                         : -errno;
    unlink(path);
    close(group.fd);
    return seconds;
}

typedef struct {
    int *fds;
    off_t *ends;
    size_t files;
    size_t writers;
    limit_batches batches;
    size_t appends;
} scattered;

static int write_scattered(void *context, size_t writer)
{
    scattered *scattered = context;
    size_t bytes = scattered->batches.batch_bytes * scattered->batches.batch_count;
    for (size_t append = 0; append < scattered->appends; append++) {
        int failure = check_batches(scattered->batches);
        if (failure) return failure;
        // A file of its own for each writer at any time, since there are more files than writers.
        size_t file = (append * scattered->writers + writer) % scattered->files;
        off_t at = __atomic_fetch_add(&scattered->ends[file], (off_t)bytes, __ATOMIC_RELAXED);
        if (pwrite(scattered->fds[file], scattered->batches.bytes, bytes, at) != (ssize_t)bytes) return errno;
        if (fdatasync(scattered->fds[file]) != 0) return errno;
    }
    return 0;
}

static double run_scattered(scattered *scattered, const char *directory)
{
    char path[4096];
    size_t opened = 0;
    double seconds = 0;
    for (; opened < scattered->files; opened++) {
        // Each in a directory of its own, as partitions are: a file system puts directories far apart, and files of one
        // directory near each other, where their inodes share blocks.
        snprintf(path, sizeof path, "%s/%zu", directory, opened);
        if (mkdir(path, 0755) != 0) {
            seconds = -errno;
            break;
        }
        snprintf(path, sizeof path, "%s/%zu/log", directory, opened);
        scattered->fds[opened] = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (scattered->fds[opened] < 0 || fsync(scattered->fds[opened]) != 0) {
            seconds = -errno;
            break;
        }
    }
    if (seconds == 0) seconds = team_run(scattered->writers, write_scattered, scattered);
    for (size_t file = 0; file < opened; file++) {
        snprintf(path, sizeof path, "%s/%zu/log", directory, file);
        unlink(path);
        close(scattered->fds[file]);
        snprintf(path, sizeof path, "%s/%zu", directory, file);
        rmdir(path);
    }
    return seconds;
}

double limit_scattered_commit(const char *directory, size_t files, limit_batches batches, size_t writers,
                              size_t appends)
{
    scattered scattered = {
        .fds = calloc(files, sizeof(int)),
        .ends = calloc(files, sizeof(off_t)),
        .files = files,
        .writers = writers,
        .batches = batches,
        .appends = appends,
    };
    double seconds = scattered.fds && scattered.ends ? run_scattered(&scattered, directory) : -ENOMEM;
    free(scattered.fds);
    free(scattered.ends);
    return seconds;
}
