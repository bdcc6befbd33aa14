#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "batch.h"
#include "clock.h"
#include "limits.h"
#include "team.h"

typedef struct {
    const char *directory;
    const char *name;
    size_t count;
    size_t bytes;
    size_t next;
} shared_work;

static int take(shared_work *work, size_t *number)
{
    *number = __atomic_fetch_add(&work->next, 1, __ATOMIC_RELAXED);
    return *number < work->count;
}

static int read_small_file(int directory, const char *name)
{
    char contents[4096];
    int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return errno == ENOENT ? 0 : errno;
    ssize_t count = pread(fd, contents, sizeof contents, 0);
    close(fd);
    return count < 0 ? errno : 0;
}

// Lists a partition's directory and asks for the sizes of its logs.
static int look_into(DIR *stream)
{
    struct stat status;
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(stream);
        if (!entry) return errno;
        if (strstr(entry->d_name, ".log") && fstatat(dirfd(stream), entry->d_name, &status, 0) != 0) return errno;
    }
}

static int open_directories(void *context, size_t member)
{
    (void)member;
    shared_work *work = context;
    char path[4096];
    for (size_t number; take(work, &number);) {
        snprintf(path, sizeof path, "%s/%s-%zu", work->directory, work->name, number);
        DIR *stream = opendir(path);
        if (!stream) return errno;
        int failure = look_into(stream);
        if (!failure) failure = read_small_file(dirfd(stream), "partition.metadata");
        if (!failure) failure = read_small_file(dirfd(stream), "leader-epoch-checkpoint");
        closedir(stream);
        if (failure) return failure;
    }
    return 0;
}

double limit_open_clean(const char *directory, const char *name, size_t count, size_t threads)
{
    shared_work work = {.directory = directory, .name = name, .count = count};
    return team_run(threads, open_directories, &work);
}

static void tail_path(char path[4096], const shared_work *work, size_t number)
{
    snprintf(path, 4096, "%s/%zu", work->directory, number);
}

static int recover_files(void *context, size_t member)
{
    (void)member;
    shared_work *work = context;
    uint8_t *bytes = malloc(work->bytes);
    if (!bytes) return ENOMEM;
    int failure = 0;
    uint32_t sum = 0;
    char path[4096];
    for (size_t number; !failure && take(work, &number);) {
        tail_path(path, work, number);
        int fd = open(path, O_RDWR | O_CLOEXEC);
        if (fd < 0 || pread(fd, bytes, work->bytes, 0) != (ssize_t)work->bytes) {
            failure = errno;
        } else {
            sum += csys_crc32c(0, bytes, work->bytes);
            if (fdatasync(fd) != 0) failure = errno;
        }
        if (fd >= 0) close(fd);
    }
    free(bytes);
    // So that the compiler cannot leave out the checksums.
    volatile uint32_t kept = sum;
    (void)kept;
    return failure;
}

static int write_tail(const char *path, const uint8_t *bytes, size_t count)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) return errno;
    int failure = pwrite(fd, bytes, count, 0) == (ssize_t)count ? 0 : errno;
    close(fd);
    return failure;
}

double limit_recover(const char *directory, size_t count, size_t bytes, size_t threads)
{
    shared_work work = {.directory = directory, .count = count, .bytes = bytes};
    uint8_t *contents = calloc(1, bytes);
    int failure = contents ? 0 : ENOMEM;
    char path[4096];
    for (size_t number = 0; number < count && !failure; number++) {
        tail_path(path, &work, number);
        failure = write_tail(path, contents, bytes);
    }
    free(contents);
    double seconds = failure ? -failure : team_run(threads, recover_files, &work);
    for (size_t number = 0; number < count; number++) {
        tail_path(path, &work, number);
        unlink(path);
    }
    return seconds;
}
