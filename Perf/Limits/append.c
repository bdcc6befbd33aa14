#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "batch.h"
#include "clock.h"
#include "limits.h"

static int append_all(int fd, limit_batches batches, size_t calls)
{
    size_t bytes = batches.batch_bytes * batches.batch_count;
    for (size_t call = 0; call < calls; call++) {
        for (size_t batch = 0; batch < batches.batch_count; batch++) {
            if (!has_sound_crc(batches.bytes + batch * batches.batch_bytes, batches.batch_bytes)) return EBADMSG;
        }
        if (pwrite(fd, batches.bytes, bytes, (off_t)(call * bytes)) != (ssize_t)bytes) return errno;
    }
    return 0;
}

double limit_append(const char *path, limit_batches batches, size_t calls)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0) return -errno;
    double start = seconds_now();
    int failure = append_all(fd, batches, calls);
    double seconds = seconds_now() - start;
    unlink(path);
    close(fd);
    return failure ? -failure : seconds;
}
